# generator.pend_throw(): what the next resumption raises, whoever resumes.
import sys


def gen():
    while True:
        try:
            yield 1
        except Exception as e:
            print("inside", repr(e), sys.exc_info()[1] is e)


g = gen()
next(g)
print(g.pend_throw(ValueError(1)))
print(next(g), sys.exc_info()[1])
# throw() goes first, and takes the other's place.
g.pend_throw(ValueError(2))
print(g.throw(KeyError(3)))
print(next(g))
# A for loop and yield from.
g.pend_throw(OSError(4))
for x in g:
    print("loop", x)
    break


def outer():
    yield from g


o = outer()
g.pend_throw(OSError(5))
print(next(o), next(o))
g.pend_throw(OSError(6))
print(next(o))
# One that has an exception at work.


def handling():
    try:
        raise KeyError("outer")
    except KeyError as outer:
        try:
            yield 1
        except ValueError as e:
            yield sys.exc_info()[1] is e
        yield sys.exc_info()[1] is outer


h = handling()
next(h)
h.pend_throw(ValueError(7))
print(next(h), next(h), sys.exc_info()[1])
# close() ends it whatever is pended.
g.pend_throw(ValueError(8))
g.close()
try:
    next(g)
except StopIteration:
    print("over")
print(g.pend_throw(None))
