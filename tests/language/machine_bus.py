# only: simulator
# machine.I2C, SPI, SoftI2C, SoftSPI against the simulated devices.
import machine
import simboard
import _thread
import time
from machine import I2C, SPI, SoftI2C, SoftSPI, Pin


def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
        print("no error")
    except Exception as e:
        print(type(e).__name__, e)


# The quick reference.
i2c = I2C(0, I2C.MASTER, baudrate=100000)
print(i2c, [hex(a) for a in i2c.scan()])
print(i2c.writeto(0x42, "hello"))
print(i2c.writeto(0x42, b"h", stop=False), i2c.readfrom(0x42, 4))
print(i2c.writeto_mem(0x42, 0x10, "xy"), i2c.readfrom_mem(0x42, 0x10, 2))
buf = bytearray(3)
print(i2c.readfrom_mem_into(0x42, 0x0F, buf), buf)
print(i2c.writeto(0x42, 0x10), i2c.readfrom_into(0x42, buf), buf)
print(i2c.writevto(0x42, (b"\x20", b"ab", bytearray(b"cd"))), simboard.i2c(0x42)[0x20:0x24])
simboard.i2c(0x33, b"four")
print(i2c.readfrom_mem(addr=0x33, memaddr=1, nbytes=3))
simboard.i2c(0x33, None)
fails(i2c.readfrom, 0x33, 1)
print(I2C(), I2C(mode=I2C.MASTER, baudrate=10000, pins=("GP15", "GP10")))
print(I2C(0, scl=Pin("GP10"), sda=Pin("GP11"), freq=400000))

# EEPROM with addresses of 16 bits; a page runs round.
i2c.writeto_mem(0x50, 0x0FE0, bytes(range(32)), addrsize=16)
i2c.writeto_mem(0x50, 0x0FFE, b"abcd", addrsize=16)
print(i2c.readfrom_mem(0x50, 0x0FE0, 4, addrsize=16), i2c.readfrom_mem(0x50, 0x0FFE, 2, addrsize=16))


# BME280: the compensation of the data sheet.
def word(a, signed=True):
    n = int.from_bytes(i2c.readfrom_mem(0x76, a, 2), "little")
    return n - 0x10000 if signed and n > 0x7FFF else n


def temperature():
    t1, t2, t3 = word(0x88, False), word(0x8A), word(0x8C)
    raw = i2c.readfrom_mem(0x76, 0xF7, 8)
    adc = raw[3] << 12 | raw[4] << 4 | raw[5] >> 4
    a = (((adc >> 3) - (t1 << 1)) * t2) >> 11
    b = ((((adc >> 4) - t1) ** 2 >> 12) * t3) >> 14
    return (a + b) * 5 + 128 >> 8


print(i2c.readfrom_mem(0x76, 0xD0, 1), temperature())
simboard.bme280(520000, 415148, 30000)
print(temperature())

# The same devices on a bus made by software.
simboard.i2c_pins("GP22", "GP28")
soft = SoftI2C(scl=Pin("GP22"), sda=Pin("GP28"), freq=400000)
print(soft, [hex(a) for a in soft.scan()])
print(soft.writeto_mem(0x42, 0x30, b"soft"), soft.readfrom_mem(0x42, 0x30, 4))
print(soft.readfrom_mem(0x76, 0xD0, 1))
soft.start()
print(soft.write(b"\x84\x30"))
soft.start()
print(soft.write(b"\x85"))
buf = bytearray(4)
soft.readinto(buf)
soft.stop()
print(buf)
fails(soft.writeto, 0x11, b"x")
simboard.i2c_pins()
fails(soft.readfrom, 0x42, 1)

i2c = I2C(0)
i2c.deinit()
print(i2c)
for f in (i2c.scan, lambda: i2c.readfrom(0x42, 1), lambda: i2c.writeto(0x42, b"")):
    fails(f)
i2c.init(baudrate=400000)
print(i2c)
fails(I2C, 1)
fails(I2C, 0, 5)
fails(I2C, pins=("GP1",))
fails(I2C, scl="GP1")
fails(i2c.readfrom, 0x42, -1)
fails(i2c.readfrom_into, 0x42, b"constant")
fails(i2c.writeto_mem, 0x42, 0, b"", addrsize=7)
fails(i2c.writeto, 0x4242, b"")

# SPI: a wire from MOSI to MISO.
spi = SPI(0, SPI.MASTER, baudrate=200000, polarity=0, phase=0)
print(spi, spi.read(2))
simboard.wire("GP16", "GP30")
print(spi.write("hello"), spi.read(5), spi.read(3, 0x55), spi.read(2, write=0xFF))
rbuf = bytearray(5)
print(spi.write_readinto("hello", rbuf), rbuf, spi.readinto(rbuf), spi.readinto(rbuf, write=7), rbuf)
print(SPI(baudrate=5000000), SPI(0, SPI.MASTER, 10000, bits=16, polarity=1, phase=1))
print(SPI(0, 250000, sck=Pin("GP14"), mosi=Pin("GP16"), miso=Pin("GP30")))
simboard.unwire()

# The flash, selected by a pin.
cs = Pin("GP17", Pin.OUT, value=1)
spi = SPI(0, baudrate=1000000)


def command(out, n=0):
    cs(0)
    spi.write(out)
    result = spi.read(n)
    cs(1)
    return result


print(command(b"\x9f", 3))
command(b"\x06")
print(command(b"\x05", 1))
command(b"\x02\x00\x01\xfeabcd")
print(command(b"\x03\x00\x01\xfe", 2), command(b"\x03\x00\x01\x00", 2), command(b"\x05", 1))
command(b"\x02\x00\x00\x00no")
command(b"\x06")
command(b"\x20\x00\x01\x00")
print(command(b"\x0b\x00\x01\xfe\x00", 2), command(b"\x03\x00\x00\x00", 2))

simboard.wire("GP8", "GP9")
for polarity in (0, 1):
    for phase in (0, 1):
        soft = SoftSPI(polarity=polarity, phase=phase, sck="GP7", mosi="GP8", miso="GP9")
        print(soft, soft.write_readinto(b"hello", rbuf), rbuf)
lsb = SoftSPI(firstbit=SoftSPI.LSB, sck="GP7", mosi="GP8", miso="GP9")
print(lsb.read(1, 0x13))

spi.deinit()
print(spi)
fails(spi.read, 1)
fails(spi.write, b"x")
fails(SPI, 1)
fails(SPI, 0, 10, baudrate=10000000)
fails(SPI, 0, mode=SPI.MASTER, phase=2)
fails(SPI, 0, polarity=2)
fails(SPI, 0, firstbit=2)
fails(SPI, 0, firstbit=SPI.LSB)
fails(SPI, 0, bits=9)
fails(SPI, 0, pins=("GP1", "GP2"))
spi.init(baudrate=500000)
print(spi)
fails(spi.write_readinto, b"abc", bytearray(2))

# Several threads share a bus: each transfer is whole.
errors = []
done = []
i2c = I2C(0)


def work(n):
    for i in range(50):
        i2c.writeto_mem(0x42, n * 16, bytes([n, i]))
        if i2c.readfrom_mem(0x42, n * 16, 2) != bytes([n, i]):
            errors.append((n, i))
    done.append(n)


for n in range(4):
    _thread.start_new_thread(work, (n,))
while len(done) < 4:
    time.sleep_ms(1)
print(sorted(done), errors)
