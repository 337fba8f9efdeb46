# only: simulator
# The quick reference, 1.10: the calendar clock, whose alarm ends a sleep (sooner than in the manual).
import machine
from machine import RTC

rtc = machine.RTC()
rtc = RTC(datetime=(2015, 8, 29, 9, 0, 0, 0, None))
print(rtc.now()[:6])
came = []


def alarm_handler(rtc_o):
    came.append(rtc_o is rtc)


rtc.alarm(time=200, repeat=False)
rtc_i = rtc.irq(trigger=RTC.ALARM0, handler=alarm_handler, wake=machine.SLEEP)
machine.sleep()
print(machine.wake_reason() == machine.RTC_WAKE, came)
