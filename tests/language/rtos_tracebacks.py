# only: simulator
# rtos.tracebacks: a deadlock can be seen from another thread.
import _thread
import rtos
import time

first, second = _thread.allocate_lock(), _thread.allocate_lock()
ready = rtos.Semaphore(0, 2)


def locker(a, b):
    with a:
        ready.release()
        while not (first.locked() and second.locked()):
            time.sleep_ms(1)
        with b:
            pass


_thread.start_new_thread(locker, (first, second))
_thread.start_new_thread(locker, (second, first))
ready.acquire()
ready.acquire()
while (text := rtos.tracebacks()).count("waits for <lock") < 2:
    time.sleep_ms(1)


def where():
    lines = []
    for line in rtos.tracebacks().split("\n"):
        line = line.strip().split("/")[-1].replace('File "', "")
        # Which thread is which is the scheduler's business.
        line = line.replace("Thread 2 ", "Thread n ").replace("Thread 3 ", "Thread n ")
        lines.append(line[: line.index(" at ")] if "<" in line and " at " in line else line)
    print("\n".join(sorted(lines)))


where()
