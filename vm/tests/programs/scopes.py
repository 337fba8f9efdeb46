# What a name means, and where its value lives.
x = "global"


def closures():
    x = 1
    def read():
        return x
    def write(v):
        nonlocal x
        x = v
    write(2)
    return x, read()


assert closures() == (2, 2)


def captured_parameter(a, b=2, *c, d=4, **e):
    def inner():
        return a, b, c, d, e
    a += 1
    return inner()


assert captured_parameter(1, 2, 3, d=5, f=6) == (2, 2, (3,), 5, {"f": 6})


class Namespace:
    x = "class"
    first = x
    listed = [x for y in range(2)]
    outer = [z for z in x]

    def method(self):
        return x


assert Namespace.first == "class" and Namespace.listed == ["global"] * 2
assert Namespace.outer == list("class") and Namespace().method() == "global"


def class_in_function():
    y = 1
    class C:
        a = y
        y = 2
        b = y
        def get(self):
            return y
    return C.a if False else C.b, C().get()


try:
    class_in_function()
    raise AssertionError
except NameError:
    pass


def class_reads_outer():
    y = 1
    class C:
        a = y
        def get(self):
            return y, __class__
    assert C().get() == (1, C)
    return C.a


assert class_reads_outer() == 1


def loops_do_not_leak(v):
    x = [v for v in range(3)]
    return v, {v: v for v in x}, {v for v in x}, v


assert loops_do_not_leak(9) == (9, {0: 0, 1: 1, 2: 2}, {0, 1, 2}, 9)
assert [f() for f in [lambda: i for i in range(3)]] == [2, 2, 2]
assert [[f() for f in [lambda: (i, j) for j in range(2)]] for i in range(2)] == [
    [(0, 1), (0, 1)],
    [(1, 1), (1, 1)],
]
assert list(x + str(i) for i in range(2)) == ["global0", "global1"]


def walrus(a):
    found = [last := v for v in a if (n := v) > 1]
    any((seen := v) > 1 for v in a)
    return found, last, n, seen


assert walrus([1, 2, 3]) == ([2, 3], 3, 3, 2)


def operand_order(i):
    return i + (i := 3) + i, i


assert operand_order(1) == (7, 3)


def unbound(flag):
    if flag:
        v = 1
    try:
        return v
    except UnboundLocalError if "UnboundLocalError" in globals() else NameError:
        return "unbound"


assert unbound(True) == 1 and unbound(False) == "unbound"


def deleted():
    v = 1
    del v
    try:
        v
    except NameError:
        v = 2
    def inner():
        return w
    w = 3
    assert inner() == 3
    del w
    try:
        inner()
    except NameError:
        return v


assert deleted() == 2


def parameter_in_finally(a):
    try:
        try:
            return a
        finally:
            a
    finally:
        del a


assert parameter_in_finally(5) == 5


def declared():
    global created
    created = 1
    class C:
        global created
        created = 2
    def inner():
        global created
        return created
    return inner()


assert declared() == 2 and created == 2


class Base:
    def name(self):
        return "base"


class Derived(Base):
    def name(self):
        return [super().name() for i in range(1)][0] + "+"

    def later(self):
        return super().name

    @staticmethod
    def plain():
        return __class__

    class Inner(Base):
        def name(self):
            return super().name(), __class__.__qualname__


assert Derived().name() == "base+" and Derived().later()() == "base"
assert Derived.plain() is Derived and Derived.Inner().name() == ("base", "Derived.Inner")
assert closures.__qualname__ == "closures"
assert (lambda: 0).__name__ == "<lambda>"
