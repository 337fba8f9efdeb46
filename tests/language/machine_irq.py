# only: simulator
# Handlers of pins: soft and hard, flags, enable and disable, what goes wrong in them.
import machine
import micropython
import simboard
import time
from machine import Pin

micropython.alloc_emergency_exception_buf(100)
simboard.wire("GP16", "GP13")
out = Pin("GP16", Pin.OUT, value=1)
pin = Pin("GP13", Pin.IN, Pin.PULL_UP)
log = []


def handler(p):
    log.append((p is pin, irq.flags()))


irq = pin.irq(trigger=Pin.IRQ_FALLING, handler=handler)
print(pin.irq() is irq)
for _ in range(4):
    out.toggle()
print(log)
log.clear()
pin.irq(handler, Pin.IRQ_FALLING | Pin.IRQ_RISING)
for _ in range(4):
    out.toggle()
print(log)
log.clear()
irq.disable()
out.toggle()
irq.enable()
out.toggle()
print(log)
log.clear()
pin.irq()()
print(log)
print(irq.trigger(Pin.IRQ_RISING), irq.trigger())
log.clear()
irq.init(trigger=Pin.IRQ_LOW_LEVEL, handler=handler)
out(0)
out(1)
print(log)
irq.disable()

# Handlers wait while they are not allowed, and what came meanwhile comes once.
log.clear()
irq.init(trigger=Pin.IRQ_FALLING, handler=handler)
state = machine.disable_irq()
for _ in range(6):
    out.toggle()
inner = machine.disable_irq()
machine.enable_irq(inner)
print(len(log), state, inner)
machine.enable_irq(state)
for _ in range(2):
    pass
print(len(log))

# Hard handlers: no memory, no waiting, an end to everything; what they let out ends them.
count = 0
buffer = bytearray(8)


def hard(p):
    global count
    count += 1
    buffer[count & 7] = count


irq = pin.irq(hard, Pin.IRQ_FALLING, hard=True)
for _ in range(10):
    out.toggle()
print(count, bytes(buffer))


def allocates(p):
    global count
    count += 1
    bytes(100)


def waits(p):
    global count
    count += 1
    time.sleep_ms(1)


def never_ends(p):
    global count
    count += 1
    while True:
        pass


for bad in (allocates, waits, never_ends):
    count = 0
    pin.irq(bad, Pin.IRQ_FALLING, hard=True)
    for _ in range(6):
        out.toggle()
    print(bad.__name__, "ran", count)

# Others go on, and a new handler can take the place.
count = 0
pin.irq(hard, Pin.IRQ_FALLING, hard=True, priority=7)
for _ in range(4):
    out.toggle()
print(count)


# A soft one may do all that, and goes on after an exception.
def soft(p):
    global count
    count += 1
    bytes(100)
    raise ValueError("soft")


count = 0
pin.irq(soft, Pin.IRQ_FALLING)
for _ in range(4):
    out.toggle()
print(count)
irq.disable()

