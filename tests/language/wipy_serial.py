# only: simulator
# The WiPy's quick reference: UART, SPI and I2C, with a simulated peer each.
import simboard
from machine import I2C, SPI, UART

simboard.wire("GP1", "GP2")
uart = UART(0, baudrate=9600)
uart.write("hello")
print(uart.read(5))
uart = UART(1, 9600)
uart.init(9600, bits=8, parity=None, stop=1)
print(uart.any(), uart.readall(), uart.readline(), uart.readinto(bytearray(2)))

simboard.wire("GP16", "GP30")
spi = SPI(0, SPI.MASTER, baudrate=200000, polarity=0, phase=0)
print(spi.write("hello"), spi.read(5))
rbuf = bytearray(5)
print(spi.write_readinto("hello", rbuf), rbuf)
spi = SPI(0, mode=SPI.MASTER, baudrate=1000000, polarity=0, phase=0, firstbit=SPI.MSB)

i2c = I2C(0, I2C.MASTER, baudrate=100000)
print(0x42 in i2c.scan())
print(i2c.writeto(0x42, "hello"))
print(len(i2c.readfrom(0x42, 5)))
print(i2c.writeto_mem(0x42, 0x10, "xy"))
print(i2c.readfrom_mem(0x42, 0x10, 2))
i2c = I2C(0)
i2c.init(I2C.MASTER, baudrate=20000)
i2c.deinit()
i2c.init(I2C.MASTER)
print(i2c.writeto(0x42, "123"), i2c.writeto(addr=0x42, buf=b"456"))
print(i2c.writeto_mem(0x42, 2, "abc"), i2c.readfrom_mem(0x42, 2, 3))
