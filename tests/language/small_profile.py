# What MicroPython's port to the same boards has, and therefore every profile from `upstream` on.

import array
import binascii
import collections
import errno
import gc
import hashlib
import heapq
import io
import json
import math
import micropython
import re
import struct
import sys


def show(label, f, *args):
    try:
        print(label, f(*args))
    except Exception as e:
        print(label, type(e).__name__)


# Text and bytes.
s = "Hello, wörld"
print(s[1], s[-1], s[2:7], s[:-4], len(s), s.find("w"), s.count("l"), s.replace("l", "L", 2))
print(s.split(), "a,b,,c".split(","), "a,b,,c".rsplit(",", 1), " x ".strip() + "|", "xxaxx".lstrip("x"))
print("-".join(["a", "b"]), "abc".upper(), "ABC".lower(), "abc".startswith("ab"), "abc".endswith("bc"), "b" in "abc")
print("{:>6}|{:<6}|{:^6}|{:06d}|{:+.2f}|{:x}|{!r}".format("a", "b", "c", 42, 1.5, 255, "q"))
print("%s %r %5d %-5d| %05.1f %x %c%%" % ("a", "b", 7, 8, 2.25, 255, "c"))
print(f"{1 + 1}{s[:2]!r} {255:#x} {3.5:.1f}", ord("€"), chr(8364), "\u20ac".encode(), b"\xe2\x82\xac".decode())
b = bytearray(b"abc")
b += b"de"
b[1:3] = b"XYZ"
b.append(33)
print(b, bytes(b)[2:4], b"%d" % 5, b"a-b".split(b"-"), memoryview(b)[1:3][0], bytes(3), b.find(b"Z"))
show("bad index", lambda: "abc"[5])
show("bad mix", lambda: "a" + b"b")

# Numbers.
print(7 // -2, 7 % -2, divmod(-7, 2), 2**100, -(2**64) >> 3, 0xFF ^ 0x0F, ~5, int("-12"), int("ff", 16), abs(-3))
print(10**20 // 3, pow(3, 200, 1000007), (1 << 70) - 1 & 0xFFFF, hex(2**40), bin(10), oct(8), round(7.5), round(2.567, 1))
print(1 / 4, 2.5e3, 1e100 > 1e30, math.floor(-2.5), math.sqrt(16.0), math.isnan(float("nan")), 3 == 3.0, float("-inf"))
print((1 + 2j) * (3 - 1j), abs(3 + 4j), complex(1, -1).imag, min(3, 1, 2), max([4, 9, 2]), sum(range(5)))
show("division", lambda: 1 // 0)
show("text", int, "x")

# Containers.
l = [5, 3, 9, 1]
l.sort()
l.insert(1, 4)
l.extend((7, 8))
l.reverse()
print(l, l.pop(), l.index(9), l[1:3], sorted(l, key=lambda n: -n), l * 2 == l + l, 4 in l)
del l[0], l[1:3]
print(l, list(reversed([1, 2])), list(zip("ab", [1, 2])), list(enumerate("xy", 1)), any([0, 1]), all([]))
d = {"one": 1, "two": 2}
d.update(three=3)
d["four"] = d.pop("one")
print(d, d.get("x"), d.setdefault("y", 5), list(d.items()), "two" in d, len(d), {k: v for k, v in d.items() if v > 2})
show("key", lambda: d["missing"])
a = {1, 2, 3}
print(sorted(a & {2, 3, 4}), sorted(a | {9}), sorted(a - {1}), sorted(a ^ {1, 7}), a <= {1, 2, 3}, {x % 2 for x in range(5)})
print((1, 2) + (3,), (1, 2) < (1, 3), tuple(x * x for x in range(4)), dict(a=1, **{"b": 2}))
first, *middle, last = range(5)
print(first, middle, last)


# Functions, closures, generators.
def f(a, b=2, *args, c=3, **kwargs):
    return a, b, args, c, kwargs


print(f(1), f(1, 5, 6, c=7, z=8), f(*[1, 2], **{"c": 4}))


def counter():
    n = 0

    def up():
        nonlocal n
        n += 1
        return n

    return up


up = counter()
print(up(), up(), (lambda x, y=2: x * y)(4))


def numbers():
    try:
        got = yield 1
        print("got", got)
        yield from [2, 3]
        return "end"
    finally:
        print("closed")


g = numbers()
print(next(g), g.send("x"), next(g))
show("stop", next, g)
g = numbers()
next(g)
g.close()
show("too few", f)
show("unknown", lambda: (lambda a: a)(b=1))


# Classes.
class Base:
    kind = "base"

    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return "%s(%d)" % (type(self).__name__, self.n)

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n

    def __add__(self, other):
        return type(self)(self.n + other.n)

    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return self.n * i

    def __len__(self):
        return 3

    def __call__(self, x):
        return x + self.n

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        print("exit", exc[0])
        return True

    @property
    def double(self):
        return self.n * 2

    @double.setter
    def double(self, v):
        self.n = v // 2

    @classmethod
    def make(cls):
        return cls(10)

    @staticmethod
    def plain(x):
        return x


class Derived(Base):
    def __init__(self, n):
        super().__init__(n + 1)

    def __getattr__(self, name):
        return "no " + name


x, y = Base(1), Derived(1)
print(x, y, x == y, x < y, y + y, list(x), len(x), x(5), y.double, Derived.make(), Base.plain(3), y.kind, y.other)
y.double = 20
print(y, isinstance(y, Base), issubclass(Base, Derived), hasattr(x, "zz"), getattr(x, "zz", 0), sorted([y, x]))
with x as z:
    raise KeyError(1)
show("attribute", lambda: x.missing)


class Stack(list):
    def push(self, v):
        self.append(v)


st = Stack([1])
st.push(2)
print(st, len(st), st == [1, 2])


# Exceptions.
class Own(ValueError):
    pass


def fail(kind):
    try:
        raise kind("text", 2)
    except (Own, KeyError) as e:
        print("caught", type(e).__name__, e.args)
    except Exception as e:
        raise RuntimeError("other") from e
    else:
        print("not here")
    finally:
        print("finally")


fail(Own)
show("chained", fail, TypeError)
show("assert", lambda: exec("assert 1 == 2"))
show("syntax", lambda: compile("x = = 1", "f", "exec"))
show("errno", lambda: errno.errorcode[errno.ENOENT])
print(eval("1 + x", {"x": 2}), exec("q = 5", ns := {}), ns["q"])

# Modules.
print(struct.pack("<HbI", 1, -1, 2), struct.unpack(">hH", b"\xff\xff\x00\x01"), struct.calcsize("<bIh"))
ar = array.array("h", [1, -2])
ar.append(3)
print(ar, ar[1], len(ar), bytes(ar))
print(binascii.hexlify(b"\x01\xff"), binascii.unhexlify("0aff"), binascii.b2a_base64(b"abc"), binascii.crc32(b"123456789"))
print(binascii.hexlify(hashlib.sha256(b"abc").digest())[:16])
print(json.dumps({"a": [1, 2.5, None, True, "x\n"]}), json.loads('{"b": [1, -2e1, "\\u00e9", false, {}]}'))
m = re.compile("(a+)(b*)c").search("xxaabc")
print(m.group(0), m.group(1), m.group(2), re.match("[^x]+", "abx").group(0), re.sub("[0-9]+", "#", "a1b22"), re.match("b", "a"))
q = collections.deque((), 3)
for n in range(5):
    q.append(n)
print(len(q), q.popleft(), list(q))
Point = collections.namedtuple("Point", ("x", "y"))
p = Point(1, y=2)
print(p, p.y, p[0], p == (1, 2), collections.OrderedDict([("b", 1), ("a", 2)]))
h = [5, 1, 4]
heapq.heapify(h)
heapq.heappush(h, 0)
print(heapq.heappop(h), heapq.heappop(h), sorted(h))
out = io.StringIO()
print("to", "stream", file=out, end="!")
buf = io.BytesIO(b"abc\ndef")
print(out.getvalue(), buf.readline(), buf.read(1), buf.seek(0), buf.read())
gc.collect()
print(gc.mem_free() > 0, micropython.const(3), sys.version_info[0], sys.byteorder, sys.maxsize > 1 << 20)
