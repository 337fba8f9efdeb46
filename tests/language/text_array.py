# floats: double
# array.array, memoryview and struct.
import struct
from array import array

for code in "bBhHiIqQfd":
    a = array(code, [1, 2, 3])
    a.append(100)
    a[0] = 5
    print(a, a.itemsize, len(a), a[1:3], a[::-2], a.index(3), a.count(2), a == array(code, [5, 2, 3, 100]))
print(array("b", [1]) == array("i", [1]), array("h", [1, 2]) < array("d", [1.5]), array("i") == array("f"))
print(array("H", b"\x01\x02").tobytes(), array("B", bytearray(b"ab")), array("d", (1, 2.5)), bool(array("b")))
a = array("i", range(5))
a += array("i", [9])
a.extend(i * i for i in range(2))
a[1:3] = array("i", [7, 7, 7])
del a[0], a[::3]
print(a, a * 2, a.pop(), a.tolist(), a.typecode)
a.insert(1, -1)
a.reverse()
a.remove(7)
a.frombytes(b"\xff\xff\xff\xff")
print(a, 9 in a, 8 in a)
o = array("O", ["x", None])  # MicroPython only
o.append([1])
print(o[0], o[1], o[2], len(o), list(o))

data = bytearray(b"0123456789")
m = memoryview(data)
print(m[3], m[-1], len(m), m[2:5].tobytes(), list(m[8:]), m == data, m[1:3] == b"12", m.readonly, m.format)
m[0] = 65
m[1:3] = b"BC"
m[3:] = m[:-3]
print(data)
n = m[2:8][1:3]
n[0] = 33
print(data, n.obj is data, n.nbytes, n.hex())
print(memoryview(array("h", [1, -1]))[1], memoryview(array("i", [1, 2])).cast("B")[4], memoryview(b"ab").tolist())
words = memoryview(array("H", [1, 2, 3]))
words[0] = 65535
words[1:] = array("H", [8, 9])
print(words.tolist(), words.itemsize, bytes(words[2:]))
view = memoryview(data)[4:8]
del data[6:]
print(bytes(view), len(view))
del data[:]
print(bytes(view), len(view))


def fails(f):
    try:
        print("no error:", f())
    except Exception as e:
        print(type(e).__name__, e)


def store(target, index, value):
    target[index] = value


fails(lambda: array("x"))
fails(lambda: array("h", b"123"))
fails(lambda: array("b", [1])[1])
fails(lambda: store(memoryview(b"ab"), 0, 1))
fails(lambda: store(memoryview(bytearray(2)), slice(0, 1), b"ab"))
fails(lambda: store(array("b", [1]), slice(0, 1), [1]))
fails(lambda: memoryview(b"a")[1])
fails(lambda: memoryview(5))
fails(lambda: memoryview(array("O")))

for fmt, values in (
    ("<bBhHiIqQ", (-1, 255, -2, 65535, -3, 4294967295, -4, 18446744073709551615)),
    (">hHiq", (1, 2, 3, 4)),
    ("!2s3x4sc?", (b"abc", b"x", b"y", 1)),
    ("<efd", (1.5, -0.25, 1e300)),
    ("<3B2h0i", (1, 2, 3, 4, 5)),
    ("=bi", (1, 2)),
    ("@bhi", (1, 2, 3)),
    ("< b\th", (1, 2)),
):
    packed = struct.pack(fmt, *values)
    print(fmt, struct.calcsize(fmt), packed, struct.unpack(fmt, packed))
buf = bytearray(8)
struct.pack_into("<H", buf, 2, 0x1234)
struct.pack_into("<H", buf, -2, 0xABCD)
print(buf, struct.unpack_from("<H", buf, 2), struct.unpack_from("<H", buf, offset=-2), list(struct.iter_unpack("<I", buf)))
print(struct.pack("B", 300), struct.pack("b", -129), struct.pack("<I", -1), struct.pack("<q", 1 << 64))
fails(lambda: struct.pack("<H"))
fails(lambda: struct.unpack("<I", b"123"))
fails(lambda: struct.calcsize("y"))
fails(lambda: struct.calcsize("5"))
fails(lambda: struct.pack_into("I", bytearray(3), 0, 1))
fails(lambda: struct.pack_into("B", b"abc", 0, 1))
fails(lambda: struct.pack("999999999999999999999999i"))
