# Weak references and finalisers. The objects die in calls of their own, so that no register keeps them.
import gc
import weakref


class Thing:
    pass


for value in (1, None, "", ()):
    try:
        weakref.ref(value)
    except TypeError:
        print("TypeError")


def scrub(n=12):
    return n and scrub(n - 1)


def check(make):
    kept = make()
    scrub()
    gc.collect()
    return kept


def refs():
    thing = Thing()
    r = weakref.ref(thing, lambda r: print("gone", r()))
    print(r() is thing)
    return r


print(check(refs)())


f = check(lambda: weakref.finalize(Thing(), print, "finalized", 1, sep="-"))
print(f.alive, f(), f.peek())

thing = Thing()
g = weakref.finalize(thing, print, "never")
target, function, args, kwargs = g.peek()
print(target is thing, function is print, args, kwargs, g.alive)
print(g.detach() is None, g.alive, g.detach(), g())
h = weakref.finalize(thing, lambda *a: a, 1, 2)
print(h(), h.alive, h())
