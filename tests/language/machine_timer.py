# only: simulator
# machine.Timer in both forms, TimerChannel, PWM on pins.
import simboard
import time
from machine import Timer, PWM, Pin, time_pulse_us


def wait_for(condition):
    for _ in range(2000):
        if condition():
            return True
        time.sleep_ms(1)
    return False


def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
        print("no error")
    except Exception as e:
        print(type(e).__name__, e)


for i in range(4):
    tim = Timer(i, mode=Timer.PERIODIC)
    print(tim, tim.channel(Timer.A, freq=5), tim.channel(Timer.B, period=200000))
    tim.init(Timer.PWM)
    print(tim, tim.channel(Timer.A, freq=50000, duty_cycle=2000))
    print(tim.channel(Timer.B, freq=100, duty_cycle=8000, polarity=Timer.NEGATIVE))
    tim.deinit()
print(Timer(0, mode=Timer.PERIODIC, width=32).channel(Timer.A | Timer.B, freq=1))

# The quick reference: a channel with a frequency, its handler gets the channel.
count = 0


def tick(channel):
    global count
    count += 1
    assert channel is ch


tim = Timer(0, mode=Timer.PERIODIC)
ch = tim.channel(Timer.A, freq=1000)
print(ch.time(), ch.freq(), tim.channel(Timer.A) is ch, tim.channel(Timer.B))
ch.freq(500)
irq = ch.irq(handler=tick)
print(wait_for(lambda: count >= 5))
irq.disable()
before = count
time.sleep_ms(10)
print(count == before)
irq.enable()
print(wait_for(lambda: count > before))
ch.period(1000)
print(ch.freq(), ch.period())
tim.deinit()
before = count
time.sleep_ms(10)
print(count == before)

# Once.
count = 0
tim.init(mode=Timer.ONE_SHOT)
ch = tim.channel(Timer.A, period=2000)
ch.irq(handler=tick, trigger=Timer.TIMEOUT)
print(wait_for(lambda: count))
time.sleep_ms(10)
print(count)
tim.deinit()

# Today's form.
seen = []
timers = [Timer(-1, period=5, mode=Timer.ONE_SHOT, callback=seen.append) for _ in range(3)]
print(wait_for(lambda: len(seen) == 3), all(t in seen for t in timers))
t = Timer(-1)
t.init(freq=200, callback=lambda t: seen.append(0))
print(wait_for(lambda: len(seen) >= 6))
t.deinit()
t.deinit()
t = Timer()
t.init(freq=0.5, callback=print)
t.deinit()
t.init(period=100, tick_hz=10000, mode=Timer.PERIODIC, callback=lambda t: seen.append(1))
print(wait_for(lambda: 1 in seen))
t.deinit()
# One-shot timers give back what they had.
seen.clear()
for i in range(100):
    Timer(-1, mode=Timer.ONE_SHOT, period=1, callback=seen.append)
    wait_for(lambda: len(seen) > i)

# Waves, and a wire to measure them.
tim = Timer(1, mode=Timer.PWM, width=16)
ch = tim.channel(Timer.A, freq=1000, duty_cycle=5055)
print(simboard.pwm("GP25"))
ch.duty_cycle(3020, Timer.NEGATIVE)
print(simboard.pwm("GP25"), ch.duty_cycle())
tim.deinit()
print(simboard.pwm("GP25"))
simboard.wire("GP24", "GP22")
pwm = PWM(Pin("GP24"), freq=50, duty_u16=16384)
print(pwm, pwm.freq(), pwm.duty_u16(), pwm.duty_ns())
us = time_pulse_us(Pin("GP22", Pin.IN), 1)
us = time_pulse_us(Pin("GP22"), 1)
print(us > 0)
pwm.duty_ns(10000000)
print(pwm.duty_u16())
pwm.deinit()
print(simboard.pwm("GP24"), time_pulse_us(Pin("GP22"), 1, 1000), time_pulse_us(Pin("GP22"), 0, 1000))

fails(Timer, 4)
fails(Timer, 0, mode=12)
fails(Timer, 0, mode=Timer.PWM, width=32)
fails(Timer, -1, freq=1, period=1)
fails(Timer, -1, freq=0)
fails(Timer, -1, period=-5)
fails(Timer, -1, callback=print)
t = Timer(2)
fails(t.channel, Timer.A, freq=1)
t.init(Timer.PERIODIC)
fails(t.channel, Timer.A | Timer.B, freq=1)
fails(t.channel, Timer.A, freq=1, period=1)
fails(t.channel, 5, freq=1)
fails(t.channel, Timer.A, freq=1, polarity=7)
fails(t.channel(Timer.A, freq=1).irq, handler=print, trigger=Timer.MATCH)
fails(PWM, "nowhere")
many = []
try:
    while True:
        many.append(Timer(-1, period=1000, callback=print))
except OSError as e:
    print("no more timers:", e)
for t in many:
    t.deinit()
