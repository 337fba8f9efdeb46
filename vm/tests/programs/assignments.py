# The order in which things are evaluated and assigned.
log = []


def note(x):
    log.append(x)
    return x


def swaps():
    a, b, c = 1, 2, 3
    a, b = b, a
    a, b, c = c, a, b
    x = [0, 1, 2]
    i = 0
    i, x[i] = 1, 9
    return a, b, c, i, x


assert swaps() == (3, 2, 1, 1, [0, 9, 2])


def unpack_fails():
    a = b = 0
    try:
        a, b = iter([1, 2, 3])
    except ValueError:
        pass
    return a, b


assert unpack_fails() == (0, 0)


def stars():
    a, *b, c = range(5)
    *d, (e, [f]) = 1, 2, (3, [4])
    return a, b, c, d, e, f


assert stars() == (0, [1, 2, 3], 4, [1, 2], 3, 4)


def several():
    a = b = c = [1]
    a += [2]
    return a is b is c


assert several()


class Recorder:
    def __setitem__(self, key, value):
        log.append(("set", key, value))

    def __getitem__(self, key):
        log.append(("get", key))
        return 10


r = Recorder()
r[note("k")] = note("v")
r[note(1)] += note(2)
assert log == ["v", "k", ("set", "k", "v"), 1, ("get", 1), 2, ("set", 1, 12)]

log.clear()
{note(1): note(2), **{note(3): note(4)}}
[note(5), *[note(6)], note(7)]
note(8) < note(9) < note(0) < note("never")
assert log == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0], log


def arguments(*args, **kwargs):
    return args, kwargs


assert arguments(1, *[2], 3, *(4,), a=5, **{"b": 6}, c=7) == ((1, 2, 3, 4), {"a": 5, "b": 6, "c": 7})
try:
    arguments(**{"a": 1}, a=2)
    raise AssertionError
except TypeError:
    pass


def defaults(a, b=note("b"), /, c=3, *, d=note("d"), e):
    return a, b, c, d, e


assert defaults(1, e=5) == (1, "b", 3, "d", 5)
assert defaults(1, 2, c=4, e=5, d=6) == (1, 2, 4, 6, 5)


def boolean(a, b):
    x = a and b
    y = a or b
    x = x and not x or y
    return x, y, a if b else not a


assert boolean(0, 5) == (5, 5, 0) and boolean(1, 0) == (1, 1, False)


def value_kept(x):
    try:
        x = x and 1 // 0
    except ZeroDivisionError:
        pass
    return x


assert value_kept(7) == 7


def chained(a, b, c):
    return a < b < c, not a < b <= c, a == b != c is None


assert chained(1, 2, 3) == (True, False, False)
assert [i for i in range(20) if 3 < i <= 6 or i in [9, 11] or i == 15 and i is not None] == [
    4, 5, 6, 9, 11, 15,
]


def while_walrus(items):
    it = iter(items)
    out = []
    while (v := next(it, None)) is not None and v != 9:
        if v == 2:
            continue
        out.append(v)
    else:
        out.append("else")
    return out, v


assert while_walrus([1, 2, 3]) == ([1, 3, "else"], None)
assert while_walrus([1, 9, 3]) == ([1, "else"], 9)
width = 6
assert f"{'a':>{width}}|{1.5!r:{width}}|{width=}|{{}}" == "     a|1.5   |width=6|{}"
big = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, *range(16, 40), 40]
assert big == list(range(41)) and {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} == set(range(13))
x: int = 3
y: missing.type = 4
assert __annotations__ == {"x": int} and y == 4
