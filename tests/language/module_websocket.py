# WebSocket frames on a stream that gives and takes what it likes; and what `platform` says.
import io
import platform
import websocket


class Wire(io.IOBase):
    def __init__(self, incoming):
        self.incoming = list(incoming)
        self.sent = b""
        self.log = []

    def readinto(self, buf):
        if not self.incoming:
            return 0
        b = self.incoming.pop(0)
        if b is None:
            return None
        buf[0] = b
        return 1

    def write(self, buf):
        self.sent += buf
        return len(buf)

    def ioctl(self, request, arg):
        self.log.append(request)
        return arg

    def setblocking(self, on):
        self.log.append(on)


def attempt(f, *args):
    try:
        print(f(*args))
    except OSError as e:
        print("OSError", e)


# Frames in pieces, masked, continued, with control frames between them.
w = Wire(b"\x01\x02ab\x89\x81\1\2\3\4x\x80\x83\x10\x20\x30\x40\x73\x44\x55\x82\x00\x82\x7e\x00\x01z\x88\x02\x03\xe8\x81\x01-")
s = websocket.websocket(w)
print(s.ioctl(8), s.read(), s.ioctl(8), w.sent, s.read())
w = Wire([None, 0x81, None, 0x82, 1, None, 2, 3, 4, 0x41 ^ 1, None, 0x42 ^ 2, 0x81])
s = websocket.websocket(w)
print([s.read(1) for i in range(9)])
attempt(websocket.websocket(Wire(b"\x81\x7f")).read)
attempt(websocket.websocket(Wire(b"\x81\xff")).read, 1)

w = Wire(b"")
s = websocket.websocket(w, True)
print(s.write("\xe9"), s.ioctl(9, 2), s.write(bytes(126)), s.write(b""), w.sent[:10], len(w.sent), w.log)
attempt(s.write, bytes(65536))
s.write(bytes(1000))
print(len(w.sent), s.ioctl(3, 5), s.flush(), s.close(), w.log[-3:])
attempt(websocket.websocket, 5)
attempt(s.ioctl, 99)

print(platform.platform().split("-")[0], type(platform.python_compiler()), type(platform.libc_ver()), type(platform.processor()))
