# What programs written to find differences from both CPython and MicroPython have found.


# `__dict__` among the slots lets in any other name.
class Open:
    __slots__ = "a", "__dict__"


class Closed(Open):
    __slots__ = ("c",)


o = Open()
o.a, o.b = 1, 2
print(o.a, o.b)
c = Closed()
c.a, c.c, c.d = 3, 4, 5
print(c.a, c.c, c.d)


class Strict:
    __slots__ = ["x"]


s = Strict()
s.x = 1
try:
    s.y = 1
except AttributeError:
    print("AttributeError")

# A number is no sequence to put into a bytearray.
b = bytearray(b"abc")
for value in 5, None, True:
    try:
        b[0:0] = value
    except TypeError:
        print("TypeError")
b[1:1] = [7]
b[0:0] = (i for i in range(2))
print(b)

# Groups say what is in them.
g = ExceptionGroup("m", [ValueError(1), TypeError(2)])
print(str(g), repr(g))
print(str(ExceptionGroup("one", (KeyError(),))))

# Too deep is a RecursionError, which is a RuntimeError.


def deep(n):
    return deep(n + 1)


for error in RecursionError, RuntimeError:
    try:
        deep(0)
    except error as e:
        print(type(e).__name__, e)

# A comprehension and a class body see what they should.
x = 1


class A:
    x = 2
    y = [x for _ in "a"]
    z = x


print(A.y, A.z)
