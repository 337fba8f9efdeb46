# floats: double
# JSON beyond what upstream's tests try: what is refused, escapes, streams, deep nesting.
import io
import json
import ujson

print(ujson is json)

for text in ("[1 2]", "[1,]", "[,1]", "[1}", '{"a":1]', "{1:2}", '{"a" 1}', '{"a":}', '{"a"}', '{"a":1,}', "1 2", "nul", "truex",
             "-", "1e", "--1", "+1", "1-2", "]", ":1", '"\\u12g4"', "'a'", "[1]]", "", " ", '"\\', '{"a', "[true false]", "\x00"):
    try:
        print(text, json.loads(text))
    except ValueError as e:
        print(repr(text), e)

for text in ("1E5", "-0", "-0.0", "1.", "01", "123456789012345678901234567890", '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ud83d\\ud83d\\ude00x"',
             '"\\udc00"', '"\\/\\q"', '"é\\u00e9"', ' {"a" : [ ] , "b":{ }}\n', '{"a":1,"a":2}', '"a\nb"'):
    print(text, "->", repr(json.loads(text)))
try:
    json.loads(b'"\xff"')
except UnicodeError:
    print("UnicodeError")
print(json.loads(memoryview(b"[1]x")[:3]))

# A key that the program knows is the program's own string.
key = list(json.loads('{"separators": 1}'))[0]
print(key is "separators")

# More values may follow on a stream.
s = io.StringIO('[1, {"a": "\\u00e9\\ud83d\\ude00"}] "x" 12 true')
print(json.load(s), s.tell(), json.load(s), s.tell(), json.load(s), s.tell(), json.load(s))
try:
    json.load(s)
except ValueError as e:
    print(e)


class Waiting(io.IOBase):
    def readinto(self, buf):
        return None


class Bad(io.IOBase):
    def readinto(self, buf):
        return -5


for stream in (Waiting(), Bad(), 5):
    try:
        json.load(stream)
    except OSError as e:
        print("OSError", e.errno)

# Reading nests as deep as memory allows, writing as deep as the stack.
deep = json.loads("[" * 400 + "]" * 400)
n = 0
while deep:
    deep = deep[0]
    n += 1
print(n)
loop = []
loop.append({"a": (loop,)})
try:
    json.dumps(loop)
except RuntimeError as e:
    print(e)

for value in (float("1e300"), -0.0, {1.5: (1,)}, {None: True}, {(1, 2): 3}, {b"a": b"b"}, "a\x1f\x08\x0c\x7f\u2028\"\\/", 10**30, {1: {}}):
    print(json.dumps(value))


class S(str):
    pass


class D(dict):
    pass


class L(list):
    pass


class R:
    def __repr__(self):
        return "R!"


print(json.dumps([S('q"'), D(a=1), L([1]), R()]), json.dumps({R(): 1}))
print(json.dumps([1, {"a": 2}], separators=("", b" : ")))
for wrong in (("a",), ("a", "b", "c"), "ab", (1, 2)):
    try:
        json.dumps(1, separators=wrong)
    except (TypeError, ValueError) as e:
        print(type(e).__name__)
s = io.BytesIO()
json.dump(list(range(200)), s, separators=(",", ":"))
print(len(s.getvalue()), json.loads(s.getvalue()) == list(range(200)))


class Full(io.IOBase):
    def write(self, buf):
        return -28


try:
    json.dump("x" * 1000, Full())
except OSError as e:
    print(e.errno)
