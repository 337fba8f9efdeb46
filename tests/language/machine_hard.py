# Hard handlers run in their interrupt: between two instructions, during a wait of all threads; a native goes first.
import gc
import machine
import micropython
import rtos
import time
from machine import Timer

micropython.alloc_emergency_exception_buf(100)
count = 0
numbers = [0] * 9
names = {"last": 0, "other": 0}
buffer = bytearray(8)


class Thing:
    pass


thing = Thing()
thing.last = 0


def note(n):
    thing.last = n
    return n & 7


def tick(t):
    global count
    count += 1
    at = note(count)
    numbers[at] = count
    names["last"] = count
    buffer[at] = count & 255
    numbers.append(numbers.pop())


timer = Timer(-1, freq=1000, callback=tick, hard=True)


def ticks_during(work):
    before = count
    work()
    return count - before


def at_once():
    return rtos.handlers()[0]


def spin():
    # No call and no change: nothing but jumps until the handler has come.
    start = count
    while count == start:
        pass


# While the program runs, and while it sleeps.
before = at_once()
for _ in range(5):
    spin()
print("in the loop:", at_once() > before)
before = at_once()
n = ticks_during(lambda: time.sleep_ms(50))
print("asleep:", n > 0, at_once() > before)
# A long native and a collection end before, or pause for it.
while not ticks_during(lambda: sum(range(20000))):
    pass
print("sum")
while not ticks_during(lambda: pow(7, 3000)):
    pass
print("pow")
keep = [[i] for i in range(200)]
while not ticks_during(gc.collect):
    pass
print("collection")

# What it works with is sound all the time.
end = time.ticks_add(time.ticks_ms(), 200)
while time.ticks_diff(end, time.ticks_ms()) > 0:
    copy = [n for n in numbers]
    assert len(copy) in (8, 9), copy
    assert sorted(names) == ["last", "other"]
    names["other"] += 1
    numbers.append(numbers.pop(3))
    thing.other = copy
    del thing.other
timer.deinit()
print(thing.last == count == names["last"], buffer[count & 7] == count & 255)

# With handlers held off nothing comes; afterwards it does, once.
timer = Timer(-1, mode=Timer.ONE_SHOT, period=2, callback=tick, hard=True)
state = machine.disable_irq()
before = count
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 10:
    pass
print("held off:", count - before)
machine.enable_irq(state)
while count == before:
    pass
print("then:", count - before, rtos.handlers()[1] > 0, rtos.handlers()[2] > 0)


# What a handler must not do. It may print: that appears later.
caught = [None]
forbidden = [lambda: time.sleep_ms(1), lambda: open("file"), machine.reset, rtos.tasks, lambda: [count] * 5]


def tries(t):
    global count
    count += 1
    try:
        forbidden[0]()
        print("not refused")
    except Exception as e:
        caught[0] = e


def prints(t):
    global count
    count += 1
    print("in the handler", sep="")


def once(handler):
    before = count
    timer = Timer(-1, mode=Timer.ONE_SHOT, period=1, callback=handler, hard=True)
    while count == before:
        time.sleep_ms(1)


while forbidden:
    # An exception becomes an object where there is room for one, and a handler does not collect.
    gc.collect()
    once(tries)
    print(repr(caught[0]))
    forbidden.pop(0)
once(prints)
