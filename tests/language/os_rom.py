# vfs.VfsRom: files where they lie in memory, damaged images, and what a read-only file system refuses.

import errno
import os
import sys
import vfs


def number(n):
    out = bytes((n & 127,))
    while n > 127:
        n >>= 7
        out = bytes((128 | n & 127,)) + out
    return out


def record(kind, *parts):
    body = b"".join(parts)
    return number(kind) + number(len(body)) + body


def file(name, data):
    return record(5, number(len(name)), name, record(2, data))


def folder(name, *entries):
    return record(4, number(len(name)), name, *entries)


def image(*entries):
    return record(0x14A6B1, *entries)


def refused(f, *args):
    try:
        f(*args)
    except OSError as e:
        return errno.errorcode[e.errno]


whole = image(
    record(1, b"a comment"),
    file(b"hello.txt", b"hello\nworld\n"),
    folder(b"lib", file(b"inside_rom.py", b"where = __file__\n"), file(b"\xff", b"no text")),
    record(77, b"from a later version"),
    file(b"empty", b""),
)
rom = vfs.VfsRom(bytearray(b"behind it: ") and whole)
vfs.mount(rom, "/image")

print(os.listdir("/image"), os.listdir("/image/lib"), os.listdir(b"/image/lib"))
print(list(os.ilistdir("/image")))
print(os.stat("/image/hello.txt")[6], os.stat("/image/empty")[6], os.statvfs("/image")[:3])

with open("/image/hello.txt") as f:
    print(f.readline(), f.tell(), f.seek(-3, 2), f.read(), f.seek(99), f.read())
with open("/image/hello.txt", "rb") as f:
    view = memoryview(f)
    print(bytes(view[6:]), f.read(5), list(f))
print(bytes(view[:5]), refused(f.read))

sys.path.append("/image/lib")
import inside_rom

print(inside_rom.where)

print(refused(open, "/image/hello.txt", "w"), refused(open, "/image/new", "a"), refused(open, "/image/lib"))
print(refused(open, "/image/hello.txt/x"), refused(os.listdir, "/image/hello.txt"), refused(os.stat, "/image/no"))
print(refused(os.remove, "/image/hello.txt"), refused(os.mkdir, "/image/x"), refused(os.rename, "/image/empty", "/image/y"))
os.chdir("/image")
print(os.getcwd(), refused(os.chdir, "/image/lib"))
os.chdir("/")
vfs.umount("/image")

# An image in a file of an image, mounted when that file is closed.
outer = vfs.VfsRom(image(file(b"inner", whole)))
with outer.open("inner", "rb") as f:
    inner = vfs.VfsRom(f)
print(inner.open("/hello.txt", "r").read())

for bad in (b"", b"\xd2\xcd\x31", whole[:-1], b"\x80" * 40, "text", b"\xd2\xcd\x31" + b"\xff" * 9):
    print(refused(vfs.VfsRom, bad), end=" ")
print()


# Whatever is damaged: an answer or an OSError.
def walk(fs, path):
    n = 0
    for name, kind, _, size in fs.ilistdir(path):
        at = path + b"/" + name
        if kind == 0x4000:
            n += walk(fs, at)
        else:
            data = fs.open(at, "rb").read()
            assert len(data) == size
            n += 1
    return n


files = set()
for i in range(len(whole)):
    for bit in (1, 64, 128):
        damaged = bytearray(whole)
        damaged[i] ^= bit
        try:
            files.add(walk(vfs.VfsRom(damaged), b""))
        except OSError:
            files.add("OSError")
print(max(f for f in files if f != "OSError"), "OSError" in files)

# One that shrinks.
shrinking = bytearray(whole)
fs = vfs.VfsRom(shrinking)
f = fs.open("hello.txt", "rb")
del shrinking[20:]
print(f.read(), fs.stat("")[6], list(fs.ilistdir("")))
try:
    vfs.VfsRom(3)
except TypeError:
    print("TypeError")
