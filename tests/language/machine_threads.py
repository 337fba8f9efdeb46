# only: simulator
# Waiting for devices leaves the interpreter to others, with buffers pinned; the end of the program ends the waits.
import _thread
import machine
import simboard
import time
from machine import I2C, Pin, SPI, UART

uart = UART(0, 9600, timeout=100000)
buf = bytearray(4)
done = []


def grow():
    try:
        buf.append(1)
        return "grown"
    except BufferError:
        return "pinned"


ready = []


def announces():
    ready.append(1)
    done.append(uart.readinto(buf))


_thread.start_new_thread(announces, ())
while not ready:
    time.sleep_ms(1)
for _ in range(1000):
    if grow() == "pinned":
        print("pinned")
        break
    time.sleep_ms(1)
# This thread works meanwhile.
n = 0
for i in range(20000):
    n += i
print(n, done)
simboard.uart(0, b"more")
while not done:
    time.sleep_ms(1)
print(done, grow())

# A thread in a sleep is woken by what wakes it; others ran all the time.
woken = []


def sleeper():
    pin = Pin("GP13", Pin.IN, Pin.PULL_UP)
    pin.irq(trigger=Pin.IRQ_LOW_LEVEL, wake=machine.SLEEP)
    machine.lightsleep()
    woken.append(machine.wake_reason() == machine.PIN_WAKE)


_thread.start_new_thread(sleeper, ())
time.sleep_ms(20)
print(woken)
simboard.drive("GP13", 0)
while not woken:
    time.sleep_ms(1)
print(woken)

# Left behind in waits that nothing ends but the end of the program.
for wait in (lambda: uart.read(1), machine.lightsleep, lambda: machine.time_pulse_us(Pin("GP5"), 1, 1 << 29)):
    _thread.start_new_thread(wait, ())
i2c, spi = I2C(0), SPI(0)


def busy():
    while True:
        i2c.readfrom_mem(0x42, 0, 4)
        spi.read(4)


_thread.start_new_thread(busy, ())
time.sleep_ms(50)
print("end")
