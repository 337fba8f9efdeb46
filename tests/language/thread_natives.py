# only: simulator
# Long natives hand over the GIL where nobody can see their work; list.sort does not.
import _thread
import time

beats = 0
stop = False
ended = _thread.allocate_lock()
ended.acquire()


def pulse():
    global beats
    while not stop:
        beats += 1
        time.sleep_ms(1)
    ended.release()


_thread.start_new_thread(pulse, ())


def others_run(native):
    # The native is repeated with more to do until it takes long enough for a switch to be due.
    n = 1
    while True:
        before = beats
        start = time.ticks_ms()
        native(n)
        if time.ticks_diff(time.ticks_ms(), start) > 60:
            return beats - before > 1
        n *= 2


print(others_run(lambda n: pow(3, 2000 * n)))
print(others_run(lambda n: str(7 ** (500 * n))))
print(others_run(lambda n: sum(range(1000 * n))))
stop = True
ended.acquire()

# While one thread sorts, others see the whole list.
numbers = [(i * 7919) % 4001 for i in range(4001)]
sizes = set()
stop = False


def look():
    while not stop:
        sizes.add(len(numbers))
    ended.release()


_thread.start_new_thread(look, ())
for _ in range(20):
    numbers.sort()
    numbers.reverse()
stop = True
ended.acquire()
print(sizes <= {4001})
