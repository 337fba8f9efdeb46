# The log of the image: off at first, then a ring that Python reads.
import rtos

print(rtos.log_level())
rtos.log("nobody hears this")
print(rtos.read_log())
print(rtos.log_level(3))
rtos.log("started")
rtos.log("details", 5)
rtos.log("trouble", 1)
print(rtos.read_log())
print(rtos.read_log())
for level in (0, 6, -1):
    try:
        rtos.log("x", level)
    except ValueError as e:
        print("ValueError", e)
# What is longer than a line is cut; the ring forgets the oldest.
for i in range(40):
    rtos.log("%d " % i + "x" * 300)
got = b""
while True:
    piece = rtos.read_log()
    if not piece:
        break
    got += piece
lines = got.split(b"\n")
print(len(got), max(len(l) for l in lines), lines[-2][:18])
print(rtos.log_level(0))
