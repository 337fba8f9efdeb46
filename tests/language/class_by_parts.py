# The statements of a module's class are compiled one by one: what they have in common has to last.

def mark(c):
    c.marked = True
    return c


class Base:
    def who(self):
        return "base"


@mark
class A(Base):
    "doc"
    x = 1

    class Inner(Base):
        def who(self):
            return "inner of " + super().who()

        class Deep: y = x = 3

        deep = Deep.y

    def plain(self):
        return self.x

    def who(self):
        return "a of " + super().who()

    def own(self):
        return __class__

    z = [_ for _ in range(x + 1)]
    gen = list(i + j for i, j in ((1, 2),))

    @property
    def late(self):
        return lambda: __class__.__name__

    if x:
        def both(self):
            return super().who() + "!"
    else:
        pass


a = A()
print(a.who(), a.Inner().who(), A.Inner.deep, a.plain(), a.own() is A, a.z, a.gen, a.late(), a.both(), A.marked)


class G:
    global made
    made = 1

    def f(self):
        return made

    made = 2

    class H:
        made = 3

    made += 5


print(made, G().f(), G.H.made, hasattr(G, "made"))
made = 4
print(G().f())

# What a module declares global is so in later statements, and not in its classes.
out = {}
local = {}
exec("""
global t
t = 1
class K:
    t = 2
    u = t
t += K.u
v = 7
""", out, local)
print(out["t"], sorted(local), local["K"].t)

for bad in (
    "class A:\npass",
    "class A:\n  x = 1\n y = 2",
    "class A:\n  def f(self):\n    return\n  return 1",
    "class A:\n  x = (\n",
    "class A:\n",
    "class A(:\n  pass",
    "class A:\n  nonlocal x",
    "class A:\n  class B:\n    1 = 2\n",
    "class A\n  pass",
):
    try:
        exec(bad)
        print("compiled")
    except SyntaxError as e:
        print(type(e).__name__)

exec("class L: x = 1; y = 2\nprint(L.x, L.y)\nclass M:\n\n  # nothing\n  pass\n\nprint(M.__name__)")

try:
    class E:
        def f(self):
            return __class__
        raise ValueError(f(1))
except NameError as e:
    print("empty")
