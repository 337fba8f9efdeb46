# Comparisons, hashes and indexes that change the container they are asked about.


class Deletes:
    armed = False

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 1

    def __eq__(self, other):
        if not Deletes.armed:
            return self is other
        if self in table:
            del table[self]
        return True


for size in (3, 20):
    Deletes.armed = False
    table = {Deletes(i): i for i in range(size)}
    Deletes.armed = True
    print(table.get(Deletes(2), "gone"), len(table), Deletes(1) in table)


class Clears:
    def __init__(self, what):
        self.what = what

    def __eq__(self, other):
        self.what.clear()
        return False

    def __lt__(self, other):
        self.what.clear()
        return True

    def __index__(self):
        self.what.clear()
        return 1

    def __hash__(self):
        self.what.clear()
        return 3


def fill(container, add):
    for i in range(5):
        add(Clears(container))
    return container


def attempt(text):
    try:
        result = eval(text)
        return "Clears" if isinstance(result, Clears) else result
    except Exception as e:
        return type(e).__name__


from collections import deque
import heapq

for text in ("box.index(1)", "box.count(1)", "box.remove(1)", "1 in box", "box == [0] * 5", "box < [0] * 5", "box.sort()", "min(box)", "heapq.heapify(box)", "heapq.heappush(box, 0)", "box[box[0]]", "box[box[0]:]", "box.insert(box[0], 1)", "box.pop(box[0])", "box.__delitem__(slice(None, None, box[0]))"):
    box = []
    fill(box, box.append)
    print(text, attempt(text), len(box))
for text in ("box.index(1)", "box.count(1)", "box.remove(1)", "1 in box", "box == deque([0] * 5)", "box[box[0]]", "box.insert(box[0], 1)", "box.rotate(box[0])"):
    box = deque()
    fill(box, box.append)
    print(text, attempt(text), len(box))
for text in ("9 in box.values()", "box == dict.fromkeys(range(5), 0)", "box.setdefault(box[0], 1)", "box.get(box[0])", "box.update({box[0]: 1})", "(0, 9) in box.items()"):
    box = {}
    for i in range(5):
        box[i] = Clears(box)
    print(text, attempt(text), len(box))


# Containers that contain themselves.
ring = []
ring.append(ring)
for text in ("repr(ring)", "ring == [[ring]]", "hash((ring,))", "sorted([ring, [1]])"):
    print(text, attempt(text) if "==" not in text else attempt(text) in (True, "RuntimeError"))
