# only: simulator
# exit: 3
# What nobody catches in a thread is reported, and the others go on; the end of the program ends them all.
import _thread
import sys
import time


def run(function, *args):
    n = reports
    _thread.start_new_thread(function, args)
    while reports == n:
        time.sleep_ms(1)
    time.sleep_ms(10)


class Loud:
    def __init__(self, call):
        self.call = call

    def __repr__(self):
        return "<Loud>"

    def __call__(self):
        global reports
        try:
            self.call()
        finally:
            reports += 1


def inner():
    raise ValueError("a thread's own")


def nothing():
    raise KeyError


reports = 0
run(Loud(inner))
run(Loud(nothing))
run(Loud(lambda: [].pop()))


# Neither finally nor with runs when the program ends.
def forever(wait):
    try:
        wait()
    finally:
        print("not to be seen")


def spin():
    while True:
        pass


lock = _thread.allocate_lock()
lock.acquire()
for wait in (spin, lock.acquire, lambda: time.sleep(1000)):
    _thread.start_new_thread(forever, (wait,))
time.sleep_ms(20)
print("main ends")
sys.exit(3)
