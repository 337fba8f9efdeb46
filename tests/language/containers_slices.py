# Slices of lists, tuples and ranges: read, replaced, deleted, with steps of both signs and indexes beyond the ends.
items = list(range(10))
tup = tuple(items)
for bounds in ((None, None, None), (2, 5, None), (-3, None, None), (None, -3, 2), (8, 1, -3), (-1, -100, -4), (100, 200, None), (5, 2, None)):
    s = slice(*bounds)
    print(bounds, items[s], tup[s], range(10)[s], s.indices(4))


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


print(items[Index(2):Index(-2):Index(3)], tup[Index(1)], items[: 10**30], items[-(10**30) :][:1])

a = items[:]
a[2:5] = "xy"
print(a)
a[2:4] = (n * n for n in range(5))
print(a)
a[::4] = [0, 0, 0, 0][: len(a[::4])]
print(a)
a[1:1] = a
print(len(a), a[1:4])
del a[3:-3]
print(a)
del a[::-2]
print(a)
a[5:2] = [7]
print(a)
for text in ("a[::2] = [1, 2, 3]", "a[::0]", "a['x':]", "a[1.5]", "a[99]", "tup[99]", "a[99] = 1", "del a[99]", "a[0:1] = 5"):
    try:
        exec(text)
    except Exception as e:
        print(type(e).__name__, text)


# A list that shrinks while its index is worked out.
class Shrink:
    def __index__(self):
        a.clear()
        return 1


a = [1, 2, 3]
try:
    a[Shrink()]
except IndexError:
    print("IndexError", a)
a = [1, 2, 3]
print(a[Shrink():], a)
a = [1, 2, 3]
a[Shrink():] = [4, 5]
print(a)
a = [1, 2, 3]
try:
    a[Shrink()] = 4
except IndexError:
    print("IndexError", a)
