# only: simulator
# The WiPy's quick reference: pins.
from machine import Pin

p_out = Pin("GP2", mode=Pin.OUT)
p_out.value(1)
print(p_out())
p_out.value(0)
print(p_out())
p_out.toggle()
print(p_out())
p_out(True)
print(p_out())
p_in = Pin("GP1", mode=Pin.IN, pull=Pin.PULL_UP)
print(p_in())

# The library reference: a handler, called by hand and switched off.
g = Pin("GP9", mode=Pin.OUT, pull=None, drive=Pin.MED_POWER, alt=-1)
print(g)


def pincb(pin):
    print(pin.id())


pin_int = Pin("GP10", mode=Pin.IN, pull=Pin.PULL_DOWN)
pin_int.irq(trigger=Pin.IRQ_RISING, handler=pincb)
pin_int.irq()()
pin_int.irq().disable()
led = Pin(Pin.board.GP25, mode=Pin.OUT)
print(led.id(), Pin.board.GP2.alt_list())
