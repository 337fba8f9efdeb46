# only: simulator
# The quick reference, 1.3: timers.
import time
from machine import Pin, Timer

tim = Timer(0, mode=Timer.PERIODIC)
tim_a = tim.channel(Timer.A, freq=1000)
print(tim_a.time())
tim_a.freq(5)
p_out = Pin("GP2", mode=Pin.OUT)
tim_a.irq(handler=lambda t: p_out.toggle())
before = p_out()
while p_out() == before:
    time.sleep_ms(1)
