# Dictionaries and sets: order, views, set algebra, keys that misbehave.
d = {"b": 1, "a": 2}
d["c"] = 3
del d["b"]
d["b"] = 4
print(d, list(d.items()), list(reversed(d)), d | {"a": 0}, d.pop("zz", None), d.popitem())
print(dict([("x", 1), ["y", 2]], z=3), dict.fromkeys("ab"), {}.fromkeys([1], 2), dict(d, a=9), d.setdefault("n", []), d.get("q"))
keys, items = d.keys(), d.items()
d["late"] = 1
print(keys, ("late", 1) in items, len(items), keys & {"a", "late", "no"}, keys - ["a"], sorted(keys ^ {"a", "q"}))
print(d == dict(reversed(list(d.items()))), {1: 2} == {True: 2.0}, {} != [], keys == set(d))
for i in range(200):
    d[i] = -i
for i in range(0, 200, 3):
    del d[i]
print(len(d), sum(k for k in d if isinstance(k, int)), list(d)[-1])
try:
    for k in d:
        d[k, "new"] = 0
except RuntimeError as e:
    print(e)


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 7

    def __eq__(self, other):
        if self.n == 3:
            table.clear()
        return isinstance(other, Odd) and self.n == other.n

    def __repr__(self):
        return "Odd(%d)" % self.n


table = {Odd(1): 1, Odd(2): 2}
print(table[Odd(2)], Odd(5) in table, table)
table[Odd(3)] = 3
print(len(table) <= 1)


class Missing(dict):
    def __missing__(self, key):
        return "no " + key


m = Missing(a=1)
print(m["a"], m["b"], m, m.copy(), type(Missing.fromkeys("a")) is Missing)


class Loud(dict):
    def __setitem__(self, key, value):
        print("set", key)
        super().__setitem__(key, value)

    def __getitem__(self, key):
        return super().__getitem__(key) + 1


loud = Loud()
loud["k"] = 1
print(loud["k"], len(loud), "k" in loud)

s = {3, 1, 2}
f = frozenset("ab")
print(s | {5}, s & {1, 9}, s - {1}, s ^ {1, 7}, s <= {1, 2, 3}, s < {1, 2, 3}, s.isdisjoint([4]), s >= frozenset())
print(f | {"c"}, type(f | {"c"}).__name__, type({"c"} | f).__name__, {f: 1}[frozenset("ba")], hash(f) == hash(frozenset("ba")))
alias = s
s |= {8}
s &= {8, 1}
s -= {1}
s ^= {2}
print(alias, alias is s, s.union([1], (2,)), s.intersection([8], {8: 0}), s.difference([8]), s.symmetric_difference([8, 9]))
s.update(s, "x")
s.difference_update(s)
print(s, set(), frozenset(), len(s))
for text in ("{[]}", "{{}: 1}", "s.remove(1)", "s.pop()", "f.add(1)", "{1} | [1]", "{1} < 1", "{}.popitem()", "d['nope']", "dict([1])", "dict([(1,)])"):
    try:
        exec(text)
    except Exception as e:
        print(type(e).__name__, text)
