# only: simulator
# machine.UART: two ports wired to one another.
import select
import simboard
import time
from machine import UART, Pin


def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
        print("no error")
    except Exception as e:
        print(type(e).__name__, e)


uart = UART(0, baudrate=9600)
print(uart, Pin("GP1").mode() == Pin.ALT, Pin("GP2").mode() == Pin.ALT)
print(uart.write("hello"), uart.read(5))
simboard.uart(0, b"outside")
print(uart.any(), uart.read(3), uart.read())

simboard.wire("GP12", "GP17")
simboard.wire("GP13", "GP16")
print(UART(baudrate=38400, pins=("GP16", "GP17")), UART(pins=(None, "GP17")), UART())
uart0 = UART(0, 1000000, pins=("GP12", "GP13"))
uart1 = UART(1, 1000000, pins=("GP16", "GP17"))
print(Pin("GP1").mode() == Pin.IN, UART(0, 1000000, pins=("GP12", "GP13")) is uart0)
print(uart0.write(b"123456"), uart1.read())
print(uart1.write(b"123"), uart0.read(1), uart0.read(2), uart0.read())
uart0.write(b"123")
buf = bytearray(3)
print(uart1.readinto(buf, 1), buf, uart1.readinto(buf), buf, uart1.readinto(buf))
uart0.write(b"line\nrest")
print(uart1.any(), uart1.readline(), uart1.readall(), uart1.any())
uart0.write(bytes(300))
print(uart1.any(), len(uart1.read()))

# One direction only, and none.
uart0 = UART(0, 1000000, pins=("GP12", None))
print(uart0.write(b"123"), uart1.read(), uart1.write(b"123"), uart0.read())
uart0 = UART(0, 1000000, pins=None)
print(uart0.write(b"456"), uart1.read(), uart1.write(b"123"), uart0.read())
uart0 = UART(0, 1000000, pins=(None, "GP13"))
print(uart0.write(b"123"), uart1.read(), uart1.write(b"123"), uart0.read())
uart0.init(1000000, tx="GP12", rx=Pin("GP13"), timeout=5, timeout_char=1)
print(uart0, uart0.read(1))

# A handler, and waiting with select.
seen = []


def handler(u):
    seen.append((u is uart1, irq.flags(), u.any()))


irq = uart1.irq(trigger=UART.RX_ANY, handler=handler)
uart0.write(b"ab")
while not seen:
    pass
print(seen, irq.flags(), uart1.read())
irq.disable()
seen.clear()
uart0.write(b"ab")
print(seen, uart1.read())
irq.enable()
uart1.irq(handler=None, trigger=UART.IRQ_RX)
uart0.write(b"ab")
print(seen, uart1.any())
poll = select.poll()
poll.register(uart0, select.POLLIN)
poll.register(uart1, select.POLLIN)
print([o is uart1 for o, _ in poll.poll(1000)])
uart1.read()
print(poll.poll(1))

# The time on the line counts.
slow = UART(0, 600)
start = time.ticks_us()
slow.write(b"0123456789")
print(slow.txdone())
slow.flush()
us = time.ticks_diff(time.ticks_us(), start)
print(us >= 166000, slow.txdone())
slow.sendbreak()
print(UART(0, 115200, 8, UART.ODD, 2), UART(0, 9600, bits=7, parity=UART.EVEN, stop=1))

fails(UART, 2)
fails(UART, 0, 0)
fails(UART, 0, 9600, bits=9)
fails(UART, 0, 9600, parity=5)
fails(UART, 0, pins=("GP12", "GP13", "GP7"))
fails(UART, 0, pins=("GP0", "GP13"))
fails(UART, 0, pins=("GP12", None, "GP6", None))
fails(uart1.irq, trigger=100, handler=handler)
fails(uart1.irq, trigger=0)
fails(uart1.irq, trigger=UART.RX_ANY, wake=4)
uart1.deinit()
print(uart1)
fails(uart1.any)
fails(uart1.read)
fails(uart1.write, b"x")
fails(uart1.sendbreak)
uart1.init(115200)
print(uart1, uart1.read())
