# rtos: shared objects, timers and figures.
import _thread
import asyncio
import gc
import rtos
import select
import time


def fails(f, *args, **kwargs):
    try:
        print("no error", f(*args, **kwargs))
    except (OSError, ValueError, TypeError, RuntimeError) as e:
        print(type(e).__name__, e)


def later(f, *args):
    def run():
        time.sleep_ms(5)
        f(*args)

    _thread.start_new_thread(run, ())


def elsewhere(f):
    """Runs it in another thread, to its end."""
    done = rtos.Semaphore(0, 1)

    def run():
        f()
        done.release()

    _thread.start_new_thread(run, ())
    done.acquire()


# Queues of objects.
q = rtos.Queue(2)
print(len(q), q.try_send([1]), q.try_send("b"), q.try_send(3), len(q))
fails(q.send, 3, timeout=2)
print(q.peek(), q.receive(), q.receive(timeout=0), q.try_receive(), q.try_receive(7))
fails(q.receive, 2)
later(q.send, "later")
print(q.receive())
q.send(1)
q.send(2, urgent=True)
print(q.receive(), q.receive())
q.send(1)
q.send(2)
later(q.receive)
print(q.send(3, timeout=5000), len(q))
q.close()
fails(q.receive)
fails(q.close)

# Queues of bytes.
b = rtos.Queue(3, 8, "bytes")
b.send(b"abc")
b.send(bytearray(b""))
print(b.try_send(memoryview(b"12345678")), b.try_send(b"x"))
fails(b.send, b"123456789")
fails(b.send, 3)
again = rtos.open("bytes")
print(again.receive(), again.receive(), again.receive(), len(b))
b.send(b"urgent?")
b.send(b"urgent!", urgent=True)
print(b.receive(), b.receive())
fails(rtos.Queue, 3, 8, "bytes")
fails(rtos.open, "nothing")
again.close()
print(b.try_send(b"still"))
b.close()
fails(rtos.open, "bytes")
for bad in ((0,), (1, 0), (1, 513), (70000,), (1, 8, "x" * 24), (2, None, "objects")):
    fails(rtos.Queue, *bad)

# What waits is woken when the queue is closed for all: one without a name, by its maker.
q = rtos.Queue(1)
later(q.close)
fails(q.receive)

# Semaphores.
s = rtos.Semaphore(1, 2)
print(s.try_acquire(), s.try_acquire(), s.value())
later(s.release)
print(s.acquire(), s.value())
s.release()
s.release()
fails(s.release)
with s:
    print(s.value())
fails(rtos.Semaphore, 3, 2)
fails(rtos.Semaphore, value=-1)

# Mutexes.
m = rtos.Mutex("m")
with m:
    print(m.locked(), m.try_acquire())
    elsewhere(lambda: fails(m.release))
    elsewhere(lambda: fails(m.acquire, timeout=1))
fails(m.release)

# Event groups.
g = rtos.EventGroup()
print(g.set(5), g.clear(1), g.get(), g.wait(6), g.wait(4, clear=True), g.get())
later(g.set, 1)
later(g.set, 2)
print(g.wait(3, all=True), g.get())
fails(g.wait, 4, timeout=2)
fails(g.set, -1)

# select.poll and asyncio wait for them.
q = rtos.Queue(1)
p = select.poll()
p.register(q, select.POLLIN)
p.register(s, select.POLLIN)
while s.try_acquire():
    pass
print(p.poll(2))
later(q.send, 1)
print([f for _, f in p.poll()], q.receive())
later(s.release)
print([o is s for o, _ in p.poll()])


async def receiver():
    await asyncio.ready(q, select.POLLIN)
    return q.receive()


async def main():
    t = asyncio.create_task(receiver())
    await asyncio.sleep_ms(1)
    later(q.send, "async")
    print(await t)


asyncio.run(main())
q.close()
print(p.poll(0)[0][1] & 32)

# Timers.
q = rtos.Queue(4)
t = rtos.Timer(lambda t: q.try_send("tick"), 5)
t.start()
print(q.receive(), q.receive())
t.stop()
once = rtos.Timer(lambda t: q.send(t is once), 5, repeat=False)
once.start()
while q.try_receive() is not True:
    pass
time.sleep_ms(20)
print(q.try_receive())
once.close()
fails(once.start)
fails(rtos.Timer, 3, 5)
fails(rtos.Timer, print, 0)

# Notifications.
me = _thread.get_ident()
rtos.notify(me, 5)
rtos.notify(me, 2)
print(rtos.notified(), rtos.notified(timeout=2))
later(rtos.notify, me)
print(rtos.notified())
fails(rtos.notify, 123456)
fails(rtos.notify, me, -1)

# Figures.
tasks = rtos.tasks()
print(any(state == "running" for _, state, _, _, _ in tasks), all(len(t) == 5 for t in tasks))
print(len(rtos.heap()))
start = now = time.ticks_ms()
for _ in range(3):
    now = rtos.delay_until(now, 5)
print(time.ticks_diff(now, start), time.ticks_diff(time.ticks_ms(), start) >= 15)
before = rtos.wakeups()
time.sleep_ms(2)
print(rtos.wakeups() > before)

# Nothing is left behind.
for i in range(200):
    rtos.Queue(4, 500)
    rtos.Semaphore(name="s%d" % (i % 3)).close()
gc.collect()
print("end")
