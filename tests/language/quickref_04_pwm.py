# only: simulator
# The quick reference, 1.4: pulse width modulation.
from machine import Timer

tim = Timer(1, mode=Timer.PWM, width=16)
tim_a = tim.channel(Timer.A, freq=1000, duty_cycle=5055)
print(tim_a.freq(), tim_a.duty_cycle())
