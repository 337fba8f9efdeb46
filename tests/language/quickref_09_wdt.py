# only: simulator
# The quick reference, 1.9: the watchdog. The least time-out is a second.
from machine import WDT

wdt = WDT(timeout=5000)
wdt.feed()
try:
    WDT(timeout=999)
except ValueError as e:
    print(e)
