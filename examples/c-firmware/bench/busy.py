# Threads that compute. MODE: how many; "stamp N": they mark time; "count": what a turn of the loop costs.
import _thread, time
import bench


def compute():
    n = 0
    while True:
        n = n + 1 & 0xFF


def stamp(me):
    mark = bench.stamp
    while True:
        mark(me)


words = MODE.split()
if words[0] == "count":
    bench.ready()
    n = 0

    def turns(k):
        n = 0
        while n < k:
            n = n + 1 & 0xFFFF

    start = time.ticks_us()
    turns(10000)
    print("loop turn", time.ticks_diff(time.ticks_us(), start) // 10)
else:
    for i in range(int(words[-1])):
        if words[0] == "stamp":
            _thread.start_new_thread(stamp, (i,))
        else:
            _thread.start_new_thread(compute, ())
    bench.ready()
    forever = _thread.allocate_lock()
    forever.acquire()
    forever.acquire()
