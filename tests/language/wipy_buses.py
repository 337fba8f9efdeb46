# only: simulator
# Examples of the WiPy's library reference: UART, SPI, I2C and RTC.
from machine import I2C, RTC, SPI, UART

uart = UART(1, 9600)
uart.init(9600, bits=8, parity=None, stop=1)
print(uart.any(), uart.readall(), uart.readline(), uart.readinto(bytearray(2)))

spi = SPI(0, mode=SPI.MASTER, baudrate=1000000, polarity=0, phase=0, firstbit=SPI.MSB)

i2c = I2C(0)
i2c.init(I2C.MASTER, baudrate=20000)
i2c.deinit()
i2c.init(I2C.MASTER)
print(i2c.writeto(0x42, "123"), i2c.writeto(addr=0x42, buf=b"456"))
print(i2c.writeto_mem(0x42, 2, "abc"), i2c.readfrom_mem(0x42, 2, 3))

rtc = RTC()
rtc.init((2014, 5, 1, 4, 13, 0, 0, 0))
print(rtc.now()[:5])
