# only: simulator
# An SD card on the SPI bus, by a driver in Python: single and multiple blocks, a file system on it, wrong blocks.
import os
import vfs
from machine import SPI, Pin


class Card:
    def __init__(self, spi, cs):
        self.spi, self.cs = spi, cs
        cs.init(Pin.OUT, value=1)
        spi.write(b"\xff" * 10)
        print("reset", self.command(0, 0))
        print("condition", self.command(8, 0x1AA, 4))
        while self.command(55, 0) is None or self.command(41, 1 << 30) != 0:
            pass
        print("ocr", self.command(58, 0, 4))
        csd = self.read(9, 0, 16)
        self.blocks = (((csd[7] & 63) << 16 | csd[8] << 8 | csd[9]) + 1) * 1024

    def answer(self):
        for _ in range(10):
            r = self.spi.read(1, 0xFF)[0]
            if r != 0xFF:
                return r

    def command(self, number, argument, more=0, keep=False):
        self.cs(0)
        self.spi.write(bytes([0x40 | number]) + argument.to_bytes(4, "big") + b"\x95")
        if number == 12:
            self.spi.read(1, 0xFF)
        r = self.answer()
        rest = self.spi.read(more, 0xFF)
        if not keep:
            self.cs(1)
        return (r, rest) if more else r

    def take(self, n):
        token = self.answer()
        if token != 0xFE:
            raise OSError(5)
        data = self.spi.read(n, 0xFF)
        self.spi.read(2, 0xFF)
        return data

    def read(self, number, argument, n):
        if self.command(number, argument, keep=True):
            self.cs(1)
            raise OSError(22)
        data = self.take(n)
        self.cs(1)
        return data

    def give(self, token, data):
        self.cs(0)
        self.spi.write(bytes([token]) + data + b"\0\0")
        taken = self.answer() & 0x1F == 5
        while self.spi.read(1, 0xFF) != b"\xff":
            pass
        self.cs(1)
        if not taken:
            raise OSError(5)

    def readblocks(self, block, buf):
        n = len(buf) // 512
        if n == 1:
            buf[:] = self.read(17, block, 512)
            return
        if self.command(18, block, keep=True):
            raise OSError(22)
        for i in range(n):
            self.cs(0)
            buf[i * 512 : (i + 1) * 512] = self.take(512)
            self.cs(1)
        self.command(12, 0)

    def writeblocks(self, block, buf):
        n = len(buf) // 512
        if self.command(24 if n == 1 else 25, block):
            raise OSError(22)
        for i in range(n):
            self.give(0xFE if n == 1 else 0xFC, buf[i * 512 : (i + 1) * 512])
        if n > 1:
            self.cs(0)
            self.spi.write(b"\xfd")
            self.spi.read(4, 0xFF)
            self.cs(1)

    def ioctl(self, op, argument):
        return {4: self.blocks, 5: 512}.get(op)


card = Card(SPI(0, baudrate=1_000_000), Pin("GP22"))
print(card.blocks, card.command(63, 0))
data = bytearray(range(256)) * 6
card.writeblocks(100, data)
back = bytearray(1536)
card.readblocks(100, back)
print(back == data)
one = bytearray(512)
card.readblocks(101, one)
print(one == data[512:1024])
for wrong in (
    lambda: card.readblocks(2048, one),
    lambda: card.writeblocks(5000, one),
    lambda: card.readblocks(2047, back),
    lambda: card.writeblocks(2047, data),
):
    try:
        wrong()
        print("no error")
    except OSError as e:
        card.command(12, 0)
        print(e.errno)
vfs.VfsFat.mkfs(card)
vfs.mount(card, "/card")
with open("/card/file", "w") as f:
    for i in range(2000):
        f.write("line %d\n" % i)
with open("/card/file") as f:
    print(sum(1 for _ in f), os.stat("/card/file")[6], os.listdir("/card"))
vfs.umount("/card")
