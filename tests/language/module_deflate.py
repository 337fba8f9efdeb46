# deflate and zlib: sizes, formats, partial reads, damage, streams in both directions.
import gc
import deflate
import io
import uzlib
import zlib

print(uzlib is zlib)


def attempt(f):
    try:
        print(f())
    except (OSError, EOFError, ValueError, TypeError) as e:
        print(type(e).__name__, e)


seed = 1


def rnd(n):
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return (seed >> 8) % n


def data(n):
    out = bytearray()
    while len(out) < n:
        kind = rnd(3)
        if kind == 0 or not out:
            out += bytes(rnd(64) for _ in range(rnd(30)))
        elif kind == 1:
            out += bytes([rnd(256)]) * rnd(300)
        else:
            d = 1 + rnd(min(len(out), 400))
            out += out[-d:]
    return bytes(out)


# There and back in each format, with windows of different sizes; the largest is a quarter of a board's heap.
for wbits in (-15, -8, -5, 5, 9, 15, 21, 31):
    gc.collect()
    d = data(1500)
    z = zlib.compress(d, wbits=wbits)
    print(wbits, zlib.decompress(z, wbits) == d, wbits < 0 or zlib.decompress(z, 47) == d, len(z) < len(d))
print(zlib.compress(b""), zlib.decompress(zlib.compress(b"")))
print(zlib.DecompIO(io.BytesIO(zlib.compress(b"a\nb\n" * 3))).readlines())
for wbits in (1, 16, 48, -16, -4):
    attempt(lambda: zlib.decompress(b"", wbits))
attempt(lambda: zlib.decompress(b"", 15))
attempt(lambda: zlib.decompress("x\x01"))
attempt(lambda: zlib.decompress(5))
# Python's zlib, levels 0, 6 and 9 of the same.
print(zlib.decompress(b"x\x01\x01\t\x00\xf6\xffabcabcabc\x11=\x03s"))
print(zlib.decompress(b"x\xdaKLJN\xa4*\x02\x00\xf7\xa9\x1f\x03"))

# Small reads and writes; what follows on the stream stays there.
plain = data(700)
b = io.BytesIO()
with deflate.DeflateIO(b, deflate.ZLIB, 10) as d:
    for i in range(0, len(plain), 7):
        d.write(plain[i : i + 7])
packed = b.getvalue()
b = io.BytesIO(packed + b"rest")
d = deflate.DeflateIO(b)
out = b""
n = 1
while True:
    part = d.read(n)
    if not part:
        break
    out += part
    n = n % 50 + 1
print(out == plain, b.read())

# A bidirectional stream.
class Wire(io.IOBase):
    def __init__(self, incoming):
        self.incoming = incoming
        self.sent = b""

    def readinto(self, buf):
        n = min(len(buf), len(self.incoming))
        buf[:n] = self.incoming[:n]
        self.incoming = self.incoming[n:]
        return n

    def write(self, buf):
        self.sent += buf
        return len(buf)

    def ioctl(self, request, arg):
        print("ioctl", request)
        return 0


w = Wire(packed)
d = deflate.DeflateIO(w, deflate.ZLIB, 10, True)
d.write(b"ping")
print(d.read(5) == plain[:5])
d.close()
d.close()
print(zlib.decompress(w.sent))
attempt(lambda: d.read(1))
attempt(lambda: d.write(b"1"))


class Slow(io.IOBase):
    def readinto(self, buf):
        return None

    def write(self, buf):
        return None


attempt(lambda: deflate.DeflateIO(Slow(), deflate.RAW).read(1))
attempt(lambda: deflate.DeflateIO(Slow(), deflate.RAW).write(b"x" * 30))
attempt(lambda: deflate.DeflateIO(5))
attempt(lambda: deflate.DeflateIO(b).seek(0))

# Damaged data end in an error or in other data, never in anything else.
errors = 0
for i in range(300):
    x = bytearray(packed)
    x[rnd(len(x))] ^= 1 << rnd(8)
    try:
        zlib.decompress(x, rnd(2) and 12 or 44)
    except (OSError, EOFError):
        errors += 1
    try:
        zlib.decompress(bytes(rnd(256) for _ in range(100)), -12)
    except (OSError, EOFError):
        errors += 1
print(errors > 500)
