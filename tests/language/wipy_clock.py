# only: simulator
# The WiPy's quick reference: watchdog, calendar clock with a wake-up, heartbeat.
import machine
import wipy
from machine import RTC, WDT

wdt = WDT(timeout=5000)
wdt.feed()

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
rtc.init((2014, 5, 1, 4, 13, 0, 0, 0))
print(rtc.now()[:5])

wipy.heartbeat(False)
print(wipy.heartbeat())
wipy.heartbeat(True)
print(wipy.heartbeat())
