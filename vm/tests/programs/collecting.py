# Lists, tuples and sets of what a generator yields: it shares nothing with its caller but the items.
log = []


def logged(*items):
    try:
        for item in items:
            yield item
    except Exception as e:
        log.append("wrong")
    finally:
        log.append("end")


assert list(logged(1, 2)) == [1, 2] and tuple(logged()) == () and set(logged(3, 3)) == {3}
assert log == ["end"] * 3, log

# What `yield` gives is None, and what a generator returns is dropped.
def given():
    log.append((yield 1))
    return 2


log.clear()
assert tuple(given()) == (1,) and log == [None]

# An item that a set does not take is the caller's error; the generator can go on.
log.clear()
g = logged(1, [], 2)
try:
    set(g)
    assert False
except TypeError:
    assert log == []
assert list(g) == [2] and log == ["end"] and list(g) == []


def delegating(inner):
    log.append((yield from inner))
    yield from [8, 9]
    yield from delegated_twice()


def delegated_twice():
    yield from logged()
    yield [10]


log.clear()
d = delegating(logged(5, 6))
assert list(d) == [5, 6, 8, 9, [10]] and log == ["end", None, "end"], log
d = delegating(logged())
try:
    set(d)
    assert False
except TypeError:
    pass
assert list(d) == []

# The generator's exceptions pass its caller.
def failing(e):
    yield 1
    raise e


for kind, seen in (KeyError, KeyError), (StopIteration, RuntimeError), (GeneratorExit,) * 2:
    x = None
    try:
        x = list(failing(kind()))
        assert False
    except BaseException as e:
        assert type(e) is seen and x is None


# While it is collected it runs, so that nobody else can resume it.
def curious():
    yield 1
    for f in (lambda: next(c), lambda: list(c), c.close):
        try:
            f()
            assert False
        except ValueError:
            yield 2


c = curious()
assert list(c) == [1, 2, 2, 2]

# Generators in generators, methods and deep recursion.
def tree(n):
    if n:
        yield from tree(n - 1)
        yield tuple(list(range(i)) for i in range(n % 3))


assert len(list(tree(60))) == 60


class Holder:
    kind = list

    def make(self):
        return self.kind(i for i in range(3)), Holder.kind(i for i in range(2))


assert Holder().make() == ([0, 1, 2], [0, 1])

# Others iterate as ever: subclasses, keywords, unpacked arguments, generators that have begun.
class Sub(list):
    pass


assert type(Sub(logged(1))) is Sub and list(*[logged(1)]) == [1]
g = logged(1, 2, 3)
next(g)
assert tuple(g) == (2, 3)
