# A locked heap: no allocation, but loops, calls and exceptions go on.
import micropython


class Callable:
    def __call__(self, a):
        return a


data = b"12", (1, 2), [1, 2], {1: 2}, {1}, bytearray(b"1")
call = Callable()


def work():
    n = 0
    for items in data:
        for item in items:
            n += 1
    n += sum(data[1]) + max(data[2]) + (49 in data[0]) + all(data[1]) + call(3)
    try:
        raise ValueError(n)
    except ValueError as e:
        caught = e
    try:
        missing
    except NameError as e:
        pass
    return caught


micropython.heap_lock()
e = work()
try:
    [n for n in data]
    print("allocated")
except MemoryError:
    pass
print(micropython.heap_unlock(), micropython.heap_locked())
print(type(e).__name__, e)
