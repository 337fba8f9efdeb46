# only: simulator
# Examples of the WiPy's library reference: pins. A handler, called by hand and switched off.
from machine import Pin

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
