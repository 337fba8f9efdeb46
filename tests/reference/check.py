# The names of the reference documents (names.txt says how they are written): each is there, or is in
# absent.txt with its reason; what that table says is absent is absent.
import errno
import machine
import select
import socket
import sys
import time


def raised(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except BaseException as e:
        return e


def timed(f, *args):
    start = time.ticks_us()
    raised(f, *args)
    return time.ticks_diff(time.ticks_us(), start)


def polled_events():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    poll = select.poll()
    poll.register(udp)
    return poll.poll(0)[0][1]


def listens(s, *backlog):
    s.bind(("127.0.0.1", 0))
    s.listen(*backlog)
    s.close()
    return True


def mounted():
    """Whether a mount without the argument is read-only."""
    import os

    class Volume:
        def mount(self, readonly, mkfs):
            self.readonly = readonly

        def umount(self):
            pass

    volume = Volume()
    os.mount(volume, "/volume")
    os.umount("/volume")
    os.mount(volume, "/volume", readonly=volume.readonly)
    os.umount("/volume")
    return volume.readonly


absent = {}
for line in open("absent.txt"):
    if line.strip() and not line.startswith("#"):
        name, _, reason = line.partition("\t")
        absent[name] = reason.strip()
        if not absent[name]:
            print("absent without a reason:", name)


def covered(name):
    """Whether the table has the name, or what it is in."""
    return name in absent or any(name.startswith((whole + ".", whole + "(")) for whole in absent)


def judge(name, there):
    if there and name in absent:
        print("there, and yet in absent.txt:", name)
    elif not there and not covered(name):
        print("missing:", name)
    seen.add(name)


def has(owner, word):
    if word == "__call__":
        return callable(owner)
    return hasattr(owner, word)


def check(line):
    """One line of the list; a condition that raises is not true."""
    global prefix, owner
    if line.startswith("[module "):
        prefix, *aliases = line[8:-1].split()
        try:
            owner = scope[prefix] = __import__(prefix)
        except ImportError:
            owner = None
        judge(prefix, owner is not None)
        for alias in aliases:
            judge(alias, owner is not None and not raised(__import__, alias))
    elif line.startswith("["):
        prefix, _, expression = line[1:-1].partition(" = ")
        try:
            owner = eval(expression, scope)
        except (AttributeError, NameError):
            owner = None
    elif " :: " in line:
        name, _, condition = line.partition(" :: ")
        try:
            result = eval(condition, scope)
        except Exception as e:
            result = repr(e)
        if result is not True and not covered(name):
            print("came:", result)
        judge(name, result is True)
    else:
        for word in line.split():
            judge(prefix + "." + word, owner is not None and has(owner, word))


scope = globals()
seen = set()
for line in open("names.txt"):
    line = line.strip()
    if line and not line.startswith("#"):
        check(line)
for name in absent:
    if name not in seen:
        print("in absent.txt, but not a name:", name)
print("checked", len(seen) > 500)
