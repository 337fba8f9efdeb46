# File systems written in Python: the mount table, open, import, errors that they raise.
import io
import os
import sys
import vfs


def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except OSError as e:
        print("OSError", e.errno)
    except Exception as e:
        print(type(e).__name__, e.args)


class File(io.IOBase):
    def __init__(self, fs, name, mode):
        self.fs, self.name, self.at = fs, name, 0

    def readinto(self, buf):
        data = self.fs.files[self.name][self.at : self.at + len(buf)]
        buf[: len(data)] = data
        self.at += len(data)
        return len(data)

    def write(self, data):
        self.fs.files[self.name] += data
        return len(data)

    def ioctl(self, request, argument):
        self.fs.note("ioctl", request)
        return 0


class Memory:
    def __init__(self, name, files=()):
        self.name, self.files, self.cwd = name, dict(files), "/"

    def note(self, *what):
        print(" ", self.name, *what)

    def mount(self, readonly, mkfs):
        self.note("mount", readonly, mkfs)

    def umount(self):
        self.note("umount")

    def full(self, path):
        return path if path[:1] == "/" else self.cwd.rstrip("/") + "/" + path

    def open(self, path, mode):
        self.note("open", path, mode)
        path = self.full(path)
        if "w" in mode:
            self.files[path] = b""
        elif path not in self.files:
            raise OSError(2)
        return File(self, path, mode)

    def stat(self, path):
        path = self.full(path)
        if path in self.files:
            return (0x8000, 0, 0, 0, 0, 0, len(self.files[path]), 0, 0, 0)
        if path == "/" or any(f.startswith(path + "/") for f in self.files):
            return (0x4000,) + (0,) * 9
        raise OSError(2)

    def ilistdir(self, path):
        self.note("ilistdir", path)
        return ((f[1:], 0x8000, 0, len(d)) for f, d in self.files.items())

    def chdir(self, path):
        self.note("chdir", path)
        self.cwd = self.full(path)

    def getcwd(self):
        return self.cwd

    def remove(self, path):
        self.note("remove", path)
        del self.files[self.full(path)]

    def rename(self, old, new):
        self.note("rename", old, new)


for fs, point in vfs.mount():
    vfs.umount(point)
print(vfs.mount(), os.getcwd(), os.listdir(), tuple(os.stat("/"))[:2], os.statvfs("/")[9] > 0)
for call in (os.stat, os.listdir, os.mkdir, os.remove, os.chdir, open):
    attempt(call, "/x")

one = Memory("one", {"/a.txt": b"alpha\nbeta\n", "/mod_one.py": b"import mod_two\nprint('in', __name__, mod_two.x)\n"})
two = Memory("two", {"/mod_two.py": b"x = 2\n", "/pkg/__init__.py": b"from . import part", "/pkg/part.py": b"print(__name__)"})
vfs.mount(one, "/one")
vfs.mount(two, "/two/", readonly=True)
print([point for fs, point in vfs.mount()], os.listdir(), list(os.ilistdir("/")), os.listdir(b"/"))
attempt(vfs.mount, Memory("three"), "/two")
attempt(vfs.mount, Memory("three"), "relative")
attempt(vfs.mount, one)
print(os.listdir("/one"), os.listdir("two"), os.stat("/one/a.txt")[6], os.stat("/one")[0])
with open("/one/a.txt") as f:
    print(f.readlines())
with open("/one/new", "w") as f:
    f.write(b"words")
print(one.files["/new"], os.remove("/one/new"), os.rename("/one/a.txt", "/one/b.txt"))
attempt(os.rename, "/one/a.txt", "/two/a.txt")
attempt(os.rename, "/one/a.txt", "/nowhere/a.txt")
attempt(os.mkdir, "/one")
attempt(os.mkdir, "/one/dir")  # it has no mkdir
attempt(open, "/one/missing")
attempt(os.stat, "/one/missing")

print(os.chdir("/one"), os.getcwd(), open("a.txt").read(5), os.listdir(), os.chdir("/"), os.getcwd())
os.chdir("one")
attempt(open, "/two/../one/a.txt")
sys.path[:] = ["/one", "/two"]
import mod_one
import pkg.part

os.chdir("/one")
vfs.umount(one)
print(os.getcwd(), os.listdir())
vfs.mount(one, "/")
vfs.mount(Memory("three"), "/three")
print([point for fs, point in vfs.mount()], sorted(os.listdir("/")), open("a.txt").read(5), os.stat("/a.txt")[6])
attempt(vfs.mount, Memory("four"), "/")


# What they raise comes out, except where import only wants to know.
class Broken(Memory):
    def stat(self, path):
        raise ValueError("stat")

    def open(self, path, mode):
        raise KeyError("open")

    def ilistdir(self, path):
        vfs.umount("/broken")  # under our feet
        return iter([])

    def chdir(self, path):
        vfs.umount(self)


vfs.mount(Broken("broken"), "/broken")
sys.path.insert(0, "/broken")
attempt(os.stat, "/broken/x")
attempt(open, "/broken/x")
attempt(__import__, "mod_three")
print(os.listdir("/broken"), [point for fs, point in vfs.mount()])
broken = Broken("broken")
vfs.mount(broken, "/broken")
attempt(os.chdir, "/broken")
print(os.getcwd(), [point for fs, point in vfs.mount()])
