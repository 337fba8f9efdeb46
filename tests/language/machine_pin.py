# only: simulator
# machine.Pin: modes, levels, wires, functions, errors.
import machine
import simboard
from machine import Pin, Signal

simboard.wire("GP12", "GP17")
p_in = Pin("GP12", Pin.IN)
p_out = Pin("GP17", Pin.OUT, value=1)
print(p_in(), p_in.value(), p_out())
p_out.value(0)
print(p_in())
p_out.toggle()
print(p_in())
p_out.off()
print(p_in())
p_out.on()
print(p_in())
p_out(False)
print(p_in())

# Resistors decide what nobody drives; an open drain only pulls down.
p_out.init(Pin.IN)
for pull in (Pin.PULL_UP, Pin.PULL_DOWN, None):
    p_in.pull(pull)
    print(p_in(), p_in.pull() == pull)
p_in.pull(Pin.PULL_UP)
p_out.init(mode=Pin.OPEN_DRAIN, value=1)
print(p_in(), p_out())
p_out(0)
print(p_in(), p_out())

# One object a pin, however it is named; alone a name changes nothing.
print(Pin("GP17") is p_out, Pin(17) is p_out, Pin.board.GP17 is p_out, Pin(p_out) is p_out)
print(p_out.mode() == Pin.OPEN_DRAIN)
print(p_out)
p = Pin("GP23", mode=Pin.OUT, pull=Pin.PULL_UP, drive=Pin.LOW_POWER)
print(p, p.drive() == Pin.LOW_POWER)
p.drive(Pin.HIGH_POWER)
p.mode(Pin.IN)
print(p, p.id())

# Functions.
print(Pin.board.GP2.alt_list())
p = Pin("GP2", mode=Pin.ALT, alt=3)
print(p)
q = Pin("GP31", mode=Pin.ALT, alt=9)
# Both can be UART0_RX, but only one at a time.
print(p.mode() == Pin.IN, q.mode() == Pin.ALT)
for pin in ("GP0", "GP9", "GP10", "GP30"):
    for name, alt in Pin(pin).alt_list():
        Pin(pin, mode=Pin.ALT_OPEN_DRAIN, alt=alt)

s = Signal("GP17", Pin.OUT, invert=True)
s.on()
print(p_out(), s.value())
s.off()
print(p_out(), s())
s = Signal(p_out)
s(0)
print(p_out(), s())


def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
        print("no error")
    except Exception as e:
        print(type(e).__name__, e)


fails(Pin, "A0", Pin.OUT)
fails(Pin, 99)
fails(Pin, 1.5)
fails(Pin, "GP17", mode=Pin.LOW_POWER)
fails(Pin, "GP17", mode=Pin.IN, pull=Pin.HIGH_POWER)
fails(Pin, "GP17", Pin.OUT, drive=Pin.IN)
fails(Pin, "GP17", Pin.IN, Pin.PULL_UP, alt=0)
fails(Pin, "GP17", Pin.ALT, alt=16)
fails(Pin, "GP17", Pin.ALT, alt=-1)
fails(p_out.mode, Pin.PULL_UP)
fails(p_out.pull, Pin.OUT)
fails(p_out.drive, Pin.IN)
fails(p_out.id, "ABC")
fails(p_out.irq, trigger=12345)
fails(p_out.irq, trigger=Pin.IRQ_RISING, priority=8)
fails(Pin("GP16").irq, trigger=Pin.IRQ_RISING, wake=machine.SLEEP)
fails(Signal)
try:
    Pin.board.GP99
except AttributeError:
    print("no such pin")
