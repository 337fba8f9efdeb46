# Ranges and the built-in iterators and functions that consume them.
print(range(5), range(1, 10, 3), list(range(10, 0, -3)), range(10)[2:-2:2], range(3) == range(0, 3, 1), hash(range(0)) == hash(range(5, 5)))
big = range(10**20, 10**20 + 10, 4)
print(list(big), len(big), big[-1], 10**20 + 4 in big, big.index(10**20 + 8), list(reversed(big)), big[1:])
print(5 in range(0, 10, 5), 5.0 in range(6), "a" in range(3), range(0, 10, 3).count(9), bool(range(0)), range(2, 8).start)
print(list(enumerate("ab", start=10**18)), list(zip()), list(zip("ab", [1, 2, 3])), list(map(max, [1, 5], [4, 2])))
print(list(filter(None, [0, 1, "", "a"])), list(filter(lambda n: n > 1, range(4))), list(reversed("abc")), list(reversed([])))
print(sum([1, 2.5]), sum([[1], [2]], []), sum(range(10), start=5), min("hello"), max(3, 1, 2), min([], default="none"), max("aB", key=str.lower))
print(all([]), any([]), all([1, 0]), any((0, 2)), next(iter([]), "end"))
try:
    list(zip("ab", "c", strict=True))
except ValueError as e:
    print(e)


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration("done")
        self.n -= 1
        return self.n


class Sequence:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i * i


print(list(Countdown(3)), tuple(Sequence()), list(reversed(Sequence())), 4 in Sequence(), sorted(Countdown(3)))
it = Countdown(0)
try:
    next(it)
except StopIteration as e:
    print(e.value)
calls = iter([1, 2, 3, 0, 4])
print(list(iter(lambda: next(calls), 0)))


def generator():
    yield 1
    return "value"


g = generator()
print(next(g))
try:
    next(g)
except StopIteration as e:
    print(e.value)

# A list that grows and shrinks under its iterator.
items = [1, 2, 3]
seen = []
for v in items:
    seen.append(v)
    if len(items) < 6:
        items.append(v * 10)
    if v == 10:
        items.clear()
print(seen)

# Nested iterators end with an error, not with the task's stack.
x = (1, 2)
for _ in range(100):
    x = enumerate(filter(None, map(lambda v: v, zip(x))))
print(next(x)[0])


class Sub(list):
    def __iter__(self):
        return iter("sub")


print([*Sub([1])], list(Sub([1])), tuple(Sub([1])), len(Sub([1])), Sub([1]) == [1])
for text in ("range(1, 2, 0)", "range(1.5)", "enumerate()", "zip(1)", "map(len)", "reversed({1})", "iter(1)", "next([])", "sum(['a'])", "max([])", "min(1)", "len(1)", "[][0:1] + ()"):
    try:
        exec(text)
    except Exception as e:
        print(type(e).__name__, text)
