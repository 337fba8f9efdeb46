# collections and heapq.
from collections import OrderedDict, deque, namedtuple
import heapq

Point = namedtuple("Point", "x y")
p = Point(1, y=2)
print(p, p.x, p[1], p == (1, 2), hash(p) == hash((1, 2)), [*p], p._replace(x=5), Point._make("ab"), Point._fields, dict(p._asdict()))
x, y = p
print(x + y, len(p), p + (3,), isinstance(p, tuple), Point.__name__)


class Named(namedtuple("Base", ["a", "b"], defaults=[10])):
    def total(self):
        return self.a + self.b


print(Named(1), Named(1).total(), Named(1, 2) < Named(1, 3))
for text in ("Point(1)", "Point(1, 2, 3)", "Point(1, z=2)", "Point(1, x=2)", "p.x = 1", "p.z = 1", "p.z", "p._replace(q=1)"):
    try:
        exec(text)
    except Exception as e:
        print(type(e).__name__, text)

d = deque((), 3)
for i in range(5):
    d.append(i)
print(list(d), d[0], d[-1], d.popleft(), d.pop(), len(d), d.maxlen)
d.extendleft("ab")
d.extend("c")
print(d)
d = deque(range(6))
d.rotate(2)
print(d, d.count(1), d.index(0), 5 in d)
d.remove(0)
d.insert(1, "new")
d.reverse()
d[0] = 0
del d[1]
print(d, d == deque(d), d < deque([1]), d * 2)
try:
    for v in d:
        d.append(v)
except RuntimeError as e:
    print(e)
full = deque([1, 2], 2, 1)
for method in (full.append, full.appendleft):
    try:
        method(3)
    except IndexError as e:
        print(e, full)
full.clear()
for method in (full.pop, full.popleft):
    try:
        method()
    except IndexError as e:
        print(e)

o = OrderedDict([("b", 1), ("a", 2)])
o.move_to_end("b")
print(o, list(o), o == OrderedDict([("b", 1), ("a", 2)]), o == {"b": 1, "a": 2}, o.popitem(last=False), o)

heap = []
for n in (5, 2, 9, 1, 7, 2):
    heapq.heappush(heap, n)
print(heapq.heappushpop(heap, 0), heapq.heapreplace(heap, 6), [heapq.heappop(heap) for _ in range(len(heap))])
heap = [(i * 37 % 20, i) for i in range(20)]
heapq.heapify(heap)
print(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, 20)))
for text in ("heapq.heappop([])", "heapq.heapify(1)"):
    try:
        exec(text)
    except Exception as e:
        print(type(e).__name__, text)
