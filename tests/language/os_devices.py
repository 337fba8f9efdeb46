# Native file systems on block devices written in Python: what devices do wrong is named, and the system goes on.
# only: simulator
import gc
import os
import vfs


class Ram:
    size = 512

    def __init__(self, blocks):
        self.data = bytearray(blocks * self.size)

    def readblocks(self, block, buf, offset=0):
        at = block * self.size + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at = block * self.size + offset
        self.data[at : at + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.data) // self.size
        if op == 5:
            return self.size
        if op == 6:
            return 0


def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except OSError as e:
        print("OSError", e.errno)
    except Exception as e:
        print(type(e).__name__, e)


KINDS = [vfs.VfsFat, vfs.VfsLfs2]


def write(fs, name, text):
    with fs.open(name, "w") as f:
        return f.write(text)


print("a device that raises")


class Raising(Ram):
    error = None

    def readblocks(self, block, buf, offset=0):
        if self.error:
            raise self.error
        Ram.readblocks(self, block, buf, offset)


for kind in KINDS:
    device = Raising(50)
    kind.mkfs(device)
    fs = kind(device)
    write(fs, "a", "text" * 100)
    device.error = KeyError("device")
    attempt(lambda: fs.open("a", "r").read())
    attempt(kind, device)
    device.error = None
    attempt(lambda: fs.open("a", "r").read(4))

print("a device that asks for its own file system")


class Circle(Ram):
    fs = None

    def readblocks(self, block, buf, offset=0):
        if self.fs:
            fs, self.fs = self.fs, None
            attempt(fs.stat, "/a")
        Ram.readblocks(self, block, buf, offset)


for kind in KINDS:
    device = Circle(50)
    kind.mkfs(device)
    fs = kind(device)
    write(fs, "a", "text" * 100)
    device.fs = fs
    attempt(lambda: fs.open("a", "r").read(4))

print("a device that cannot be written")


class Rom:
    def __init__(self, ram):
        self.readblocks, self.ioctl = ram.readblocks, ram.ioctl


for kind in KINDS:
    device = Ram(50)
    kind.mkfs(device)
    write(kind(device), "a", "text")
    fs = kind(Rom(device))
    attempt(lambda: fs.open("a", "r").read())
    attempt(write, fs, "b", "text")
    attempt(fs.mkdir, "c")

print("sizes that cannot be")


class Sized(Ram):
    blocks = size_of = None

    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return self.size_of


device = Sized(50)
for Sized.blocks, Sized.size_of in ((50, 0), (50, 500), (0, 512), (-1, 512), ("x", 512), (1 << 40, 512)):
    for kind in KINDS:
        attempt(kind.mkfs, device)
for sizes in ({"readsize": 0}, {"progsize": 24}, {"lookahead": 7}, {"readsize": 1 << 31}, {"mtime": 1, "x": 2}):
    attempt(lambda: vfs.VfsLfs2.mkfs(Ram(50), **sizes))

print("things that are no devices")
for thing in (None, 1, object(), Rom(Ram(50)).ioctl):
    attempt(vfs.mount, thing, "/thing")
    attempt(vfs.VfsFat, thing)
attempt(vfs.mount, Ram(50), "/empty")
attempt(os.mkfs, "/nowhere")

print("a mount that makes the file system")
device = Ram(50)
vfs.mount(vfs.VfsFat(device), "/made", mkfs=True)
print(os.listdir("/made"))
with open("/made/kept", "w") as f:
    f.write("text")
vfs.umount("/made")
vfs.mount(device, "/made", readonly=True)
attempt(lambda: open("/made/kept").read())
attempt(open, "/made/kept", "w")
vfs.umount("/made")
os.mkfs(device)
vfs.mount(device, "/made")
print(os.listdir("/made"))
vfs.umount("/made")

print("more files and file systems than there is room for")
for kind in KINDS:
    fs = kind(device) if kind is vfs.VfsFat else None
    if fs is None:
        kind.mkfs(device)
        fs = kind(device)
    files = []
    try:
        while True:
            files.append(fs.open("f%d" % len(files), "w"))
    except OSError as e:
        print(e.errno, len(files))
    for f in files:
        f.close()
    # Those that are forgotten make room.
    for i in range(40):
        fs.open("g", "w")
    fs = kind(device)
for i in range(60):
    vfs.VfsLfs2(device)
gc.collect()
print(list(vfs.VfsLfs2(device).ilistdir("/"))[-1][0])
