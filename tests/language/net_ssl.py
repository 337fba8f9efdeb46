# only: simulator
# TLS over the loopback: both versions, every kind of bad certificate, what goes wrong in between.
import _thread
import io
import select
import socket
import ssl
import tls

PORT = 4443
KEYS = "../tls/"


def listener():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", PORT))
    s.listen(4)
    return s


LISTENER = listener()


class Thread:
    def __init__(self, f, *args):
        self.lock = _thread.allocate_lock()
        self.lock.acquire()
        _thread.start_new_thread(self.run, (f, args))

    def run(self, f, args):
        self.result = None
        try:
            self.result = f(*args)
        except Exception as e:
            self.result = repr(e)
        finally:
            self.lock.release()

    def join(self):
        self.lock.acquire()
        return self.result


def server_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(KEYS + name + ".pem", KEYS + name + ".key")
    return context


def echo(context):
    c, _ = LISTENER.accept()
    try:
        s = context.wrap_socket(c, server_side=True)
        n = 0
        while True:
            d = s.recv(2000)
            if not d:
                break
            n += len(d)
            s.sendall(d)
        s.close()
        return n
    finally:
        c.close()


def connected():
    s = socket.socket()
    s.connect(("127.0.0.1", PORT))
    return s


def client_context(required=True):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if required:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(KEYS + "authority.pem")
    return context


def read_all(s, n):
    out = b""
    while len(out) < n:
        out += s.recv(n - len(out))
    return out


print("-- both versions, both kinds of key")
for identity, suites in (
    ("good", None),
    ("good", ["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"]),
    ("rsa", None),
    ("rsa", ["TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384"]),
    ("rsa", ["TLS-RSA-WITH-AES-128-CBC-SHA"]),
):
    t = Thread(echo, server_context(identity))
    context = client_context()
    if suites:
        context.set_ciphers(suites)
    s = context.wrap_socket(connected(), server_hostname="board.test")
    print(identity, s.cipher()[1], len(s.getpeercert(True)) > 300)
    data = bytes(range(256)) * 100
    sender = Thread(s.sendall, data)
    print(read_all(s, len(data)) == data, sender.join())
    s.close()
    print(t.join())

print("-- bad certificates")
for identity in ("expired", "future", "host", "unknown", "selfsigned"):
    t = Thread(echo, server_context(identity))
    raw = connected()
    try:
        client_context().wrap_socket(raw, server_hostname="board.test")
        print("no error")
    except ValueError as e:
        print(identity, str(e).strip())
    raw.close()
    print("server:", t.join()[:7])

print("-- who does not ask takes anything; a context may demand a name, or not")
t = Thread(echo, server_context("selfsigned"))
s = ssl.wrap_socket(connected())
s.close()
print(t.join())
try:
    client_context().wrap_socket(socket.socket())
except ValueError as e:
    print(e)
t = Thread(echo, server_context("host"))
context = client_context()
context.check_hostname = False
s = context.wrap_socket(connected())
s.close()
print(t.join(), context.check_hostname)

print("-- the forms of release 1.8")
t = Thread(echo, server_context("host"))
s = ssl.wrap_socket(
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SEC),
    cert_reqs=ssl.CERT_REQUIRED,
    ca_certs=KEYS + "authority.pem",
    ssl_version=ssl.PROTOCOL_TLSv1,
)
s.connect(("127.0.0.1", PORT))
s.send(b"old")
print(s.recv(10), s.getpeername())
s.close()
print(t.join(), ssl.SSLError is OSError)


def serve_old():
    s = ssl.wrap_socket(
        LISTENER, keyfile=KEYS + "good.key", certfile=KEYS + "good.pem", server_side=True
    )
    c, (host, port) = s.accept()
    d = c.read(3)
    c.write(d * 2)
    c.close()
    return host


t = Thread(serve_old)
s = ssl.wrap_socket(connected())
s.write(b"abc")
print(s.read(), t.join())
s.close()

print("-- a client with a certificate")


def demand():
    context = server_context("good")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=open(KEYS + "authority.pem").read())
    return echo(context)


t = Thread(demand)
context = client_context()
context.load_cert_chain(KEYS + "client.pem", KEYS + "client.key")
s = context.wrap_socket(connected(), server_hostname="board.test")
s.write(b"12345")
print(s.read(5))
s.close()
print(t.join())
t = Thread(demand)
s = client_context().wrap_socket(connected(), server_hostname="board.test")
try:
    s.read(1)
except OSError as e:
    print("refused", e.args[0] < 0)
s.close()
print(t.join())

print("-- verify_callback")


def show(cert, depth):
    print(type(cert), cert[0] == 0x30, depth)
    return 0


for callback in (show, lambda cert, depth: -1, lambda cert, depth: 1 // 0):
    t = Thread(echo, server_context("good"))
    context = client_context()
    context.verify_callback = callback
    raw = connected()
    try:
        s = context.wrap_socket(raw, server_hostname="board.test")
        s.close()
    except (OSError, ZeroDivisionError) as e:
        print(type(e), e.args[0])
    raw.close()
    t.join()

print("-- a peer that goes away, or speaks another language")


def leave(n):
    c, _ = LISTENER.accept()
    c.recv(n)
    if n == 100:
        c.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    c.close()


for n in (1000, 5, 100):
    t = Thread(leave, n)
    raw = connected()
    try:
        ssl.wrap_socket(raw)
    except OSError as e:
        print(n, type(e) is OSError)
    t.join()
    raw.close()

print("-- without blocking")
t = Thread(echo, server_context("good"))
raw = connected()
raw.setblocking(False)
s = client_context().wrap_socket(raw, do_handshake_on_connect=False, server_hostname="board.test")
poll = select.poll()
poll.register(s, select.POLLIN | select.POLLOUT)
left = b"x" * 5000
while left:
    poll.poll()
    n = s.write(left)
    if n:
        left = left[n:]
poll.modify(s, select.POLLIN)
got = b""
while len(got) < 5000:
    poll.poll()
    got += s.read(5000) or b""
print(got == b"x" * 5000, s.read(1), s.recv(1))
s.close()
print(t.join(), poll.poll(0)[0][1])

print("-- closed")
for f in (lambda: s.read(1), lambda: s.write(b"x"), lambda: s.cipher(), lambda: s.recv(1)):
    try:
        f()
    except OSError as e:
        print(e.errno)

print("-- time-outs")
raw = connected()
raw.settimeout(0.02)
try:
    ssl.wrap_socket(raw)
except OSError as e:
    print(type(e).__name__, e.errno)
raw.close()
LISTENER.accept()[0].close()

print("-- the memory of TLS has an end, and comes back")


class Mute(io.IOBase):
    def readinto(self, b):
        return None

    def write(self, b):
        return len(b)


context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
context.verify_mode = tls.CERT_NONE
for _ in range(2):
    held = []
    try:
        for i in range(1000):
            held.append(context.wrap_socket(Mute(), do_handshake_on_connect=False))
    except MemoryError as e:
        print(e, 2 < len(held) < 64)
    for s in held:
        s.close()

print("-- one session, two threads")
t = Thread(echo, server_context("good"))
s = client_context().wrap_socket(connected(), server_hostname="board.test")
senders = [Thread(s.sendall, c * 20000) for c in (b"a", b"b")]
got = read_all(s, 40000)
print(got.count(b"a"), got.count(b"b"), [sender.join() for sender in senders])
s.close()
print(t.join())
