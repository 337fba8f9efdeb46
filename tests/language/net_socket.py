# Sockets over the loopback: what works, and each error by its number.
import _thread
import errno
import gc
import select
import socket


def name(e):
    return errno.errorcode.get(e.errno, e.errno)


def fails(f, *args):
    try:
        return "no error", f(*args)
    except OSError as e:
        return type(e).__name__, name(e)


def listener(port, backlog=4):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(backlog)
    return s


def pair(port):
    with listener(port) as s:
        a = socket.socket()
        a.connect(("127.0.0.1", port))
        b, _ = s.accept()
    return a, b


def drain(s, n):
    buf = bytearray(500)
    while n > 0:
        n -= s.readinto(buf, min(n, 500))
    return n == 0


class Thread:
    def __init__(self, f, *args):
        self.lock = _thread.allocate_lock()
        self.lock.acquire()
        _thread.start_new_thread(self.run, (f, args))

    def run(self, f, args):
        try:
            self.result = f(*args)
        finally:
            self.lock.release()

    def join(self):
        self.lock.acquire()
        return self.result


print("-- a server and a client")


def serve(s):
    c, (host, port) = s.accept()
    n = 0
    while True:
        d = c.recv(700)
        if not d:
            break
        n += len(d)
        c.sendall(d)
    c.close()
    return host, n


s = listener(7001)
t = Thread(serve, s)
c = socket.socket()
c.connect(("127.0.0.1", 7001))
data = bytes(range(256)) * 40
ok = True
for i in range(10):
    c.sendall(data)
    ok = ok and c.read(len(data)) == data
c.shutdown(1)
print(ok, c.read(), t.join())
c.close()
s.close()

print("-- streams")
a, b = pair(7002)
a.write(b"one line\nanother\nrest")
print(b.readline(), b.readline(5), b.read(3), b.recv(100))
buf = bytearray(8)
a.send(b"12345678")
print(b.readinto(buf, 4), buf, b.recv_into(memoryview(buf)[4:]), buf)
a.send(b"peeked")
print(b.recv(3, socket.MSG_PEEK), b.recv(6), fails(b.recv, 1, socket.MSG_DONTWAIT))
with a.makefile("rwb") as f:
    f.write(b"end")
print(b.readall(), b.recv(1), a.fileno())
print(fails(a.send, b"x"), fails(a.recv, 1), fails(a.connect, ("127.0.0.1", 1)))
b.close()
b.close()

print("-- names")
print(socket.getaddrinfo("127.0.0.1", 80))
print(socket.getaddrinfo("localhost", 80, 0, socket.SOCK_DGRAM)[0][-1])
print(socket.inet_pton(socket.AF_INET, "1.2.3.4"), socket.inet_ntop(socket.AF_INET, b"\x7f\0\0\1"))
s = listener(7003)
c = socket.socket()
c.connect(("127.0.0.1", 7003))
d, where = s.accept()
print(s.getsockname(), c.getpeername(), c.getsockname() == where == d.getpeername())
for x in (s, c, d):
    x.close()
print(socket.error is OSError, issubclass(socket.timeout, OSError), socket.IPPROTO_SEC)

print("-- no connection")
c = socket.socket()
print(fails(c.connect, ("127.0.0.1", 7004)), fails(c.recv, 1), fails(c.send, b"x"))
print(fails(c.getpeername), fails(c.accept), fails(c.listen), fails(c.shutdown, 1))
s = listener(7004)
c.connect(("127.0.0.1", 7004))  # the same socket tries again
print(fails(c.connect, ("127.0.0.1", 7004)), fails(s.connect, ("127.0.0.1", 1)))
s.close()
print(fails(c.recv, 1), fails(c.recv, 1))
c.close()

print("-- addresses")
s = listener(7005)
t = socket.socket()
print(fails(t.bind, ("127.0.0.1", 7005)), fails(t.bind, ("9.9.9.9", 0)))
for bad in (("127.0.0.1", 70000), ("somewhere", 80), ("127.0.0.1",), "127.0.0.1"):
    try:
        t.connect(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
s.close()
t.close()
print(fails(socket.socket, 99), fails(socket.socket, socket.AF_INET, 99))

print("-- time-outs")
a, b = pair(7006)
b.settimeout(0.01)
print(b.gettimeout(), fails(b.recv, 1), fails(b.read, 1))
b.settimeout(0)
print(fails(b.recv, 1), b.read(1), b.readline(), b.readinto(bytearray(3)))
b.setblocking(False)
n = 0
while True:
    got = b.write(b"x" * 1000)
    if got is None:
        break
    n += got
print(n > 4000, fails(b.send, b"x"))
b.settimeout(0.01)
print(fails(b.sendall, b"x"))
b.setblocking(True)
print(b.gettimeout())
t = Thread(drain, a, n)
print(t.join())
s = listener(7007)
s.settimeout(0.01)
print(fails(s.accept))
s.settimeout(0)
print(fails(s.accept))
s.close()
try:
    a.settimeout(-1)
except ValueError:
    print("ValueError")

print("-- one thread closes what another waits for")
t = Thread(fails, a.recv, 1)
a.close()
print(t.join(), b.recv(1))
b.close()
s = listener(7008)
t = Thread(fails, s.accept)
s.close()
print(t.join())

print("-- reset")
a, b = pair(7009)
a.send(b"unread")
b.recv(1)
b.close()  # with bytes that nobody read: a reset
print(fails(a.recv, 10), fails(a.recv, 10), fails(a.send, b"x"))
a.close()
a, b = pair(7010)
a.send(b"read before the end")
a.close()
print(b.recv(100), b.recv(100))
b.close()

print("-- half open")
a, b = pair(7011)
a.shutdown(1)
print(b.recv(1), fails(a.send, b"x"))
b.send(b"the other way")
print(a.recv(100))
b.shutdown(2)
print(a.recv(1), b.recv(1), fails(b.send, b"x"))
a.close()
b.close()

print("-- datagrams")
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 7012))
v.bind(("127.0.0.1", 7013))
print(v.sendto(b"whole", ("127.0.0.1", 7012)), u.recvfrom(100))
v.connect(("127.0.0.1", 7012))
v.send(b"cut off here")
v.send(b"next")
print(u.recv(3), u.recv(10), v.getpeername())
v.send(b"")
print(u.recvfrom(10))
print(fails(u.send, b"nobody named"))
big = bytes(4000)
print(v.send(big), u.recv(5000) == big)
for i in range(20):  # more than wait: the rest is lost
    v.send(bytes((i,)))
u.settimeout(0)
got = []
while True:
    try:
        got.append(u.recv(1)[0])
    except OSError as e:
        print(name(e))
        break
print(got)
u.close()
v.close()

print("-- options")
s = socket.socket()
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, b"\1\0\0\0")
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
print(fails(s.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, b"abc"))
s.close()
print(fails(s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR))

print("-- poll")
s = listener(7014)
c = socket.socket()
p = select.poll()
p.register(s, select.POLLIN)
p.register(c, select.POLLIN | select.POLLOUT)


def look(ms=0):
    return sorted(("s" if x is s else "c" if x is c else "d", bits) for x, bits in p.poll(ms))


print(look())
c.connect(("127.0.0.1", 7014))
while len(look(1000)) < 2:
    pass
print(look())
d, _ = s.accept()
p.register(d, select.POLLIN)
print(look())
c.send(b"x")
while len(look(1000)) < 2:
    pass
print(look())
d.recv(1)
c.shutdown(1)
while ("d", select.POLLIN) not in look(1000):
    pass
print(look())
d.close()
print(("d", 32) in look())
p.unregister(d)
c.close()
s.close()

print("-- all sockets")
held = []
try:
    while True:
        held.append(socket.socket())
except OSError as e:
    print(name(e), len(held) >= 10)
s = held.pop()
s.close()
s = listener(7015)
t = held.pop()
print(fails(lambda: t.connect(("127.0.0.1", 7015)) or t.recv(1)))  # there is no socket for the other end
while held:
    held.pop().close()
a, b = pair(7016)
a.send(b"fine again")
print(b.recv(100))
a.close()
b.close()
s.close()
t.close()
for i in range(200):  # unreached ones are closed
    socket.socket()
print("collected")
gc.collect()  # what is unreached and open refuses connections

print("-- all memory")
s = listener(7017)
pairs = []
for i in range(4):
    a = socket.socket()
    a.connect(("127.0.0.1", 7017))
    b, _ = s.accept()
    a.settimeout(0)
    n = 0
    while True:  # nobody reads
        got = a.write(b"z" * 3000)
        if got is None:
            break
        n += got
    pairs.append((a, b, n))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 7018))
print(u.sendto(b"others go on", ("127.0.0.1", 7018)), u.recv(20))
c = socket.socket()
c.connect(("127.0.0.1", 7017))
d, _ = s.accept()
print(all(drain(b, n) for a, b, n in pairs))
c.send(b"so do new ones")
print(d.recv(20))
