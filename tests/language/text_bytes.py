# bytes and bytearray: making them, encodings, changing them in place.
print(bytes(), bytes(3), bytes([1, 2, 255]), bytes(range(3)), bytes("é", "utf-8"), bytes(bytearray(b"x")))
print(bytearray(), bytearray(2), bytearray(b"ab"), bytearray("é", "utf-8"), bytearray(i for i in (1, 2)))
print(b"abc"[1], b"abc"[-1:], b"abcdef"[::2], b"abcdef"[::-2], bytearray(b"abcdef")[4:1:-1])
print(b"a" + bytearray(b"b"), bytearray(b"a") + b"b", b"ab" * 2, 2 * bytearray(b"ab"), b"a" in b"ba", 98 in b"ba")
print(b"a" == bytearray(b"a"), b"a" < bytearray(b"b"), b"a" == "a", bytearray(b"") == b"", hash(b"ab") == hash(b"ab"))
print(b"a,b".split(b","), bytearray(b"a b").split(), b"-".join([b"x", bytearray(b"y")]), b"abc".replace(b"b", b""))
print(b"abcabc".find(b"c", 3), b"abc".find(98), bytearray(b"abc").rindex(b"c"), b"a\0b".partition(b"\0"))
print(b"aBc".upper(), bytearray(b" x ").strip(), b"7".zfill(3), b"abc".translate(bytes.maketrans(b"ab", b"xy"), b"c"))
print(b"\x00\n'\"\xff", bytearray(b"\\\t\x7f"), str(b"q"), repr("\x00\n'\"\x7fé"))
print(b"\xde\xad\xbe\xef".hex(), b"\xde\xad\xbe\xef".hex("-", 3), bytes.fromhex(" de ad\n"), bytearray.fromhex("00ff"))

print(b"caf\xc3\xa9".decode(), str(b"caf\xc3\xa9", "utf8"), b"abc".decode("ASCII"), "é".encode("UTF-8"))
for errors in ("strict", "ignore", "replace"):
    for data in (b"a\xffb", b"\xe4\xb8", b"\xf0\x9f\x98\x80\xed\xa0\x80", b"\xc0\xaf"):
        try:
            print(errors, repr(data.decode("utf-8", errors)), end=" ")
        except UnicodeError:
            print(errors, "UnicodeError", end=" ")
    try:
        print("né".encode("ascii", errors))
    except UnicodeError:
        print("UnicodeError")

b = bytearray(b"0123456789")
b[2:4] = b"abcdef"
print(b)
b[::3] = b"----"[: len(b[::3])] if len(b[::3]) < 5 else b"-----"
print(b)
del b[1:3], b[-1]
print(b)
del b[::2]
print(b)
b[1:1] = b
print(b)
b += bytes(b)
b.append(33)
b.extend([34, 35])
b.insert(0, 36)
print(b, b.pop(), b.pop(0), len(b))
b.remove(33)
b.reverse()
print(b)
b[-2:] = [1, 2, 3]
print(b, b.copy() == b)
b.clear()
print(b, not b)


# What runs while a bytearray is changed may change it too.
class Clearing:
    def __init__(self, b):
        self.b = b

    def __index__(self):
        self.b.clear()
        return 1


b = bytearray(b"abc")
for change in (lambda: b.__class__(b)[Clearing(b)], lambda: b[Clearing(b)], lambda: b[Clearing(b) :]):
    b.extend(b"abc")
    try:
        print(change())
    except IndexError:
        print("IndexError")
b.extend(b"abc")
try:
    b[0] = Clearing(b)
except IndexError:
    print("IndexError", b)


def growing():
    for i in range(3):
        b.extend(b"grow")
        yield i


b = bytearray(b"x")
b.extend(growing())
print(b)


class Raw(bytes):
    def __bytes__(self):
        return b"custom"


print(Raw(b"ab") + b"c", bytes(Raw(b"ab")), Raw(b"ab") == b"ab", Raw(b"ab").hex())


def fails(f):
    try:
        print("no error:", f())
    except Exception as e:
        print(type(e).__name__, e)


fails(lambda: bytes("a"))
fails(lambda: bytes([256]))
fails(lambda: bytes(-1))
fails(lambda: b"a".decode("latin-1"))
fails(lambda: bytes.fromhex("0"))
fails(lambda: b"ab"[2])
fails(lambda: hash(bytearray()))
fails(lambda: b"a" + "a")
fails(lambda: bytearray().pop())
