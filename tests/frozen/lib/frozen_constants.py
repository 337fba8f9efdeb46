"""Every kind of constant that a frozen module has."""

SMALL = (0, -1, 0x3FFFFFFF, -0x40000000)
WIDE = (0x40000000, -0x40000001, 0x7FFFFFFF, 1 << 62, -(1 << 62), 1 << 63)
BIG = 123456789012345678901234567890
FLOATS = (1.5, -0.0, 1e999, 2.5j, 0.1)
TEXTS = ("", "x", "append", "not a name of the interpreter", "ünïcode \n \"'\\ \0")
BYTES = (b"", b"\x00\xff'\"\\")
MIXED = (None, True, False, ..., (), ((1, "two"), 3.0))


def table():
    return (0.5, "first entry of the table", b"bytes", (1, 2, 3, 10**20))


def shared():
    return table


def closure(start=0):
    count = start

    def step(by=1, *more, named="a default", **rest):
        nonlocal count
        count += by
        return count, more, named, rest

    return step


class Thing:
    """A class."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<Thing {self.name!r}>"


def generator(n):
    for i in range(n):
        try:
            yield i
        finally:
            pass


def fails():
    raise ValueError("frozen")
