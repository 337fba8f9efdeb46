# only: simulator
# The quick reference, 1.8: I2C, with the simulated memory at 0x42.
from machine import I2C

i2c = I2C(0, I2C.MASTER, baudrate=100000)
print(0x42 in i2c.scan())
print(i2c.writeto(0x42, "hello"))
print(len(i2c.readfrom(0x42, 5)))
print(len(i2c.readfrom_mem(0x42, 0x10, 2)))
print(i2c.writeto_mem(0x42, 0x10, "xy"))
print(i2c.readfrom_mem(0x42, 0x10, 2))
