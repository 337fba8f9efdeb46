# sort() and sorted(): stable in both directions, by keys, and sound under comparisons that misbehave.
x = 1
numbers = []
for i in range(300):
    x = x * 1103515245 + 12345 & 0x7FFFFFFF
    numbers.append(x >> 8 & 63)

pairs = [(n, i) for i, n in enumerate(numbers)]
up = sorted(pairs, key=lambda p: p[0])
down = sorted(pairs, key=lambda p: p[0], reverse=True)
print(up == sorted(pairs))
print(all(a[0] > b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(down, down[1:])))
print(sorted("the quick brown fox".split(), key=len), sorted([2.5, -1, True, 2**70, -(2**70)]))
print(sorted([]), sorted([1]), sorted({3: 0, 1: 0}), sorted("hello"), sorted((n for n in (3, 1)), reverse=True))


class Failing:
    left = 100

    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        Failing.left -= 1
        if not Failing.left:
            raise OSError("no more")
        return self.n < other.n


items = [Failing(n) for n in numbers]
try:
    items.sort()
except OSError as e:
    print(e, sorted(f.n for f in items) == sorted(numbers))


class Meddling:
    def __lt__(self, other):
        print(len(items), end=" ")
        items.append(None)
        return False


items = [Meddling(), Meddling()]
try:
    items.sort()
except ValueError as e:
    print(e, len(items))

try:
    print([1, "a"].sort())
except TypeError:
    print("TypeError")
items = [3, 1, 2]
try:
    items.sort(key=lambda n: 1 // (n - 1))
except ZeroDivisionError:
    print(items)
