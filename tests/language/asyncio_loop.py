# asyncio beyond upstream's tests: threads, flags, streams, what is not awaited at once.
import _thread
import asyncio
import time
from micropython import RingIO

# What sleep_ms returned may be kept, and others sleep meanwhile.
async def napper(name, ms):
    await asyncio.sleep_ms(ms)
    print("nap", name)


async def keep():
    later = asyncio.sleep_ms(3)
    other = asyncio.create_task(napper("other", 1))
    await asyncio.sleep_ms(2)
    await later
    await other
    print("kept")


asyncio.run(keep())

# A flag that another thread sets ends an idle wait.
flag = asyncio.ThreadSafeFlag()


def setter():
    time.sleep_ms(5)
    flag.set()


async def waits():
    _thread.start_new_thread(setter, ())
    await flag.wait()
    print("flag", flag.is_set())


asyncio.run(waits())

# Each thread has its own loop; an event wakes a task of another one.
started = _thread.allocate_lock()
started.acquire()
ended = _thread.allocate_lock()
ended.acquire()
event = None
loops = [asyncio.get_event_loop()]


def other_thread():
    async def waiter():
        global event
        event = asyncio.Event()
        started.release()
        await event.wait()
        print("woken by the other thread")

    loops.append(asyncio.get_event_loop())
    asyncio.run(waiter())
    ended.release()


_thread.start_new_thread(lambda: other_thread(), ())
started.acquire()
time.sleep_ms(5)
event.set()
ended.acquire()
print(loops[0] is loops[1], loops[0] is asyncio.get_event_loop())

# Streams over anything that can be polled.
ring = RingIO(8)


async def producer():
    w = asyncio.StreamWriter(ring)
    w.write(b"line one\nline two\nrest")
    await w.drain()


async def consumer():
    r = asyncio.StreamReader(ring)
    asyncio.create_task(producer())
    print(await r.readline())
    print(await r.readexactly(9))
    print(await r.readexactly(4))
    try:
        await asyncio.wait_for(r.read(1), 0.005)
    except asyncio.TimeoutError:
        print("timeout")
    return 7


print(asyncio.run(consumer()))


# Two tasks may not wait to read the same stream.
async def greedy():
    r = asyncio.StreamReader(ring)
    t = asyncio.create_task(r.read(1))
    await asyncio.sleep_ms(0)
    try:
        await r.read(1)
    except RuntimeError as e:
        print("RuntimeError", e)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(greedy())

# Errors.
for bad in (lambda: asyncio.create_task(3), lambda: asyncio.run(None), lambda: asyncio.current_task()):
    try:
        bad()
    except (TypeError, RuntimeError) as e:
        print(type(e).__name__, e)
try:
    asyncio.sleep_ms(1 << 29)
except OverflowError as e:
    print("OverflowError")
asyncio.sleep_ms(1)  # nobody awaits it


async def twice():
    t = asyncio.create_task(napper("twice", 1))
    await t
    await t
    print(t.done(), t.result())


asyncio.run(twice())


# Many sleepers end in their order.
async def sleeper(out, i, base):
    # All sleep up to a time after the common base, however late they start.
    until = time.ticks_add(base, 100 + 4 * (i * 7 % 31))
    await asyncio.sleep_ms(time.ticks_diff(until, time.ticks_ms()))
    out.append(i * 7 % 31)


async def many():
    out = []
    base = time.ticks_ms()
    await asyncio.gather(*[sleeper(out, i, base) for i in range(60)])
    print(out == sorted(out), len(out))
    base = time.ticks_ms()
    tasks = [asyncio.create_task(sleeper(out, i, base)) for i in range(60)]
    await asyncio.sleep_ms(0)
    for t in tasks[::2]:
        t.cancel()
    out.clear()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(out == sorted(out), len(out))


asyncio.run(many())


# Anything with send() is a coroutine.
class Custom:
    def __init__(self):
        self.nap = None

    def send(self, value):
        if self.nap is None:
            self.nap = asyncio.sleep_ms(1)
        for x in self.nap:
            return x
        raise StopIteration(7)

    def throw(self, e):
        raise e


print(asyncio.run(Custom()))
import uasyncio

print(uasyncio is asyncio)
