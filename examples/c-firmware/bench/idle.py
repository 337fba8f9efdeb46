# Four threads that wait in four ways, and an event loop that waits for ever.
import _thread, asyncio, rtos, select, sys, time
import bench

gate = _thread.allocate_lock()
gate.acquire()
queue = rtos.Queue(4, 4)
poll = select.poll()
poll.register(queue, select.POLLIN)
empty = rtos.Queue(4, 4)
for wait in (gate.acquire, empty.receive, lambda: time.sleep(100000), poll.poll):
    _thread.start_new_thread(wait, ())


async def main():
    bench.ready()
    await asyncio.Event().wait()


asyncio.run(main())
