# only: simulator
# The quick reference, 1.7: SPI, with its output wired to its input.
import simboard
from machine import SPI

simboard.wire("GP16", "GP30")
spi = SPI(0, SPI.MASTER, baudrate=200000, polarity=0, phase=0)
print(spi.write("hello"))
print(len(spi.read(5)))
rbuf = bytearray(5)
print(spi.write_readinto("hello", rbuf), rbuf)
