# only: simulator
# A buffer that a waiting call has is pinned: to resize it raises BufferError until the call is over. One line for each
# call that waits with a buffer of its caller's. What a transfer has for moments only is caught in one of many.
import _thread
import simboard
import socket
import ssl
import sys
import rtos
from machine import I2C, SPI, SoftSPI, UART


def resize(buf):
    try:
        buf.append(0)
        buf.pop()
        return True
    except BufferError:
        return False


def pinned(name, buf, call, end=None):
    # `end` lets the waiting call go on; without it the call is repeated.
    stop = []
    over = _thread.allocate_lock()
    over.acquire()

    def run():
        try:
            while True:
                call(buf)
                if end or stop:
                    break
        except Exception as e:
            print(name, repr(e))
        finally:
            over.release()

    # A thread of lower priority comes to its turn when the other waits.
    own = _thread.priority()
    _thread.start_new_thread(run, ())
    _thread.priority(own - 1)
    tries = 1000
    while tries and resize(buf):
        tries -= 1
        # Not in step with the other.
        for _ in range(tries % 5):
            pass
    _thread.priority(own)
    stop.append(1)
    if end:
        end()
    over.acquire()
    print(name, tries > 0, resize(buf))


def pair():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(1)
        a = socket.socket()
        a.connect(s.getsockname())
        return a, s.accept()[0]


def cram(s):
    s.setblocking(False)
    try:
        while s.send(bytes(1000)):
            pass
    except OSError:
        pass
    s.setblocking(True)


def drain(s, n):
    while n > 0:
        n -= len(s.recv(min(n, 4000)))


a, b = pair()
for name in ("recv_into", "readinto"):
    pinned("socket." + name, bytearray(4), getattr(a, name), lambda: b.send(b"four"))
LARGE = 200000
for name in ("sendall", "write"):
    buf = bytearray(LARGE)
    pinned("socket." + name, buf, getattr(a, name), lambda: drain(b, LARGE))
cram(a)
pinned("socket.send", bytearray(9), a.send, lambda: drain(b, 20000))
a.close()
b.close()


def tls():
    a, b = pair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("../tls/good.pem", "../tls/good.key")
    ends = []
    done = _thread.allocate_lock()
    done.acquire()

    def serve():
        ends.append(context.wrap_socket(b, server_side=True))
        done.release()

    _thread.start_new_thread(serve, ())
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.verify_mode = ssl.CERT_NONE
    s = client.wrap_socket(a)
    done.acquire()
    return s, ends[0]


a, b = tls()
for name in ("recv_into", "readinto"):
    pinned("ssl." + name, bytearray(4), getattr(a, name), lambda: b.write(b"four"))
for name in ("sendall", "write"):
    buf = bytearray(LARGE)
    pinned("ssl." + name, buf, getattr(a, name), lambda: drain(b, LARGE))
a.close()
b.close()

uart = UART(0, 115200, timeout=1000000)
pinned("UART.readinto", bytearray(4), uart.readinto, lambda: simboard.uart(0, b"four"))

i2c = I2C(0)
pinned("I2C.readfrom_into", bytearray(4), lambda buf: i2c.readfrom_into(0x42, buf))
pinned("I2C.readfrom_mem_into", bytearray(4), lambda buf: i2c.readfrom_mem_into(0x42, 0, buf))
pinned("I2C.writeto", bytearray(4), lambda buf: i2c.writeto(0x42, buf))
pinned("I2C.writeto_mem", bytearray(4), lambda buf: i2c.writeto_mem(0x42, 0, buf))
spi = SPI(0)
pinned("SPI.readinto", bytearray(4), spi.readinto)
pinned("SPI.write", bytearray(4), spi.write)
pinned("SPI.write_readinto", bytearray(4), lambda buf: spi.write_readinto(b"1234", buf))

NAME = "buffers_lent.tmp"
with open(NAME, "wb") as f:
    pinned("file.write", bytearray(4000), lambda buf: (f.seek(0), f.write(buf), f.flush()))
with open(NAME, "rb") as f:
    pinned("file.readinto", bytearray(4000), lambda buf: (f.seek(0), f.readinto(buf)))
__import__("os").remove(NAME)

# A queue has a copy from the beginning.
queue = rtos.Queue(1, 8)
queue.send(b"first")
buf = bytearray(b"second")
sent = _thread.allocate_lock()
sent.acquire()
_thread.start_new_thread(lambda: (queue.send(buf), sent.release()), ())
own = _thread.priority()
_thread.priority(own - 1)
print("rtos.Queue.send", resize(buf), queue.receive())
_thread.priority(own)
sent.acquire()
print(queue.receive())
