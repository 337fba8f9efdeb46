# Classes derived from built-in containers: they keep their class, attributes and overridden methods.
class L(list):
    def __init__(self, *items):
        super().__init__(items)
        self.tag = "tag"


l = same = L(1, 2)
l += [3]
l *= 2
print(type(l).__name__, l is same, l, l.tag, l[1:], type(l + [1]).__name__, [0] + l, l == [1, 2, 3, 1, 2, 3], [1] < l)
first, *rest = l
print(first, rest, [*l], max(l), "%s" % (l,), bool(L()), l.copy(), list(reversed(l))[0])


class D(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)


d = D(a=1)
d["b"] = 2
d |= {"c": 3}
print(type(d).__name__, d, {**d}, dict(d), len(d), "B" in d, sorted(d))


class T(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)


t = T(1, 2)
print(t, type(t).__name__, t + (3,), t == (1, 2), hash(t) == hash((1, 2)), {t: "found"}[(1, 2)], isinstance(t, tuple))


class Shadow(list):
    def __iter__(self):
        return iter("ab")

    def __len__(self):
        return 7

    def __getitem__(self, i):
        return ("item", i)

    def __contains__(self, v):
        return v == "everything"


s = Shadow([1])
print(list(s), [*s], len(s), s[3], tuple(s), s == [1], "everything" in s, super(Shadow, s).__len__(), list.__getitem__(s, 0))

from collections import deque, OrderedDict


class Q(deque):
    def push(self, v):
        self.append(v)
        return self


print(list(Q([1, 2], 2).push(3)), len(Q()))


class Recent(OrderedDict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > 2:
            self.popitem(last=False)


r = Recent()
for key in "abacb":
    r[key] = 1
print(list(r))


class Numbered(enumerate):
    pass


print(list(Numbered("xy", 5)))
