# only: simulator
# The quick reference, 1.6: the serial port, with its output wired to its input.
import simboard
from machine import UART

simboard.wire("GP1", "GP2")
uart = UART(0, baudrate=9600)
print(uart.write("hello"))
print(uart.read(5))
