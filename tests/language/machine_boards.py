# only: boards
# machine on the emulated boards: lights, timers, calendar, and a clear error for what they do not have.
import machine
import micropython
import time
import wipy
from machine import ADC, I2C, PWM, Pin, RTC, SPI, Timer, UART

micropython.alloc_emergency_exception_buf(100)
led = Pin("LED0", Pin.OUT, value=1)
print(led, led(), machine.mem32[0x40028000] & 1)
led.toggle()
print(led(), machine.mem32[0x40028000] & 1)
print(Pin("PB0")(), Pin.board.LED1)

count = 0


def tick(t):
    global count
    count += 1


t = Timer(-1, freq=100, callback=tick, hard=True)
start = time.ticks_ms()
while count < 20:
    pass
print(190 <= time.ticks_diff(time.ticks_ms(), start) <= 1000)
t.deinit()
once = []
Timer(-1, mode=Timer.ONE_SHOT, period=20, callback=once.append)
ch = Timer(0, mode=Timer.PERIODIC).channel(Timer.A, freq=1000)
count = 0
ch.irq(handler=tick)
while not once or count < 10:
    pass
Timer(0).deinit()


def fails(t):
    bytes(1000)


Timer(-1, mode=Timer.ONE_SHOT, period=1, callback=fails, hard=True)
time.sleep_ms(20)

rtc = RTC(datetime=(2015, 8, 29, 9, 0, 0))
print(rtc.now()[:5], time.localtime()[:5])
rtc.alarm(time=500)
rtc.irq(trigger=RTC.ALARM0, handler=lambda r: print("alarm"), wake=machine.SLEEP)
machine.sleep()
print(machine.wake_reason() == machine.RTC_WAKE)
rtc.memory(b"kept")
print(rtc.memory())
uart = UART(1, 115200)
print(uart, uart.write(b"hello"), uart.any())
uart.deinit()
print(machine.freq(), len(machine.unique_id()), wipy.heartbeat())

for missing in (
    lambda: led.irq(print),
    lambda: I2C(0),
    lambda: SPI(0),
    lambda: ADC(),
    lambda: PWM("LED0"),
    lambda: UART(0),
    lambda: UART(5),
    lambda: machine.rng(),
):
    try:
        missing()
        print("no error")
    except OSError as e:
        print(e)
for wrong in (
    lambda: Pin("GP1"),
    lambda: Pin("PB0", Pin.OUT),
    lambda: machine.mem32[0],
    lambda: machine.mem8[0x40028050],
    lambda: UART(1, 9600, bits=7),
):
    try:
        wrong()
        print("no error")
    except ValueError as e:
        print(e)
