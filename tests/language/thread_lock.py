# Locks: states, time-outs, who may release, fairness.
import _thread
import time

lock = _thread.allocate_lock()
print(type(lock), type(lock) is _thread.LockType)
print(lock.locked(), lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(0))
print(lock.release(), lock.locked(), lock.acquire(1), lock.acquire(blocking=False))

# Time-outs.
start = time.ticks_ms()
print(lock.acquire(True, 0.05), time.ticks_diff(time.ticks_ms(), start) >= 50)
print(lock.acquire(timeout=0), lock.acquire(True, 0.0))
lock.release()
print(lock.acquire(True, -1), lock.locked())
lock.release()
for bad in ((False, 1), (True, -2)):
    try:
        lock.acquire(*bad)
    except ValueError:
        print("ValueError")

# Releasing what is not locked; methods on something else.
try:
    lock.release()
except RuntimeError as e:
    print("RuntimeError", e.args)
try:
    _thread.LockType.release(5)
except TypeError:
    print("TypeError")

# With, and with an exception inside.
with lock as held:
    print(held, lock.locked())
try:
    with lock:
        raise KeyError(1)
except KeyError:
    print("KeyError", lock.locked())

# Another thread may release.
lock.acquire()
_thread.start_new_thread(lock.release, ())
lock.acquire()
print("released elsewhere")
lock.release()


# Mutual exclusion: a thread is switched out between reading and writing, yet nothing is lost.
def add(times):
    global total, ended
    for _ in range(times):
        with lock:
            n = total
            time.sleep(0)
            total = n + 1
    with lock:
        ended += 1


total = ended = 0
for _ in range(4):
    _thread.start_new_thread(add, (100,))
while ended < 4:
    time.sleep_ms(1)
print(total)


# A thread that takes the lock again at once does not keep it from one that waits.
def greedy():
    while not fed:
        with lock:
            for _ in range(100):
                pass
    done.release()


fed = False
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(greedy, ())
time.sleep_ms(5)
for _ in range(20):
    with lock:
        pass
fed = True
done.acquire()
print("fed")

# A waiter that gives up passes the lock on to the next.
order = []


def waiter(name, timeout):
    taken = lock.acquire(True, timeout)
    if taken:
        lock.release()
    order.append((name, taken))


lock.acquire()
for name, timeout in (("short", 0.02), ("long", -1), ("longer", -1)):
    _thread.start_new_thread(waiter, (name, timeout))
while not order:
    time.sleep_ms(1)
print(order)
lock.release()
while len(order) < 3:
    time.sleep_ms(1)
print(sorted(order))
