# Frame buffers: formats, what is outside, wrong arguments, buffers that shrink.
import framebuf
from array import array


def attempt(f, *args, **kw):
    try:
        print(f(*args, **kw))
    except (ValueError, TypeError, BufferError) as e:
        print(type(e).__name__, e)


FORMATS = ("MONO_VLSB", "RGB565", "GS4_HMSB", "MONO_HLSB", "MONO_HMSB", "GS2_HMSB", "GS8")
for name in FORMATS:
    f = getattr(framebuf, name)
    b = bytearray(80)
    fb = framebuf.FrameBuffer(b, 9, 4, f)
    fb.pixel(0, 0, 0x1FF1)
    fb.pixel(1, 0, 2)
    fb.pixel(8, 3, 0xF0F)
    print(name, fb.pixel(0, 0), fb.pixel(1, 0), fb.pixel(8, 3), fb.pixel(9, 3), fb.pixel(-1, 0), [i for i in range(80) if b[i]])
    for stride in (9, 13):
        n = 0
        while True:
            try:
                framebuf.FrameBuffer(bytearray(n), 9, 10, f, stride)
                break
            except ValueError:
                n += 1
        print(n, end=" ")
    # All drawing far outside and across the edges.
    for x, y in ((-3, -2), (5, 2), (1 << 40, 0), (0, -(1 << 40))):
        fb.rect(x, y, 5, 5, 1)
        fb.fill_rect(x, y, 5, 5, 3)
        fb.ellipse(x, y, 3, 2, 1, True)
        fb.text("Az~", x, y)
        fb.poly(x, y, array("h", [0, 0, 4, 1, 2, 5]), 1, True)
        fb.blit(fb, x, y)
        fb.scroll(x, y)
    fb.line(-5, -5, 12, 9, 1)
    print(sum(b) > 0)


def show(b, w):
    for i in range(0, len(b), w):
        print("".join(".#"[v] for v in b[i : i + w]))


b = bytearray(24 * 10)
fb = framebuf.FrameBuffer(b, 24, 10, framebuf.GS8)
fb.text("a\xe9", 0, 1)
fb.ellipse(20, 5, 3, 4, 1, False, 0b0101)
fb.line(0, 9, 23, 8, 1)
show(b, 24)
fb.scroll(3, -1)
show(b, 24)

# A palette, a key, and a source described by a tuple.
fb.fill(0)
palette = framebuf.FrameBuffer(bytearray(b"\x00\x01"), 2, 1, framebuf.GS8)
fb.blit((b"\xa5\x5a", 8, 2, framebuf.MONO_HLSB), 2, 2, -1, palette)
fb.blit([b"\x01\x00\x01\x01", 2, 2, framebuf.GS8], 0, 0, key=0)
show(b[:96], 24)

for args in ((0, 1), (1, 0), (-1, 1), (70000, 1)):
    attempt(framebuf.FrameBuffer, b, args[0], args[1], framebuf.GS8)
attempt(framebuf.FrameBuffer, b, 1, 1, 7)
attempt(framebuf.FrameBuffer, b, 1, 1, -1)
attempt(framebuf.FrameBuffer, b, 8, 1, framebuf.GS8, 7)
attempt(framebuf.FrameBuffer, b"1234", 1, 1, framebuf.GS8)
attempt(fb.fill, "x")
attempt(fb.pixel, 0, 0, 1.5)
attempt(fb.blit, 5, 0, 0)
attempt(fb.blit, (1, 2), 0, 0)
attempt(fb.poly, 0, 0, [0, 0], 1)
attempt(fb.text, 5, 0, 0)
attempt(framebuf.FrameBuffer.fill, 5, 0)


class Screen(framebuf.FrameBuffer):
    def __init__(self, early=False):
        if early:
            self.fill(0)
        super().__init__(bytearray(4), 2, 2, framebuf.GS8)


attempt(Screen, True)
s = Screen()
s.fill(7)
print(bytes(s), memoryview(s)[1:3] == b"\x07\x07", framebuf.FrameBuffer1(bytearray(8), 8, 8).pixel(0, 0))

# The buffer may become shorter at any time.
fb.fill(1)
while b:
    b.pop()
fb.fill(1)
fb.pixel(3, 3, 1)
fb.scroll(1, 1)
fb.text("x", 0, 0)
fb.ellipse(5, 5, 4, 4, 1, True)
print(fb.pixel(3, 3), len(b), bytes(fb))
