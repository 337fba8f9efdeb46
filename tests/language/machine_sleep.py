# only: simulator
# Sleep, what ends it, resets and their causes. After each reset the program begins again.
import machine
import simboard
import time
from machine import Pin, RTC, WDT

cause = machine.reset_cause()
print("cause", cause)
rtc = RTC()
if cause == machine.PWRON_RESET:
    # By the end of a time.
    machine.lightsleep(5)
    # By the alarm.
    rtc.alarm(time=100)
    rtc.irq(trigger=RTC.ALARM0, handler=lambda r: print("alarm"), wake=machine.SLEEP)
    machine.sleep()
    print(machine.wake_reason() == machine.RTC_WAKE)
    # By a pin, whose handler runs as well.
    pin = Pin("GP13", Pin.IN, Pin.PULL_UP)
    pin.irq(lambda p: print("pin"), Pin.IRQ_FALLING, wake=machine.SLEEP)
    simboard.after(100, "GP13", 0)
    machine.sleep()
    print(machine.wake_reason() == machine.PIN_WAKE)
    # By a level that is there.
    pin.irq(trigger=Pin.IRQ_LOW_LEVEL, wake=machine.SLEEP)
    machine.sleep()
    pin.irq().disable()
    simboard.drive("GP13", None)
    # What may not wake does not.
    rtc.irq(trigger=RTC.ALARM0, handler=lambda r: print("alarm"), wake=machine.IDLE)
    rtc.alarm(time=2)
    machine.lightsleep(20)
    # By an exception.
    machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=100, callback=lambda t: __import__("micropython").kbd_intr(None))
    try:
        machine.sleep()
    except KeyboardInterrupt:
        print("interrupted")
    rtc.irq(trigger=RTC.ALARM0, wake=machine.DEEPSLEEP)
    rtc.alarm(time=100)
    rtc.memory(b"over")
    Pin("GP9", Pin.OUT, value=1)
    machine.deepsleep()
    print("not reached")
elif cause == machine.DEEPSLEEP_RESET:
    print(machine.wake_reason() == machine.RTC_WAKE, rtc.memory(), Pin("GP9").mode() == Pin.IN)
    machine.reset()
    print("not reached")
elif cause == machine.HARD_RESET:
    print(machine.wake_reason())
    wdt = WDT(timeout=1000)
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 1100:
        wdt.feed()
    while True:
        pass
else:
    print(cause == machine.WDT_RESET)
