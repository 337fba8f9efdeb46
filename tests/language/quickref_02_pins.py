# only: simulator
# The quick reference, 1.2: pins.
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
