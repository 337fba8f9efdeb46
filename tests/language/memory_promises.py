# What the chapters about speed and memory promise, each by gc.mem_alloc().
import gc, io
from array import array

gc.disable()


def taken(f):
    """Bytes of the heap that a call allocates, garbage included."""
    f()  # what is made once, the first time
    before = gc.mem_alloc()
    f()
    return gc.mem_alloc() - before


def nothing():
    pass


print("a call:", taken(nothing))


def kept(source):
    """Bytes that a module of this text keeps."""
    names = {}
    exec(compile("pass", "m", "exec"), names)
    code = compile(source, "m", "exec")
    gc.collect()
    before = gc.mem_alloc()
    exec(code, names)
    gc.collect()
    return gc.mem_alloc() - before


# Constants whose names begin with an underscore take no place in the module's dictionary.
head = "from micropython import const\n"
hidden = kept(head + "".join("_H%d = const(%d)\n" % (i, i) for i in range(40)))
shown = kept(head + "".join("S%d = const(%d)\n" % (i, i) for i in range(40)))
print("hidden constants:", hidden < 64, "others:", shown >= 40 * 8)


# Their values stand in the code: no name is looked up, and expressions of them are computed by the compiler.
names = {}
exec(head + "_BIT = const(3)\n_MASK = const((1 << _BIT) - 1)\ndef f():\n    return _MASK\n", names)
print("folded:", names["f"](), "_MASK" in names)


# Literals: joined, folded and shared when the program is compiled, not when it runs.
def literals():
    a = "foo" "bar"
    b = """\
foo\
bar"""
    c = b"\1\2\xff"
    d = (1, 2, (3, "x"))
    e = 1 << 20 | 7
    f = 0xDEADBEEF0000DEADBEEF
    g = 1.5e10
    return a is b


print("literals:", literals(), taken(literals))


# Small integers, names, ranges and loops over them take nothing but the iterator.
def integers():
    n = 0
    for i in range(100):
        n = (n + i * 3) & 0xFFFF
        if n > 77:
            n -= 77
    while n:
        n >>= 1


print("integers:", taken(integers))


# A bound method that is called at once, a comparison, an attribute, an item.
class Thing:
    def __init__(self):
        self.x = 1
        self.items = [1, 2, 3]

    def step(self):
        self.x += 1
        self.items[0] = self.x
        return self.x == self.items[1]


thing = Thing()


def use():
    for i in range(50):
        thing.step()


print("methods:", taken(use) == taken(integers))

# A slice of bytes is a copy; one of a memoryview is small, and as small whatever it shows.
block = bytearray(10000)
view = memoryview(block)


def copy():
    block[30:2000]


def window():
    view[30:2000]


def small_window():
    view[30:32]


print("copy:", taken(copy) >= 1970, "window:", 0 < taken(window) <= 64, taken(window) == taken(small_window))


def store():
    view[0:4] = view[8:12]


print("between windows:", taken(store) <= 2 * taken(window))

# Reading into a buffer that is there already.
stream = io.BytesIO(bytes(4000))
middle = memoryview(bytearray(100))[20:60]


def read():
    stream.seek(0)
    stream.read(1000)


def read_into():
    stream.seek(0)
    stream.readinto(block)
    stream.readinto(middle)


print("read:", taken(read) >= 1000, "readinto:", taken(read_into))

# Arrays and bytes have the size of their items.
values = [i % 200 for i in range(1000)]
print(
    "bytes:", taken(lambda: bytes(values)) < 1100, "array:", taken(lambda: array("H", values)) < 2400
)
# Text takes a byte a character while it is ASCII.
print("text:", taken(lambda: "ab" * 500) < 1100)

# A generator's values come one at a time.
print("generator:", taken(lambda: sum(i for i in range(1000))) < 300)


# A call with keywords, a starred parameter that stays empty, a closure's variable.
def outer():
    count = 0

    def inner(a, b=2, *rest, c=3):
        nonlocal count
        count += 1
        return count & 1

    return inner


inner = outer()


def calls():
    inner(1)
    inner(1, b=3)
    inner(1, 2, c=4)


print("calls:", taken(calls))

# A threshold: a collection comes by itself when so much has been allocated since the last.
gc.enable()
gc.collect()
gc.threshold(8192)
least = gc.mem_alloc()
most = 0
for i in range(2000):
    bytearray(100)
    most = max(most, gc.mem_alloc())
gc.threshold(-1)
print("threshold:", most - least < 3 * 8192, gc.threshold())

# What the reporting program of the chapter shows.
def report():
    gc.collect()
    before = gc.mem_alloc()

    def func():
        a = bytearray(10000)

    defined = gc.mem_alloc() - before
    func()
    run = gc.mem_alloc() - before
    gc.collect()
    after = gc.mem_alloc() - before
    print("function:", defined <= 64, "its run:", run >= 10000, "collected:", after < 300)


report()
