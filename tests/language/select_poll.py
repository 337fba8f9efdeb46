# only: simulator
# select: what is ready, what wakes a waiting thread, and what does not poll.
import _thread
import io
import select
import sys
import time
from micropython import RingIO

ring = RingIO(16)
poller = select.poll()
poller.register(ring, select.POLLIN)
print(poller.poll(0))
ring.write(b"abc")
print(poller.poll() == [(ring, select.POLLIN)])
poller.modify(ring, select.POLLIN | select.POLLOUT)
print(poller.poll(0)[0][1])
print([flags for _, flags in poller.ipoll(0, 1)])
print(list(poller.ipoll(0)))
poller.modify(ring, select.POLLIN)
print([flags for _, flags in poller.ipoll(0)])
ring.read()
try:
    poller.modify(sys.stdin, select.POLLIN)
except OSError as e:
    print("OSError", e.errno)
for bad in (3, None, object()):
    try:
        poller.register(bad)
    except OSError as e:
        print("OSError", e)

# Another thread's write ends a wait without a limit.
lock = _thread.allocate_lock()
lock.acquire()


def waiter():
    print("woken", [flags for _, flags in poller.poll()])
    lock.release()


_thread.start_new_thread(waiter, ())
time.sleep_ms(5)
ring.write(b"x")
lock.acquire()
ring.read()

# More objects than lie in one stack frame.
rings = [RingIO(4) for _ in range(40)]
many = select.poll()
for r in rings:
    many.register(r, select.POLLIN)


def many_waiter():
    print("many", [rings.index(r) for r, _ in many.poll()])
    lock.release()


_thread.start_new_thread(many_waiter, ())
time.sleep_ms(5)
rings[33].write(b"x")
lock.acquire()

# A callback that is scheduled runs while a thread waits, and may end the wait.
import micropython

micropython.schedule(lambda r: r.write(b"y"), ring)
print(poller.poll() != [])
ring.read()

t = time.ticks_ms()
print(poller.poll(20), time.ticks_diff(time.ticks_ms(), t) >= 20)


# A stream in Python is asked again until it is ready.
class Slow(io.IOBase):
    def __init__(self):
        self.asked = 0

    def ioctl(self, request, arg):
        self.asked += 1
        return arg if self.asked == 5 else 0


slow = Slow()
poller.register(slow, select.POLLIN)
print([flags for _, flags in poller.poll()], slow.asked)
poller.unregister(slow)


class Broken(io.IOBase):
    def ioctl(self, request, arg):
        return -5


poller.register(Broken())
try:
    poller.poll()
except OSError as e:
    print("OSError", e.errno)

ring.write(b"z")
print(select.select([ring, rings[0]], [rings[1]], [], 0) == ([ring], [rings[1]], []))
print(select.select([rings[0]], [], [], 0.01))
import uselect

print(uselect is select)
