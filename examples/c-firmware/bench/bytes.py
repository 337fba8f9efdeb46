# What a thread takes of the heap.
import _thread, gc, time
import bench

bench.ready()
N = 8
gate = _thread.allocate_lock()


def wait():
    with gate:
        pass


def used():
    gc.collect()
    return gc.mem_alloc()


used()
gate.acquire()
before = used()
for _ in range(N):
    _thread.start_new_thread(wait, ())
time.sleep_ms(50)
print("bytes heap", (used() - before) // N)
gate.release()
time.sleep_ms(50)
print("bytes left", used() - before)
