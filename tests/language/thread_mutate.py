# Threads that change the same objects without a lock: every single change is one step, and none is lost.
import _thread
import array
import collections

N = 4
TURNS = 60


def together(work):
    # Runs work(i) in N threads, and waits for all.
    left = [N]
    done = _thread.allocate_lock()
    done.acquire()

    def run(i):
        try:
            work(i)
        except Exception as e:
            print(work.__name__, repr(e))
        left[0] -= 1
        if left[0] == 0:
            done.release()

    for i in range(N):
        _thread.start_new_thread(run, (i,))
    done.acquire()


def a_list(i):
    for n in range(TURNS):
        things.append((i, n))
        things.insert(n % 7, (i, -1))
        things.remove((i, -1))
        if n % 3 == 0:
            things.extend([(i, -2)] * 3)
            for _ in range(3):
                things.remove((i, -2))
        if n % 10 == 0:
            things.sort()
            things.reverse()


things = []
together(a_list)
things.sort()
print("list", things == sorted((i, n) for i in range(N) for n in range(TURNS)))
things = None


def slices(i):
    # Everybody's own part of one list, moved about by the others.
    for n in range(TURNS):
        mine = [i] * (n % 5 + 1)
        row[0:0] = mine
        assert row.count(i) >= len(mine)
        for _ in mine:
            row.remove(i)


row = [-1] * 5
together(slices)
print("slices", row)


def a_dict(i):
    for n in range(TURNS):
        table[i, n] = n
        table["shared"] = i
        table.setdefault(("mine", i), []).append(n)
        if n % 2:
            del table[i, n - 1]
        table.update({(i, "x"): n, (i, "y"): n})
        assert table.pop((i, "x")) == n and table.pop((i, "y")) == n


table = {}
together(a_dict)
ours = all(table["mine", i] == list(range(TURNS)) for i in range(N))
print("dict", len(table) == 1 + N + N * TURNS // 2, ours, sum(v for k, v in table.items() if k[0] in range(N)))


def a_dict_seen(i):
    # What is there while others come and go.
    for n in range(TURNS):
        key = ("passing", i)
        table[key] = n
        try:
            for k, v in table.items():
                if k == key:
                    assert v == n
        except RuntimeError:
            pass  # Changed size: said, not crashed.
        del table[key]


before = len(table)
together(a_dict_seen)
print("dict seen", len(table) == before)
table = None


def a_set(i):
    for n in range(TURNS):
        items.add((i, n))
        items.add("shared")
        items.discard((i, n - 2))
        items.update([(i, "a"), (i, "b")])
        items.difference_update([(i, "a"), (i, "b")])


items = set()
together(a_set)
print("set", sorted(str(item) for item in items))


class Thing:
    pass


def an_instance(i):
    for n in range(TURNS):
        setattr(thing, "own%d" % i, n)
        thing.shared = i
        setattr(thing, "passing%d_%d" % (i, n % 4), n)
        delattr(thing, "passing%d_%d" % (i, n % 4))
        assert getattr(thing, "own%d" % i) == n


thing = Thing()
together(an_instance)
print("instance", [getattr(thing, "own%d" % i) for i in range(N)], sorted(thing.__dict__))


def a_class(i):
    for n in range(TURNS):
        setattr(Thing, "method%d" % i, lambda self: n)
        assert getattr(thing, "method%d" % i)() == n


together(a_class)
print("class", [getattr(thing, "method%d" % i)() for i in range(N)])


def bytes_of(i):
    for n in range(TURNS):
        data.append(i)
        data.extend(bytes([i, i]))
        numbers.append(i)


data, numbers = bytearray(), array.array("i")
together(bytes_of)
print("bytearray", [data.count(bytes([i])) for i in range(N)], sum(numbers) == TURNS * sum(range(N)))


def a_deque(i):
    for n in range(TURNS):
        waiting.append((i, n))
        waiting.append((i, n))
        taken[i] += 1
        waiting.popleft()


waiting, taken = collections.deque((), 2 * N * TURNS), [0] * N
together(a_deque)
print("deque", len(waiting) == N * TURNS, taken)
waiting = None


def numbered():
    n = 0
    while True:
        yield n
        n += 1


def a_generator(i):
    # One generator, whoever comes: it is either free or says that it is not.
    for _ in range(TURNS):
        while True:
            try:
                seen[i].append(next(source))
                break
            except ValueError:
                pass


source, seen = numbered(), [[] for _ in range(N)]
together(a_generator)
everything = sorted(sum(seen, []))
print("generator", everything == list(range(N * TURNS)), all(s == sorted(s) for s in seen))


def closures():
    count = 0

    def work(i):
        nonlocal count
        for _ in range(TURNS):
            count += 1

    together(work)
    return count


print("closure", closures() == N * TURNS)


def a_global(i):
    for n in range(TURNS):
        globals()["made%d_%d" % (i, n)] = n
        exec("made%d_%d += 1" % (i, n), globals())
        assert globals().pop("made%d_%d" % (i, n)) == n + 1


together(a_global)
print("globals", [name for name in globals() if name.startswith("made")])


def names(i):
    # The same new names in all threads: one string each.
    for n in range(TURNS):
        setattr(thing, "late%d" % n, n)
        strings[i].append("late%d" % n)


strings = [[] for _ in range(N)]
together(names)
print("names", all(s == strings[0] for s in strings), all(getattr(thing, s) == n for n, s in enumerate(strings[0])))
