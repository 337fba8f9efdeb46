# only: simulator
# Files and directories of the host: open, os, vfs.VfsPosix.
import errno
import gc
import os
import sys
import vfs


def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except OSError as e:
        print("OSError", errno.errorcode.get(e.errno, e.args))
    except Exception as e:
        print(type(e).__name__, e.args)


def put(name, data):
    with open(name, "wb") as f:
        f.write(data)


home = os.getcwd()
top = home + "/io_files.tmp"


def clear(path):
    for name, kind, *_ in list(os.ilistdir(path)):
        full = path + "/" + name
        if kind == 0x4000:
            clear(full)
        else:
            os.remove(full)
    os.rmdir(path)


try:
    clear(top)
except OSError:
    pass
os.mkdir(top)
os.chdir(top)
print(os.getcwd() == top, os.listdir(), os.sep, os.stat(".")[0] & 0xF000 == 0x4000)

# Modes.
for mode in ("r", "w", "x", "a", "r+", "w+", "a+b", "rb", "xb"):
    put("old", b"old\n")
    if "x" in mode:
        os.remove("old")
    try:
        f = open("old", mode)
    except OSError as e:
        print(mode, e)
        continue
    done = []
    for action in (lambda: f.read(2), lambda: f.tell(), lambda: f.write(b"N"), lambda: f.seek(0), lambda: f.read()):
        try:
            done.append(action())
        except OSError as e:
            done.append(errno.errorcode[e.errno])
    f.close()
    print(mode, done, open("old", "rb").read())
for mode in ("", "rw", "rwb", "q", "r++", "bt"):
    attempt(lambda: open("old", mode).read())
attempt(open, "missing")
attempt(open, "old", "x")
attempt(open, "no/such/dir", "w")
attempt(open, "")
attempt(open, "nul\0l")
attempt(open, "x" * 300, "w")
attempt(open, "x/" * 3000)
attempt(open, 1.5)
attempt(open, None)
attempt(open, 99)
attempt(lambda: open(".").read())
print(open(b"old", mode="rb").read(), open("old", "r", encoding="utf-8").read(), open(2), open(1, "wb"))

# Small reads are served from what was read ahead; the position is always the one that Python sees.
put("text", "".join("%03d é€\n" % i for i in range(100)).encode())
f = open("text")
print(repr(f.readline()), f.tell(), f.read(5), f.tell(), f.seek(10), repr(f.read(3)), f.tell(), f.seek(0, 1), f.seek(7, 1))
print(repr(f.readline(2)), f.seek(-11, 2), f.readlines(), f.tell(), repr(f.read()), repr(f.readline()))
f.seek(0)
print(sum(len(line) for line in f), f.tell(), next(f, "end"))
f = open("text", "r+b")
print(f.read(3), f.write(b"#"), f.read(4), f.tell(), f.seek(0), f.readline(), f.write(b"XXX"), f.seek(9, 0), f.read(14))
a, b = open("text"), open("text")
print(a.read(3), b.read(10)[-3:], a.read(3) == "#é€", b.tell(), a.tell())
room = bytearray(600)
print(f.seek(0), f.readinto(room), f.readinto(room, 100), f.readinto(memoryview(room)[500:]), f.tell())
print(len(open("text", "rb").read()), len(open("text").read()), len(open("text").read(550)))
put("bad", b"ok\xff\n\xe2\x82")
f = open("bad")
attempt(f.read)
f.seek(0)
attempt(f.readline)
attempt(f.read, 1)
attempt(f.read, 1)

# Closed files, with, finalisers, iterating.
f = open("text")
print(str(f)[:18], f.fileno() > 2, f.close(), f.close(), f)
for method in (f.read, f.readline, f.tell, f.flush, f.fileno, f.__next__):
    attempt(method)
attempt(f.write, "x")
with open("text") as f:
    print(f.__enter__() is f)
attempt(f.read)


def leave_open(n):
    for i in range(n):
        f = open("left%d" % (i % 3), "w")
        f.write("%d" % i)


leave_open(3000)  # more than may be open at once
gc.collect()
print(sorted(os.listdir())[:3])

# Directories.
os.mkdir("d")
os.mkdir("d/e")
put("d/x", b"12345")
print(sorted(os.listdir("d")), sorted(entry[:2] for entry in os.ilistdir("d")), os.stat("d/x")[6], len(os.stat("d")))
print(os.listdir(b"d/e"), sorted(os.listdir(b"d")), len(os.statvfs("d")), os.statvfs(".")[9] >= 255)
attempt(os.mkdir, "d")
attempt(os.mkdir, "no/d")
attempt(os.rmdir, "d")
attempt(os.rmdir, "d/x")
attempt(os.remove, "d/e")
attempt(os.remove, "gone")
attempt(os.listdir, "gone")
attempt(os.listdir, "d/x")
attempt(os.chdir, "gone")
attempt(os.chdir, "d/x")
attempt(os.stat, "gone")
attempt(os.stat, 5)
attempt(os.rename, "gone", "there")
attempt(os.rename, "d/x", "d/e")
print(os.rename("d/x", "d/y"), sorted(os.listdir("d")), os.unlink("d/y"), os.rmdir("d/e"))
print(os.chdir("d"), os.getcwd()[len(top):], os.chdir(".."), os.getcwd() == top, os.rmdir("d"))
entries = os.ilistdir()
next(entries)
del entries  # half read
gc.collect()

# A part of the host's files as a file system, read-only too.
os.mkdir("part")
put("part/mod_in_part.py", b"print('imported', __name__, __file__)\n")
vfs.mount(vfs.VfsPosix("part"), "/io_mnt/")
print(vfs.mount()[0][1], os.listdir("/io_mnt"), open("/io_mnt/mod_in_part.py").read(5), "io_mnt" in os.listdir("/"))
sys.path.append("/io_mnt")
import mod_in_part

attempt(vfs.mount, vfs.VfsPosix("part"), "/io_mnt")
attempt(vfs.mount, vfs.VfsPosix("part"), "/io_mnt/deeper")
attempt(vfs.mount, vfs.VfsPosix("part"), "mnt2")
attempt(vfs.mount, 5, "/five")
attempt(os.rename, "/io_mnt/mod_in_part.py", top + "/moved.py")
attempt(os.mkdir, "/io_mnt")
os.mkdir("/io_mnt/sub")
print(os.chdir("/io_mnt/sub"), os.getcwd(), os.chdir(".."), os.getcwd(), os.chdir("/"), os.getcwd(), os.chdir(top))
f = open("/io_mnt/mod_in_part.py")
print(vfs.umount("/io_mnt"), f.read(5))
attempt(vfs.umount, "/io_mnt")
attempt(os.listdir, "/io_mnt")
fs = vfs.VfsPosix(top + "/part/")
vfs.mount(fs, "/io_mnt", readonly=True)
for attack in (
    lambda: open("/io_mnt/new", "w"),
    lambda: open("/io_mnt/mod_in_part.py", "r+"),
    lambda: os.remove("/io_mnt/mod_in_part.py"),
    lambda: os.rename("/io_mnt/sub", "/io_mnt/bus"),
    lambda: os.rmdir("/io_mnt/sub"),
    lambda: os.mkdir("/io_mnt/more"),
    lambda: sorted(os.listdir("/io_mnt")),
):
    attempt(attack)
os.umount(fs)
print(fs, fs.open("/mod_in_part.py", "rb").read(5), fs.stat("/sub")[0] & 0x4000, type(fs.statvfs("/")))

# The rest of os.
print(len(os.urandom(10)), os.urandom(0), os.urandom(8) != os.urandom(8), os.sync())
attempt(os.urandom, -1)
print(os.getenv("THREADSNAKE_UNSET"), os.getenv("THREADSNAKE_UNSET", 5), os.putenv("THREADSNAKE_X", "y" * 300))
print(len(os.getenv("THREADSNAKE_X")), os.unsetenv("THREADSNAKE_X"), os.getenv("THREADSNAKE_X"))
attempt(os.putenv, "bad=name", "x")
attempt(os.getenv, "bad=name")
print(os.system("exit 3"), os.system("true"), os.uname().sysname, len(os.uname()))

os.chdir(home)
clear(top)
