# only: simulator
# machine.RTC, WDT, ADC, memory, and the functions of the module.
import machine
import simboard
import time
import wipy
from machine import ADC, RTC, WDT, Pin


def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
        print("no error")
    except Exception as e:
        print(type(e).__name__, e)


rtc = RTC()
print(rtc, RTC() is rtc)
rtc = RTC(datetime=(2015, 8, 29, 9, 0, 0, 0, None))
print(rtc.now()[:6], rtc.now()[7], rtc.datetime()[:7], time.localtime()[:3])
for n in range(3, 8):
    rtc.init((2016, 12, 31, 23, 59, 58, 500)[:n])
    print(rtc.now()[: min(n, 6)])
rtc.datetime((2020, 2, 29, 0, 1, 2, 3, 0))
print(rtc.datetime()[:7])
rtc.deinit()
print(rtc.now()[:6])
for bad in ((2015, 13, 1), (2015, 2, 29), (2015, 1, 1, 24), (2015, 1), 5, (2015, 1, 1, 0, 0, -1)):
    fails(rtc.init, bad)
fails(RTC, 1)
fails(rtc.datetime, (2015, 1, 1))

alarms = 0


def alarm(r):
    global alarms
    alarms += irq.flags()


irq = rtc.irq(trigger=RTC.ALARM0, handler=alarm)
rtc.alarm(0, 5000)
print(4900 < rtc.alarm_left() <= 5000)
rtc.alarm(time=5, repeat=True)
while alarms < 3:
    time.sleep_ms(1)
rtc.alarm_cancel()
print(rtc.alarm_left(0))
rtc.init((2015, 8, 29, 9, 0, 0))
rtc.alarm(time=(2015, 8, 29, 9, 0, 45))
print(44000 < rtc.alarm_left() <= 45000)
rtc.cancel()
fails(rtc.alarm, 5000)
fails(rtc.alarm_left, 1)
fails(rtc.alarm, time=(2015, 8, 29, 9, 0, 45), repeat=True)
fails(rtc.alarm, time=(2014, 8, 29))
fails(rtc.irq, trigger=10, handler=alarm)
fails(rtc.irq, trigger=RTC.ALARM0, wake=1789456)
rtc.memory(b"kept")
print(rtc.memory())
fails(rtc.memory, bytes(10000))

adc = ADC()
print(adc, ADC(0, bits=12))
simboard.adc(1, [0, 4095, 2048])
pin = adc.channel(pin="GP3")
print(pin, pin(), pin.value(), pin.read_u16())
print(adc.channel(1), adc.channel(id=1, pin="GP3"))
simboard.adc(1, 4095)
print(ADC(Pin("GP3")).read_u16(), ADC("GP3").read_uv())
simboard.adc(1, None)
print(900 < pin() < 3200)
pin.deinit()
print(pin)
fails(pin)
pin.init()
adc.deinit()
print(adc)
fails(pin.value)
fails(adc.channel, 1)
adc.init()
print(pin() > 0)
fails(ADC, 1)
fails(ADC, bits=17)
fails(ADC, 0, 16)
fails(ADC, "GP9")
fails(adc.channel, 4)
fails(adc.channel, 0, pin="GP3")
fails(adc.channel)

machine.mem32[0x40000000] = 0x12345678
print(hex(machine.mem16[0x40000002]), hex(machine.mem8[0x40000000]), machine.mem32)
machine.mem8[0x40000001] = 0xFF
print(hex(machine.mem32[0x40000000]))
fails(lambda: machine.mem8[0])
fails(lambda: machine.mem32[0x40001000])
fails(lambda: machine.mem16[0x40000001])

print(machine.freq(), len(machine.unique_id()), machine.reset_cause() == machine.PWRON_RESET)
fails(machine.freq, 1)
print(0 <= machine.rng() < 1 << 24, machine.wake_reason())
machine.idle()
machine.main("other.py")
fails(machine.main, 5)
print(wipy.heartbeat())
wipy.heartbeat(False)
print(wipy.heartbeat())
wipy.heartbeat(True)
fails(wipy.heartbeat, True, 1)

fails(WDT, 1)
fails(WDT, 0, 500)
wdt = WDT(timeout=1000)
wdt.feed()
print(wdt)
fails(WDT, 0, timeout=2000)
