# A class that gets a special method after its making changes its subclasses as well.
class A:
    pass


class B(A):
    pass


class C(B):
    pass


early = C()
early.x = 1
A.__getattr__ = lambda self, name: "got " + name
late = B()
print(early.x, early.y, late.z)
A.p = property(lambda self: "property")
early.__dict__["p"] = "own"
print(early.p, late.p)


def setter(self, name, value):
    object.__setattr__(self, name, value * 2)


A.__setattr__ = setter
late.n = 4
early.n = 5
print(late.n, early.n)
