# One request after the other: on the main thread, in a thread, beside a thread that computes, beside one that sleeps.
# Prints `requests WHICH MICROSECONDS` for 1000 of them. In the firmware a C task asks; elsewhere nobody waits.
import gc, time

try:
    import bench

    receive = bench.receive
    send = bench.send
    bench.ready()
except ImportError:

    def receive():
        return b"GET /sensor/17?scale=3&offset=-4 HTTP/1.0\r\n"

    def send(answer):
        pass


try:
    import _thread
except ImportError:
    _thread = None

N = 1000
done = False


def handle(request):
    method, target, version = request.decode().split()
    path, _, query = target.partition("?")
    fields = {}
    for field in query.split("&"):
        name, value = field.split("=")
        fields[name] = int(value)
    reading = 0
    for sample in range(20):
        reading += sample * fields["scale"] + fields["offset"]
    return b"%s %s %d\r\n" % (version.encode(), path.encode(), reading)


def serve():
    gc.collect()
    start = time.ticks_us()
    for _ in range(N):
        send(handle(receive()))
    return time.ticks_diff(time.ticks_us(), start)


def busy():
    n = 0
    while not done:
        n = (n + 1) & 0xFF


def sleepy():
    while not done:
        time.sleep_ms(1)


def threaded(worker):
    global done
    done = False
    took = []
    end = _thread.allocate_lock()
    end.acquire()

    def server():
        took.append(serve())
        end.release()

    if worker:
        _thread.start_new_thread(worker, ())
    _thread.start_new_thread(server, ())
    end.acquire()
    done = True
    time.sleep_ms(20)
    return took[0]


serve()  # Names, shapes and caches are there.
print("requests main", serve())
if _thread:
    print("requests thread", threaded(None))
    print("requests busy", threaded(busy))
    print("requests sleeping", threaded(sleepy))
