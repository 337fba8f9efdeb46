# only: simulator
# pyb: the programs of the chapter "Writing interrupt handlers", in our words.
import array
import micropython
import pyb
import simboard

micropython.alloc_emergency_exception_buf(100)


def wait_for(condition):
    for _ in range(2000):
        if condition():
            return True
        pyb.delay(1)
    return False


# Methods as callbacks: two lights at two rates.
class Blinker:
    def __init__(self, timer, led):
        self.led = led
        self.count = 0
        timer.callback(self.cb)

    def cb(self, timer):
        self.led.toggle()
        self.count += 1


red = Blinker(pyb.Timer(4, freq=100), pyb.LED(1))
green = Blinker(pyb.Timer(2, freq=62.5), pyb.LED(2))
print(wait_for(lambda: red.count >= 4 and green.count >= 2))
pyb.Timer(4).callback(None)
pyb.Timer(2).callback(None)
before = red.count, green.count
pyb.delay(40)
print(before == (red.count, green.count))


# A buffer that exists before the handler runs.
def volume(t, buf=bytearray(3)):
    buf[0] = 0xA5
    buf[1] = t >> 4
    buf[2] = 0x5A
    return buf


result = None


def sets(timer):
    global result
    result = volume(0x120)


timer = pyb.Timer(1, freq=200, callback=sets)
print(wait_for(lambda: result), result)
timer.deinit()

# A critical section, and what happens when the main program is too slow: the exception ends the handler.
SIZE = micropython.const(20)
index = 0
data = array.array("i", 0 for x in range(SIZE))


class BoundsException(Exception):
    pass


def fill(timer):
    global index
    for x in range(5):
        data[index] = pyb.rng()
        index += 1
        if index >= SIZE:
            raise BoundsException("Array bounds exceeded")


timer = pyb.Timer(4, freq=100, callback=fill)
seen = 0
while seen < 15:
    if index > 0:
        state = pyb.disable_irq()
        for x in range(index):
            seen += 0 <= data[x] < 1 << 30
        index = 0
        pyb.enable_irq(state)
    pyb.delay(1)
print("critical sections done")
print(wait_for(lambda: index == SIZE))
index = 0
pyb.delay(30)
print("it is gone:", index)
timer.callback(None)

# A handler goes on after its program has ended, and may print.
dots = 0


def bar():
    def dot(t):
        global dots
        dots += 1
        if dots <= 3:
            print(".", end="")

    pyb.Timer(2, freq=200, callback=dot)


bar()
print(wait_for(lambda: dots >= 5))
pyb.Timer(2).deinit()

# Lines from outside.
lines = bytearray(4)
n = 0


def line_came(line):
    global n
    lines[n] = line
    n += 1


ext = pyb.ExtInt(pyb.Pin("GP13"), pyb.ExtInt.IRQ_FALLING, pyb.Pin.PULL_UP, line_came)
for level in (0, 1, 0):
    simboard.drive("GP13", level)
for _ in range(2):
    pass
ext.disable()
ext.swint()
print(n, lines, ext.line())
pressed = 0


def press():
    global pressed
    pressed += 1


sw = pyb.Switch()
sw.callback(press)
print(sw(), sw.value())
simboard.drive("GP28", 0)
for _ in range(2):
    pass
print(sw(), pressed)
led = pyb.LED(3)
led.on()
print(led, led.intensity(), simboard.pwm("GP8"))
led.off()
start = pyb.millis()
pyb.udelay(1500)
print(pyb.elapsed_millis(start) >= 1, pyb.Timer(3, freq=0.5).freq(), pyb.Timer(3))
for bad in (lambda: pyb.Timer(0), lambda: pyb.Timer(15), lambda: pyb.LED(5), lambda: pyb.LED(0)):
    try:
        bad()
    except ValueError as e:
        print(e)
