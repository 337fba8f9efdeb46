# only: simulator
# A reset while threads wait in every call that blocks: they end there without running any more Python, and what they
# held comes back. Each life of the program tries one call in two threads; the list is gone through twice, and what
# the system has then is what it had after the first time.
import _thread
import asyncio
import gc
import io
import machine
import micropython
import os
import pyb
import queue
import rtos
import select
import simboard
import socket
import ssl
import sys
import threading
import time
import vfs
from machine import ADC, I2C, Pin, SPI, UART


def locked():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def inside(lock):
    with lock:
        pass


def taken():
    mutex = rtos.Mutex()
    mutex.acquire()
    return mutex


def full(queue):
    queue.put(0)
    return queue


def full_rtos(*args):
    queue = rtos.Queue(1, *args)
    queue.send(b"x")
    return queue


def condition():
    c = threading.Condition()

    def wait():
        with c:
            c.wait()

    return wait


def joined():
    t = threading.Thread(target=locked().acquire)
    t.start()
    return t.join


def pending():
    q = queue.Queue()
    q.put(1)
    return q.join


def poller(what, events=select.POLLIN):
    poll = select.poll()
    poll.register(what, events)
    return poll


async def forever(awaitable):
    await awaitable


async def read_stream(s):
    await asyncio.StreamReader(s).read(1)


def no_name():
    try:
        socket.getaddrinfo("nobody.invalid", 80)
    except OSError:
        pass  # Somebody has said so at once.


def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(4)
    return s


def pair():
    s = listener()
    a = socket.socket()
    a.connect(s.getsockname())
    return a, s.accept()[0]


def half(limit=None):
    # Keeps the other half, without which there would be an end to wait for.
    a, b = pair()
    kept.append(b)
    a.settimeout(limit)
    return a


def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    return s


def client():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def session():
    # Both ends of a connection, shaken hands.
    a, b = pair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("../tls/good.pem", "../tls/good.key")
    done = locked()

    def serve():
        kept.append(context.wrap_socket(b, server_side=True))
        done.release()

    _thread.start_new_thread(serve, ())
    here = client()
    here.verify_mode = ssl.CERT_NONE
    s = here.wrap_socket(a)
    done.acquire()
    return s


class Slow:
    # A block device written in Python that hangs when it is told to.
    hangs = False

    def __init__(self):
        self.data = bytearray(200 * 512)

    def wait(self):
        while self.hangs:
            time.sleep(100)

    def readblocks(self, block, buf, offset=0):
        self.wait()
        at = block * 512 + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        self.wait()
        at = block * 512 + offset
        self.data[at : at + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:
            return 200
        if op == 5:
            return 512


def hanging(kind):
    # One thread hangs in the device, the next one waits for the first.
    device = Slow()
    kind.mkfs(device)
    fs = kind(device)
    device.hangs = True
    return lambda: fs.open("file", "w").close()


def slow_uart():
    u = UART(1, 600)
    u.write(bytes(200))
    return u


def again(f, *args):
    def run():
        while True:
            f(*args)

    return run


def files():
    name = "kill_blocked.tmp"

    def run():
        while True:
            with open(name, "wb") as f:
                f.write(bytes(10000))
            with open(name, "rb") as f:
                f.read()
            os.stat(name)
            os.listdir()

    return run


CALLS = (
    ("sleep", lambda: lambda: time.sleep(1000)),
    ("sleep_ms", lambda: lambda: time.sleep_ms(1000000)),
    ("sleep_us", lambda: lambda: time.sleep_us(1000000000)),
    ("lock", lambda: locked().acquire),
    ("lock with a limit", lambda: lambda l=locked(): l.acquire(True, 1000)),
    ("with lock", lambda: lambda l=locked(): inside(l)),
    ("Condition", condition),
    ("Event", lambda: threading.Event().wait),
    ("Semaphore", lambda: threading.Semaphore(0).acquire),
    ("Barrier", lambda: threading.Barrier(9).wait),
    ("join", joined),
    ("Queue.get", lambda: queue.Queue().get),
    ("Queue.put", lambda: lambda q=full(queue.Queue(1)): q.put(1)),
    ("Queue.join", pending),
    ("rtos.Queue.receive", lambda: rtos.Queue(1).receive),
    ("rtos.Queue.send", lambda: lambda q=full_rtos(): q.send(1)),
    ("rtos.Queue.send of bytes", lambda: lambda q=full_rtos(4): q.send(bytearray(b"y"))),
    ("rtos.Semaphore", lambda: rtos.Semaphore(0, 1).acquire),
    ("rtos.Mutex", lambda: taken().acquire),
    ("rtos.EventGroup", lambda: lambda g=rtos.EventGroup(): g.wait(1)),
    ("rtos.notified", lambda: rtos.notified),
    ("rtos.delay_until", lambda: lambda: rtos.delay_until(time.ticks_ms(), 1000000)),
    ("poll", lambda: poller(rtos.Queue(1)).poll),
    ("ipoll", lambda: lambda p=poller(micropython.RingIO(4)): p.ipoll(1000000)),
    ("select", lambda: lambda q=rtos.Queue(1): select.select([q], [], [])),
    ("asyncio.Event", lambda: lambda: asyncio.run(forever(asyncio.Event().wait()))),
    ("asyncio.sleep", lambda: lambda: asyncio.run(forever(asyncio.sleep(1000)))),
    ("asyncio.ThreadSafeFlag", lambda: lambda: asyncio.run(forever(asyncio.ThreadSafeFlag().wait()))),
    ("asyncio stream", lambda: lambda a=half(): asyncio.run(read_stream(a))),
    ("accept", lambda: listener().accept),
    ("recv", lambda: lambda a=half(): a.recv(1)),
    ("recv with a limit", lambda: lambda a=half(1000): a.recv(1)),
    ("recv_into", lambda: lambda a=half(): a.recv_into(bytearray(4))),
    ("readline", lambda: half().readline),
    ("socket.makefile", lambda: half().makefile("rb").read),
    ("send", lambda: again(half().send, bytes(1000))),
    ("sendall", lambda: lambda a=half(): a.sendall(bytes(100000))),
    ("recvfrom", lambda: lambda s=udp(): s.recvfrom(1)),
    ("poll of a socket", lambda: poller(udp()).poll),
    ("connect", lambda: lambda: socket.socket().connect(("10.0.2.99", 80))),
    ("getaddrinfo", lambda: again(no_name)),
    ("ssl handshake", lambda: lambda a=half(): client().wrap_socket(a)),
    ("ssl.recv", lambda: lambda s=session(): s.recv(1)),
    ("ssl.recv_into", lambda: lambda s=session(): s.recv_into(bytearray(4))),
    ("ssl.sendall", lambda: lambda s=session(): s.sendall(bytes(200000))),
    ("UART.read", lambda: lambda u=UART(0, timeout=1000000): u.read(1)),
    ("UART.readinto", lambda: lambda u=UART(0, timeout=1000000): u.readinto(bytearray(4))),
    ("UART.readline", lambda: UART(0, timeout=1000000).readline),
    ("UART.write", lambda: again(slow_uart().write, bytes(10000))),
    ("UART.flush", lambda: slow_uart().flush),
    ("I2C", lambda: again(I2C(0).readfrom_mem, 0x42, 0, 4)),
    ("SPI", lambda: again(SPI(0).read, 4)),
    ("ADC", lambda: again(ADC().channel(0).read_u16)),
    ("idle", lambda: again(machine.idle)),
    ("lightsleep", lambda: machine.lightsleep),
    ("time_pulse_us", lambda: lambda: machine.time_pulse_us(Pin("GP5"), 1, 1 << 29)),
    ("pyb.delay", lambda: lambda: pyb.delay(1000000)),
    ("files", files),
    ("FAT on a device in Python", lambda: hanging(vfs.VfsFat)),
    ("littlefs on a device in Python", lambda: hanging(vfs.VfsLfs2)),
    ("long arithmetic", lambda: again(pow, 3, 20000)),
    ("collections", lambda: again(gc.collect)),
    ("a loop", lambda: again(lambda: None)),
)


def life(i):
    # Puts two threads into call `i`, and returns when they can do no more for now.
    begun = []

    def block(call):
        begun.append(1)
        try:
            call()
            print(CALLS[i][0], "came back")
        except BaseException as e:
            print(CALLS[i][0], repr(e))
        finally:
            print(CALLS[i][0], "ran on")

    call = CALLS[i][1]()
    # A thread of lower priority comes to its turn when the others wait, or have had many turns.
    own = _thread.priority()
    for _ in range(2):
        _thread.start_new_thread(block, (call,))
    while len(begun) < 2:
        pass
    _thread.priority(own - 1)
    for _ in range(3):
        pass
    _thread.priority(own)


def have():
    tasks = [task[0] for task in rtos.tasks()]
    tasks.sort()
    return rtos.heap()[0], tasks


number = int(os.getenv("LIFE", "0"))
os.putenv("LIFE", str(number + 1))
kept = []
if number == len(CALLS):
    os.putenv("HAD", repr(have()))
elif number == 2 * len(CALLS):
    print(os.getenv("HAD") == repr(have()) or (os.getenv("HAD"), have()))
    os.remove("kill_blocked.tmp")
    sys.exit()
try:
    life(number % len(CALLS))
except BaseException as e:
    print(CALLS[number % len(CALLS)][0], repr(e))
machine.reset()
