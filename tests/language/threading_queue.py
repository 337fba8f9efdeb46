# queue: every class, with and without time-outs.
import queue
import threading

seen = []
# Queues.
q = queue.Queue(2)
q.put(1)
q.put(2)
for call in (lambda: q.put(3, False), lambda: q.put(3, timeout=0.005), lambda: q.put_nowait(3)):
    try:
        call()
    except queue.Full:
        print("Full", q.qsize(), q.full())
print(q.get(), q.get_nowait())
for call in (q.get_nowait, lambda: q.get(timeout=0.005), lambda: q.get(False)):
    try:
        call()
    except queue.Empty:
        print("Empty", q.empty())


def produce():
    for i in range(20):
        q.put(i)


def consume():
    while (i := q.get()) is not None:
        seen.append(i)
        q.task_done()
    q.task_done()


seen.clear()
ts = [threading.Thread(target=produce) for _ in range(2)] + [threading.Thread(target=consume) for _ in range(2)]
q.task_done()
q.task_done()
for t in ts:
    t.start()
ts[0].join()
ts[1].join()
q.put(None)
q.put(None)
q.join()
for t in ts:
    t.join()
print(sorted(seen) == sorted(list(range(20)) * 2), q.unfinished_tasks)
try:
    q.task_done()
except ValueError as e:
    print("ValueError", e)
lifo, prio, simple = queue.LifoQueue(), queue.PriorityQueue(), queue.SimpleQueue()
for n in (2, 3, 1):
    lifo.put(n)
    prio.put(n)
    simple.put(n)
print([lifo.get() for _ in range(3)], [prio.get() for _ in range(3)], [simple.get() for _ in range(3)])

