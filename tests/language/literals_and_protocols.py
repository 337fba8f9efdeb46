# What probing against CPython found: each line was once wrong.
print(r"a\
b")
print(1.5e100.real > 1, 1..real, 0x1.real, 1e2.is_integer())
import math, sys
for module in (sys, math):
    try:
        module.nope
    except AttributeError as e:
        print(e)


class Number:
    def __floor__(self):
        return "floor"

    def __ceil__(self):
        return "ceil"

    def __trunc__(self):
        return "trunc"

    def __index__(self):
        return 3


n = Number()
print(math.floor(n), math.ceil(n), math.trunc(n))
print([1] * n, n * (2,), "ab" * n, n * b"c", bytearray(b"d") * n)
l = [0]
l *= n
print(l)
try:
    n * n
except TypeError as e:
    print("TypeError")


def unbound():
    print(x)
    x = 1


try:
    unbound()
except UnboundLocalError as e:
    print(e)
try:
    [].append()
except TypeError as e:
    print(e)
try:
    len(1, 2)
except TypeError as e:
    print(e)
