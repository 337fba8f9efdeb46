# only: simulator
# The quick reference, 1.1: general board control. Scripted wake-ups end the sleeps.
import machine
import simboard
from machine import Pin

if machine.reset_cause() == machine.DEEPSLEEP_RESET:
    print("woke up by", machine.wake_reason() == machine.PIN_WAKE)
    raise SystemExit

print("deepsleep" in dir(machine))
print(machine.freq(), len(machine.unique_id()))
machine.idle()
pin = Pin("GP10", mode=Pin.IN, pull=Pin.PULL_UP)
pin.irq(trigger=Pin.IRQ_FALLING, wake=machine.SLEEP | machine.DEEPSLEEP)
simboard.after(100, "GP10", 0)
machine.sleep()
print("awake")
simboard.drive("GP10", 1)
simboard.after(100, "GP10", 0)
machine.deepsleep()
