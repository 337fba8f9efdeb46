# What Python does at its worst; MODE says which. Never ends by itself.
import _thread, gc, micropython, time
import bench


def garbage():
    kept = [[i, str(i), (i,)] for i in range(4000)]
    bench.ready()
    while True:
        for i in range(len(kept)):
            kept[i] = [i, str(i), {i: kept[i - 1][1]}]
        gc.collect()


def threads():
    lock = _thread.allocate_lock()
    counts = [0] * 8

    def short(i):
        with lock:
            counts[i % 8] += 1

    def long(i):
        while True:
            with lock:
                counts[i] += 1
            if counts[i] % 64 == 0:
                time.sleep_ms(1)

    for i in range(8):
        _thread.start_new_thread(long, (i,))
    bench.ready()
    i = 0
    while True:
        try:
            _thread.start_new_thread(short, (i,))
            i += 1
        except OSError:
            time.sleep_ms(1)


def console():
    text = "x" * 70
    bench.ready()
    while True:
        print(text)


def scheduled():
    def called(n):
        pass

    bench.ready()
    while True:
        try:
            micropython.schedule(called, 1)
        except RuntimeError:
            pass


def disable_irq():
    import machine

    bench.ready()
    while True:
        state = machine.disable_irq()
        n = 0
        while n < 2000:
            n += 1
        machine.enable_irq(state)


{"disable_irq": disable_irq, "garbage": garbage, "threads": threads, "console": console, "scheduled": scheduled}[MODE]()
