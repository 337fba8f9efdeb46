# sys.settrace: calls, lines, returns and exceptions of this thread.
import sys

try:
    sys.settrace
except AttributeError:
    print("no settrace")
    raise SystemExit


def show(frame, event, arg):
    if event == "exception":
        arg = arg[0].__name__, arg[1].args
    back = frame.f_back
    print(event, frame.f_code.co_name, frame.f_lineno, arg, back and back.f_code.co_name)
    return show


def traced(f, *args):
    print("---", f.__name__)
    sys.settrace(show)
    try:
        f(*args)
    except Exception as e:
        sys.settrace(None)
        print("raised", repr(e))
    sys.settrace(None)


def branches(n):
    total = 0
    for i in range(n):
        if i == 1:
            total += 10
        else:
            total += 1
    while total > 11:
        total -= 1
    return total


traced(branches, 3)


def raises(depth):
    if depth:
        raises(depth - 1)
    else:
        raise ValueError(depth)


def catches():
    try:
        raises(1)
    except ValueError:
        x = 1
    finally:
        x = 2
    return x


traced(catches)
traced(raises, 0)


def numbers():
    got = yield 1
    yield got


def passes_on():
    r = yield from numbers()
    return r


def generators():
    g = passes_on()
    next(g)
    g.send("sent")
    return list(g)


traced(generators)


class Makes:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n


def natives():
    sorted([Makes(2), Makes(1)])


traced(natives)


# Who returns None for a call hears no more of that frame; the rest is told.
def calls_only(frame, event, arg):
    print(event, frame.f_code.co_name)


def inner():
    return 1


def outer():
    inner()


sys.settrace(calls_only)
outer()
sys.settrace(None)


# What the function lets out ends the tracing and arrives where the code was.
def fails(frame, event, arg):
    if event == "line":
        raise RuntimeError("from the tracer")
    return fails


def victim():
    try:
        x = 1
    except RuntimeError as e:
        print("caught", e)
    inner()
    return "done"


sys.settrace(fails)
print(victim())
print(inner())

# The frame of a call that has ended is no longer anywhere.
kept = []


def keep(frame, event, arg):
    kept.append(frame)
    return keep


sys.settrace(keep)
inner()
sys.settrace(None)
print(len(kept), kept[0].f_back, kept[0].f_code.co_name, kept[0].f_globals is globals())
print(kept[0] is kept[1], type(kept[0]))


# Begun and ended in the middle, many times, without using up anything.
def often():
    for i in range(200):
        sys.settrace(keep)
        inner()
        sys.settrace(None)
        del kept[:]


often()
print("often")
