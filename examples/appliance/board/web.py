# A small web server for as many threads as run it: each serves one connection at a time. Pages, by their paths in
# bytes, are functions whose value is sent as JSON. Listens in the clear, and with TLS where there is a certificate.
import _thread
import errno
import json
import select
import socket

try:
    import ssl
except ImportError:
    ssl = None

# The most that one client may take of the thread's time: seconds for a piece, lines of headers.
TIMEOUT_S = 2
HEADERS = 32


def listener(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", port))
    s.listen(8)
    # Of several threads that a connection wakes up, one gets it.
    s.setblocking(False)
    return s


def context(certificate, key):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(certificate, key)
    return c


class Server:
    def __init__(self, pages, certificate=None, key=None):
        self.pages = pages
        self.failed = 0
        self.lock = _thread.allocate_lock()
        self.clear = listener(80)
        self.secure = None
        if certificate and ssl:
            self.context = context(certificate, key)
            self.secure = listener(443)

    def run(self):
        poll = select.poll()
        poll.register(self.clear, select.POLLIN)
        if self.secure:
            poll.register(self.secure, select.POLLIN)
        while True:
            for s, _ in poll.poll():
                try:
                    connection, _ = s.accept()
                except OSError as e:
                    if e.errno != errno.EAGAIN:
                        self.fault()
                    continue
                try:
                    self.serve(connection, s is self.secure)
                except OSError:
                    # A client that went away or is too slow: others come.
                    self.fault()

    def fault(self):
        with self.lock:
            self.failed += 1

    def serve(self, connection, is_secure):
        try:
            connection.settimeout(TIMEOUT_S)
            if is_secure:
                connection = self.context.wrap_socket(connection, server_side=True)
            line = connection.readline(256).split()
            for _ in range(HEADERS):
                if connection.readline(1024) in (b"\r\n", b""):
                    break
            connection.write(self.answer(line))
        finally:
            connection.close()

    def answer(self, line):
        page = self.pages.get(line[1]) if len(line) == 3 and line[0] == b"GET" else None
        status = "200 OK" if page else "404 Not Found"
        text = json.dumps(page() if page else "not here")
        head = "HTTP/1.0 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return (head % (status, len(text)) + text).encode()
