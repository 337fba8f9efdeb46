# Streams in memory and streams written in Python: io.StringIO, io.BytesIO, io.BufferedWriter, io.IOBase, print.
import io
import sys


def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e.args)


# Text counts in characters when it is read, in bytes when the position is told or moved.
s = io.StringIO("aé€\U0001f600b\nsecond\r\n\nlast")
print(s.read(0), s.read(2), s.tell(), s.read(2), s.tell(), repr(s.readline()), repr(s.readline(3)), s.readlines())
print(repr(s.read()), repr(s.readline()), s.readlines(), s.seek(1), s.read(1), s.seek(-4, 2), s.read(9))
print([line for line in io.StringIO("x\ny")], [*io.BytesIO(b"x\n\ny\n")], io.StringIO("ab\nc").readlines(1))
print(io.StringIO("é€").readline(1), io.StringIO("é€").readline(-1), io.StringIO("ab").read(-1), io.StringIO("ab").read(None))
s.seek(2)  # inside a character
attempt(s.read, 1)

# Writing: over what is there, beyond the end, parts of a buffer; the value it was made with stays as it is.
start = b"foobar"
b = io.BytesIO(start)
print(b.write(b"XY"), b.getvalue(), start, b.seek(8), b.write(bytearray(b"!")), b.getvalue(), b.seek(-99, 1))
print(b.write(b"abcdef", 2), b.write(b"abcdef", 3, 2), b.write("é"), b.write(b"abc", 9, 9), b.getvalue())
room = bytearray(8)
print(b.seek(0), b.readinto(room), b.readinto(room), b.seek(1), b.readinto(room, 2), room)
print(b.seek(0), b.readinto(memoryview(room)[4:]), room, io.BytesIO(100).getvalue(), io.StringIO(5).getvalue() == "")
attempt(b.readinto, b"read only")
attempt(b.write, 5)
attempt(b.seek, -1)
attempt(b.seek, 0, 3)
attempt(b.read, 1.5)
attempt(io.BytesIO, 1.5)
attempt(b.fileno)

# Closed, by hand or by with.
with io.StringIO("x") as s:
    print(s.read(), s.flush())
for f in (s.read, s.readline, s.getvalue, s.tell, s.flush):
    attempt(f)
attempt(s.write, "x")
print(s.close())


# A class of one's own keeps the stream inside.
class Log(io.StringIO):
    def note(self, text):
        self.write("[" + text + "]")


log = Log()
log.note("a")
print("to the log", file=log)
print(repr(log.getvalue()), isinstance(log, io.StringIO), isinstance(log, io.IOBase))

# print: everything goes out in one go to a stream, with any separator and end.
out = io.StringIO()
print(1, "two", [3], None, 1 << 70, sep="|", end="$\n", file=out)
print(1, 2, sep=None, end=None, file=out, flush=True)
print(file=out)
print(repr(out.getvalue()))
attempt(lambda: print(1, sep=2))
attempt(lambda: print(1, file=5))
attempt(lambda: print(1, colour=2))


# A stream written in Python defines readinto and write and gets the rest.
class Slow(io.IOBase):
    def __init__(self, data):
        self.data = data
        self.log = []

    def readinto(self, buf):
        n = min(len(buf), 3, len(self.data))
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n

    def write(self, data):
        self.log.append(bytes(data))
        return min(len(data), 4)

    def ioctl(self, request, argument):
        self.log.append(request)
        return -22 if request == 3 else 0


slow = Slow(b"abcdefghij\nklm\n")
print(slow.read(5), slow.readline(), slow.readlines(), slow.read())
print("123456789", file=slow)
print(slow.log, slow.flush(), slow.close(), slow.log[-2:])
attempt(io.IOBase.ioctl, slow, 3, 1)
attempt(io.IOBase.seek, slow, 0)


class Nothing(io.IOBase):
    pass


attempt(Nothing().read)
attempt(lambda: print("x", file=Nothing()))


class Empty(io.IOBase):
    def readinto(self, buf):
        return None

    def write(self, data):
        return None


print(Empty().read(), Empty().read(3), Empty().readline(), Empty().readinto(bytearray(1)), io.IOBase.write(Empty(), b"x"))


class Angry(io.IOBase):
    def readinto(self, buf):
        raise KeyError("readinto")

    def write(self, data):
        return -5


attempt(Angry().read)
attempt(lambda: print("x", file=Angry()))


# Any object with write will do for print.
class Plain:
    def write(self, text):
        sys.stdout.write("<" + text.replace("\n", "/") + ">")


print(1, "a", file=Plain())
print()

# Writes are collected up to the size; what a stream refuses stays.
b = io.BytesIO()
w = io.BufferedWriter(b, 4)
print(w.write(b"abc"), b.getvalue(), w.write(b"defgh"), b.getvalue(), w.write(b"ij"), b.getvalue(), w.flush(), b.getvalue())
w = io.BufferedWriter(Empty(), 4)
print(w.write(b"ab"))
attempt(w.flush)
attempt(io.BufferedWriter, b, 0)
attempt(io.BufferedWriter, 1, 1)

# The console's streams, and others in their place.
print(sys.stdout, sys.stdin.buffer, sys.stderr.fileno(), sys.stdout is sys.stdout, sys.stdout.buffer is sys.stdout.buffer)
print(sys.stdout.write("é\n"), sys.stdout.buffer.write(b"raw\n"), sys.stdout.close(), sys.stdout.flush())
attempt(sys.stdout.read)
attempt(sys.stdin.write, "x")
attempt(sys.stdout.seek, 0)
caught = io.StringIO()
sys.stdout, console = caught, sys.stdout
print("caught")
sys.stdout = console
sys.stdin, console = io.StringIO("typed\nlast"), sys.stdin
print(repr(caught.getvalue()), input("? "), input())
attempt(input)
sys.stdin = console
