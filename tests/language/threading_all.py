# threading: every class, with and without time-outs.
import threading
import time

main = threading.current_thread()
print(main is threading.main_thread(), main.name, main.is_alive(), main.daemon)

# Threads.
seen = []


def work(a, b=0):
    me = threading.current_thread()
    seen.append((a, b, me.name, me.ident == threading.get_ident()))


t = threading.Thread(target=work, args=(1,), kwargs={"b": 2}, name="worker")
print(t.is_alive(), t.ident, t.name, t.daemon)
t.start()
t.join()
print(seen, t.is_alive())
t.join()
for bad in (t.start, threading.Thread().join, main.join):
    try:
        bad()
    except RuntimeError as e:
        print("RuntimeError", e)
gate = threading.Lock()
gate.acquire()
t = threading.Thread(target=gate.acquire, daemon=True)
t.start()
print(t.daemon, t in threading.enumerate(), main in threading.enumerate(), threading.active_count())
start = time.ticks_ms()
t.join(0.01)
print(t.is_alive(), time.ticks_diff(time.ticks_ms(), start) >= 10)
gate.release()
t.join()
print(threading.active_count())


class Sub(threading.Thread):
    def run(self):
        raise ValueError(3)


def hook(args):
    print("hook", args.exc_type.__name__, args.exc_value, args.thread.name)


own_hook = threading.excepthook
threading.excepthook = hook
s = Sub(name="sub")
s.start()
s.join()
threading.excepthook = own_hook

# RLock.
r = threading.RLock()
with r:
    print(r.acquire(), r.acquire(False))
    r.release()
    r.release()
    other = threading.Thread(target=lambda: print("other", r.acquire(timeout=0.005), r.acquire(False)))
    other.start()
    other.join()
try:
    r.release()
except RuntimeError as e:
    print("RuntimeError", e)

# Condition.
cond = threading.Condition()
try:
    cond.wait()
except RuntimeError as e:
    print("RuntimeError", e)
items = []


def consumer():
    with cond:
        if cond.wait_for(lambda: items, 5):
            seen.append(items.pop())


seen.clear()
consumers = [threading.Thread(target=consumer) for _ in range(3)]
for c in consumers:
    c.start()
for i in range(3):
    with cond:
        items.append(i)
        cond.notify_all()
for c in consumers:
    c.join()
print(sorted(seen))
with cond:
    print(cond.wait(0.005), cond.wait_for(lambda: False, 0.005), cond._waiters)

# Event.
event = threading.Event()
print(event.wait(0.005), event.is_set())
t = threading.Timer(0.005, event.set)
t.start()
print(event.wait(), event.is_set(), event.wait(0))
t.join()
event.clear()
t = threading.Timer(60, event.set)
t.start()
t.cancel()
t.join()
print(event.is_set())

# Semaphores.
sem = threading.Semaphore(2)
print(sem.acquire(), sem.acquire(False), sem.acquire(False), sem.acquire(timeout=0.005))
t = threading.Timer(0.005, sem.release)
t.start()
print(sem.acquire())
t.join()
sem = threading.BoundedSemaphore(1)
with sem:
    print(sem.acquire(False))
try:
    sem.release()
except ValueError as e:
    print("ValueError", e)

# Barrier.
order = []
barrier = threading.Barrier(3, lambda: order.append("action"))


def meet():
    order.append(barrier.wait() >= 0)


ts = [threading.Thread(target=meet) for _ in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(order, barrier.n_waiting, barrier.broken)
try:
    barrier.wait(0.005)
except threading.BrokenBarrierError:
    print("broken", barrier.broken)
barrier.reset()
print(barrier.broken)

# local.
class Mine(threading.local):
    def __init__(self, x):
        self.x = x


mine = Mine(5)
mine.x = 6
mine.y = 7
del mine.y


def look():
    print("local", mine.x, hasattr(mine, "y"))
    mine.x = 8


for _ in range(2):
    t = threading.Thread(target=look)
    t.start()
    t.join()
print(mine.x, hasattr(mine, "y"), len(mine._spaces))

import _thread

p = _thread.priority()
print(_thread.priority(1) == p, _thread.priority(p))
try:
    _thread.priority(1000)
except ValueError as e:
    print("ValueError", e)
