# A room's climate: two threads sample the sensor and drive a fan, two show it all on the web; a task in C keeps the
# log. Afterwards the prompt is free: `status()`.
import _thread
import gc
import os
import rtos
import struct
import time
from bme280 import BME280
from machine import I2C, PWM, Pin
from web import Server

PERIOD_MS = 20
ASKS = 255

sensor = BME280(I2C(0))
fan = PWM(Pin("GP9"), freq=1000, duty_u16=0)
log = rtos.open("log")
totals = rtos.open("log.totals")
lock = _thread.allocate_lock()
wishes = [0, 0]
taken = [0, 0]
values = [0, 0]
began = time.ticks_ms()


def drive(i, wish):
    # The fan turns as fast as the one who wants most.
    with lock:
        wishes[i] = min(max(wish, 0), 65535)
        fan.duty_u16(max(wishes))


def sample(i, wish):
    due = began
    while True:
        due = rtos.delay_until(due, PERIOD_MS)
        value = sensor.read()[i]
        drive(i, wish(value))
        log.send(struct.pack("<BxxxIi", i, taken[i], value))
        values[i] = value
        taken[i] += 1


def status():
    # What the log has comes from the task in C.
    with lock:
        totals.try_receive()  # What somebody asked for and did not wait for.
        log.send(struct.pack("<BxxxIi", ASKS, 0, 0))
        logged = struct.unpack("<IIiIIi", totals.receive())
    return {
        "temperature": values[0] / 100,
        "humidity": values[1] / 1024,
        "fan": fan.duty_u16(),
        "taken": taken,
        "due": time.ticks_diff(time.ticks_ms(), began) // PERIOD_MS,
        "logged": logged[::3],
        "missing": logged[1::3],
        "failed": server.failed,
    }


def memory():
    # What finalisers still held goes with the second.
    gc.collect()
    gc.collect()
    return {"free": gc.mem_free(), "kernel": rtos.heap()[0]}


def exists(path):
    try:
        return os.stat(path) is not None
    except OSError:
        return False


here = "/flash/server."
files = (here + "pem", here + "key") if exists(here + "pem") else ()
server = Server({b"/": status, b"/memory": memory}, *files)
# From 20 to 40 degrees, from 50 to 100 per cent.
_thread.start_new_thread(sample, (0, lambda t: (t - 2000) * 65535 // 2000))
_thread.start_new_thread(sample, (1, lambda h: (h - 51200) * 65535 // 51200))
# Two, so that a client that says nothing holds up nobody else.
_thread.start_new_thread(server.run, ())
_thread.start_new_thread(server.run, ())
print("the appliance is up")
