# Threads: how they start and end, what they share, what is reported.
import _thread
import sys
import time

lock = _thread.allocate_lock()


def joined(function, *args):
    """Runs a function in a thread and waits until it has ended."""
    done = _thread.allocate_lock()
    done.acquire()

    def work():
        try:
            function(*args)
        finally:
            done.release()

    ident = _thread.start_new_thread(work, ())
    done.acquire()
    return ident


# Arguments of every kind; the caller's own copies may go away at once.
def show(*args, **kwargs):
    print("args", args, sorted(kwargs.items()))
    lock.release()


for args, kwargs in (((), {}), ((1, "two"), {}), ([3], {"a": 4}), ((), {"b": 5, "c": [6]})):
    lock.acquire()
    _thread.start_new_thread(show, args, kwargs)
    del args, kwargs
    with lock:
        pass
lock.acquire()
_thread.start_new_thread(show, (1,))
with lock:
    pass

# What is callable: a bound method, a class, a native function, a generator function (which does nothing).
class Thing:
    def __init__(self, n):
        seen.append(n)

    def method(self, n):
        seen.append(n)


seen = []
thing = Thing(0)
_thread.start_new_thread(thing.method, (1,))
_thread.start_new_thread(Thing, (2,))
_thread.start_new_thread(seen.append, (3,))
while len(seen) < 4:
    time.sleep_ms(1)
print(sorted(seen))

# Identities differ among living threads and are what start_new_thread returned.
idents = []
ident = joined(lambda: idents.append(_thread.get_ident()))
print(idents == [ident], ident != _thread.get_ident(), _thread.get_ident() == _thread.get_ident() != 0)

# Ends without a report: return, exit, SystemExit.
def leave(how):
    if how == 1:
        _thread.exit()
    if how == 2:
        raise SystemExit
    if how == 3:
        sys.exit(5)


for how in range(4):
    joined(leave, how)
print("left")

# Errors in the call itself.
for bad in ((), (leave,), (leave, 1), (leave, None), (leave, (), ()), (leave, (), None), (leave, (), {1: 2}), (leave, (), {}, 1)):
    try:
        _thread.start_new_thread(*bad)
        print("started?")
    except TypeError as e:
        print("TypeError")

# An exception is the thread's own: handled ones are not seen by others.
def fails():
    try:
        raise KeyError("inside")
    except KeyError as e:
        print("handled", e)


try:
    raise ValueError("outside")
except ValueError as e:
    joined(fails)
    print("still", e)

# Stack sizes: what was set before is returned.
print(_thread.stack_size(), _thread.stack_size(4096), _thread.stack_size(2048), _thread.stack_size())
print(_thread.stack_size())
try:
    _thread.stack_size(-1)
except ValueError:
    print("ValueError")
_thread.stack_size(1 << 29)
try:
    _thread.start_new_thread(leave, (0,))
except OSError as e:
    print("OSError", e)
_thread.stack_size()

# Recursion ends in a thread as it does elsewhere.
def deeper(n):
    return deeper(n + 1)


def recurse():
    try:
        deeper(0)
    except RuntimeError as e:
        print("RuntimeError", e)


joined(recurse)

# More threads than there is room for: OSError, and as many again when they have ended.
def waits():
    with gate:
        pass
    with lock:
        ended.append(None)


gate = _thread.allocate_lock()
counts = []
for _ in range(3):
    ended = []
    n = 0
    with gate:
        try:
            while True:
                _thread.start_new_thread(waits, ())
                n += 1
        except OSError:
            pass
    while len(ended) < n:
        time.sleep_ms(1)
    time.sleep_ms(20)
    counts.append(n)
print(counts[0] > 4, counts[0] == counts[1] == counts[2])
