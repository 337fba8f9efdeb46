# time: the calendar there and back, ticks around their end, waits.
import time
import utime

print(utime.ticks_ms is time.ticks_ms or utime.ticks_ms == time.ticks_ms)

# The epoch may be 1970 or 2000: differences do not tell.
first = time.mktime((2000, 1, 1, 0, 0, 0, 0, 0))
print(time.mktime((2000, 3, 1, 0, 0, 0, 0, 0)) - first, time.mktime([2001, 1, 1, 12, 30, 15, 0, 0, 0]) - first)
print(time.mktime((2100, 3, 1, 0, 0, 0, 0, 0)) - time.mktime((2100, 2, 28, 0, 0, 0, 0, 0)))
print(time.mktime((2001, 13, 32, 25, 61, 61, 0, 0)) - first, time.mktime((2000, 0, 0, 0, 0, 0, 0, 0)) - first)
for days in (0, 59, 60, 365, 366, 1461, 36524, 36525, 146096, 146097, -1, -36525):
    t = first + days * 86400 + 86399
    fields = time.gmtime(t)
    assert time.mktime(fields) == t, t
    assert time.localtime(t) == fields
    print(fields)
day = first - 3 * 366 * 86400
previous = time.gmtime(day)
for _ in range(3000):
    day += 86400
    fields = time.gmtime(day)
    assert fields[6] == (previous[6] + 1) % 7
    assert fields[2] == previous[2] + 1 or fields[2] == 1
    assert fields[7] == previous[7] + 1 or fields[1:3] == (1, 1)
    assert time.mktime(fields) == day
    previous = fields
print(len(time.gmtime()), len(time.localtime(None)), time.gmtime(first + 0.9) == time.gmtime(first))
now = time.time()
print(abs(time.time_ns() // 1000000000 - now) <= 1, abs(time.mktime(time.gmtime()) - now) <= 1)

PERIOD = 1 << 30
print(time.ticks_add(PERIOD - 1, 1), time.ticks_add(0, -1) == PERIOD - 1, time.ticks_add(5, -3))
print(time.ticks_diff(1, PERIOD - 1), time.ticks_diff(PERIOD - 1, 1), time.ticks_diff(7, 7), time.ticks_diff(PERIOD // 2, 0) == -PERIOD // 2)
for delta in (PERIOD // 2, -PERIOD // 2 - 1, PERIOD):
    try:
        print(time.ticks_add(0, delta))
    except OverflowError:
        print("OverflowError")

for sleep, amount, ticks, unit in ((time.sleep_ms, 20, time.ticks_ms, 1), (time.sleep_us, 20000, time.ticks_us, 1000), (time.sleep, 0.02, time.ticks_ms, 1)):
    start = ticks()
    sleep(amount)
    waited = time.ticks_diff(ticks(), start)
    assert 19 * unit <= waited, (amount, waited)
for nothing in (lambda: time.sleep(0), lambda: time.sleep(-1), lambda: time.sleep_ms(-5), lambda: time.sleep_us(0)):
    print(nothing())
assert time.ticks_diff(time.ticks_cpu(), time.ticks_cpu()) <= 0

for mistake in (
    lambda: time.mktime(5),
    lambda: time.mktime((2000, 1, 1)),
    lambda: time.mktime((2000, "1", 1, 0, 0, 0, 0, 0)),
    lambda: time.mktime((1 << 70, 1, 1, 0, 0, 0, 0, 0)),
    lambda: time.gmtime("a"),
    lambda: time.gmtime(1 << 80),
    lambda: time.gmtime(float("inf")),
    lambda: time.sleep("a"),
    lambda: time.sleep_ms(1.5),
    lambda: time.ticks_diff(1, None),
):
    try:
        print(mistake())
    except Exception as e:
        print(type(e).__name__, e)
