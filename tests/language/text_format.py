# floats: double
# Replacement fields, the mini-language, and %.
print("{} {}".format(1, "a"), "{1}{0}{1}".format("x", "y"), "{a}-{b}".format(b=2, a=1), "{{}}".format())
print("{0[1]} {0[k]}".format({1: "one", "k": "two"}), "{0.real} {x.__class__.__name__}".format(5, x=""))
print("{!r:>6}|{!s}|{!a}".format("é", "é", "é"), "{:{}}|{:>{w}}".format("a", 3, "b", w=4))
print("{n} {d[x]}".format_map({"n": 1, "d": {"x": [2]}}))
for spec in ("", "s", "5", "<5", ">5", "^5", "*^6", ".2", "é>4.1", "05"):
    print(repr(spec), "[" + format("aé", spec) + "]", end=" ")
print()
for spec in ("", "d", "5", "<5", "+", " ", "05", "x", "#x", "#X", "o", "#b", ",", "_", "012,", "=+6", "c", "e", ".1f", "%"):
    print(repr(spec), "[" + format(97, spec) + "]", "[" + format(True, spec) + "]", end=" ")
print()
for spec in ("", ".3", "e", ".1f", "10.2f", "<8.1f", "+g", "G", ".0%", ",.2f", "08.3f", "z.0f"):
    print(repr(spec), "[" + format(-1234.5678, spec) + "]", "[" + format(0.0, spec) + "]", end=" ")
print()
print(f"{1 + 1} {'x'!r:>5} {3.14159:.{2}f} {{}} {(lambda: 7)()}")


class Money:
    def __init__(self, n):
        self.n = n

    def __format__(self, spec):
        return spec.upper() + str(self.n)


print("{:eur}".format(Money(5)), f"{Money(6):usd}", format(Money(7)), f"{Money(8)}")

print("%s %r %d %5.1f %x %o %c %c %%" % ("s", "r", 7, 2.25, 255, 8, 65, "é"))
print("%(a)s %(b)03d" % {"a": 1, "b": 2}, "%*d|%-*d|" % (4, 1, 4, 2), "%.*f" % (2, 1.005))
print("[%5s] [%-5s] [%.2s] [%+d] [% d] [%#x] [%05d] [%.3d]" % ("é", "é", "日本語", 1, 1, 255, -42, 7))
print("%i %u %d" % (True, 2.9, 1 << 70))
print(b"%s %d %c %b" % (b"\xff", 5, 66, bytearray(b"z")), bytearray(b"%x") % 10, b"%r" % "é")


class Number:
    def __int__(self):
        return 12

    def __float__(self):
        return 1.5

    def __index__(self):
        return 11


print("%d %x %f" % (Number(), Number(), Number()))


def fails(f):
    try:
        print("no error:", f())
    except Exception as e:
        print(type(e).__name__, e)


fails(lambda: "{}".format())
fails(lambda: "{a}".format())
fails(lambda: "{".format())
fails(lambda: "}".format())
fails(lambda: "{0}{}".format(1))
fails(lambda: "{}{0}".format(1))
fails(lambda: "{!x}".format(1))
fails(lambda: "{:d}".format("a"))
fails(lambda: "{:5}".format(None))
fails(lambda: "%d" % "a")
fails(lambda: "%d" % ())
fails(lambda: "%s" % (1, 2))
fails(lambda: "%(a)s" % 1)
fails(lambda: "%(a)s" % {})
fails(lambda: "%y" % 1)
fails(lambda: "%" % 1)
fails(lambda: "%c" % "ab")
fails(lambda: "%c" % 0x110000)
print("{:*^5c}|{:3c}|{:é>4}|{:é^6.2}|".format(0x1F40D, 65, "x", "abc"), "%3c|%-3c|" % (66, "é"))
