# only: simulator
# args: -X heapsize=100m
# Long natives hand over the GIL where nobody can see their work; list.sort does not.
import _thread
import binascii
import hashlib
import json
import re
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
    # The native is repeated with more to do until another thread has had several turns meanwhile. Two might be by chance,
    # before and after it.
    n = 1
    while n < 1 << 20:
        before = beats
        start = time.ticks_ms()
        native(n)
        if beats - before > 3:
            return True
        if time.ticks_diff(time.ticks_ms(), start) > 2000:
            return False
        n *= 2
    return False


print(others_run(lambda n: pow(3, 2000 * n)))
print(others_run(lambda n: str(7 ** (500 * n))))
print(others_run(lambda n: sum(range(1000 * n))))
print(others_run(lambda n: re.match("(a*)*b", "a" * (9 + n.bit_length()))))
data = bytes(1 << 25)
print(others_run(lambda n: hashlib.sha256(memoryview(data)[: 10000 * n])))
print(others_run(lambda n: binascii.crc32(memoryview(data)[: 10000 * n])))
print(others_run(lambda n: json.loads("[" + "1," * (1000 * n) + "1]")))
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

# Two threads add to one hash: both, in some order.
shared = hashlib.sha1()
data = bytes(100000)
gates = []


def add(gate):
    shared.update(data)
    gate.release()


for _ in range(2):
    gates.append(_thread.allocate_lock())
    gates[-1].acquire()
    _thread.start_new_thread(add, (gates[-1],))
for gate in gates:
    gate.acquire()
print(shared.digest() == hashlib.sha1(data + data).digest())
