# only: simulator
# Examples of the WiPy's library reference: timers and waves.
from machine import Pin, Timer

led = Pin("GP16", mode=Pin.OUT)
tim = Timer(3)
tim.init(mode=Timer.PERIODIC)
tim_ch = tim.channel(Timer.A, freq=50)
tim_ch.irq(handler=lambda t: led.toggle(), trigger=Timer.TIMEOUT)
before = led()
while led() == before:
    pass
tim.deinit()


def tick(timer):
    global ticked
    ticked = timer
    led.toggle()


ticked = None
tim = Timer(1, mode=Timer.PERIODIC, width=32)
tim_a = tim.channel(Timer.A | Timer.B, freq=20)
tim_a.irq(handler=tick, trigger=Timer.TIMEOUT)
while ticked is None:
    pass
print(ticked is tim_a)
tim.deinit()

tim1 = Timer(1, mode=Timer.ONE_SHOT)
tim2 = Timer(2, mode=Timer.PWM)
tim1_ch = tim1.channel(Timer.A, freq=10, polarity=Timer.POSITIVE)
tim2_ch = tim2.channel(Timer.B, freq=10000, duty_cycle=5000)
tim2_ch.freq(20)
print(tim2_ch.freq())
tim2_ch.duty_cycle(3010)
print(tim2_ch.duty_cycle())
tim2_ch.duty_cycle(3020, Timer.NEGATIVE)
tim2_ch.period(2000000)
print(tim2_ch.period(), tim2_ch)
