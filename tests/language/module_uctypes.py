# Structures in memory: what keeps what alive, what is out of reach, layouts.
import gc
import uctypes as u


def attempt(f, *args):
    try:
        print(f(*args))
    except (ValueError, TypeError, KeyError, IndexError, BufferError) as e:
        print(type(e).__name__, e)


FIELDS = {
    "a": 0 | u.UINT8,
    "s": 1 | u.INT16,
    "l": 4 | u.UINT32,
    "q": 8 | u.INT64,
    "f": 4 | u.FLOAT32,
    "bits": 0 | u.BFUINT16 | 3 << u.BF_POS | 5 << u.BF_LEN,
    "arr": (0 | u.ARRAY, 4 | u.UINT8),
    "words": (0 | u.ARRAY, 4 | u.UINT16),
    "sub": (4, {"x": 0 | u.UINT8, "y": (1 | u.ARRAY, 2, {"z": 0 | u.INT8})}),
    "far": 15 | u.UINT32,
}
data = bytearray(range(16))
for layout in (u.LITTLE_ENDIAN, u.BIG_ENDIAN, u.NATIVE):
    s = u.struct(u.addressof(data), FIELDS, layout)
    print(s.a, s.s, s.l, s.q, s.bits, s.arr, s.words[3], s.sub.x, s.sub.y[1].z, u.sizeof(s), u.sizeof(s.sub))
    s.bits = 31
    s.s = -2
    s.sub.y[1].z = -1
    s.f = 1.5
    print(bytes(data), s.f, len(bytes(s.words)), u.addressof(s.words) == u.addressof(data))
    data[:] = bytes(range(16))

s = u.struct(u.addressof(data), FIELDS)
attempt(lambda: s.far)
attempt(lambda: s.nothing)
attempt(setattr, s, "sub", 1)
attempt(setattr, s, "a", "x")
attempt(lambda: s.words[4])
attempt(lambda: s.words[-1])
attempt(lambda: s.sub[0])
attempt(lambda: s.words.x)
attempt(int, s)

# An array of bytes is the memory itself; its owner keeps its size then.
arr = s.arr
arr[1] = 77
print(data[1], arr, type(arr))
data[2] = 78
print(arr[2], arr == b"\0MN\x03")
attempt(data.append, 1)
attempt(arr.append, 1)
arr2 = u.bytearray_at(u.addressof(data) + 3, 2)
arr2[:] = b"ab"
print(data[2:6], memoryview(arr2)[1], bytes(arr2) + arr2, arr2.find(b"b"))

# A structure keeps the memory alive; a bytearray that moves takes its structures along.
s = u.struct(u.addressof(bytearray(b"abcdefgh")), FIELDS)
gc.collect()
junk = [bytearray(8) for i in range(200)]
print(s.arr)
grows = bytearray(b"12345678")
s = u.struct(u.addressof(grows), FIELDS)
grows.extend(bytes(1000))
s.a = 65
print(grows[:3], s.a)
while grows:
    grows.pop()
attempt(lambda: s.a)

# What can only be read stays as it is.
text = b"0123456789abcdef"
s = u.struct(u.addressof(text), FIELDS)
attempt(setattr, s, "a", 1)
copy = s.arr
copy[0] = 1
print(text, copy, u.bytes_at(u.addressof(text), 4))

# Pointers are followed to bytes-like objects only.
target = bytearray(b"xyz!")
size = u.sizeof({"p": (0 | u.PTR, u.UINT8)})
import sys

holder = bytearray(u.addressof(target).to_bytes(size, sys.byteorder))
p = u.struct(u.addressof(holder), {"p": (0 | u.PTR, u.UINT8), "s": (0 | u.PTR, {"b": 1 | u.UINT8})})
print(p.p[0], p.p[3], p.s[0].b, p.s[1].b, int(p.p) == u.addressof(target))
p.p[1] = 65
p.s[1].b = 66
print(target)
attempt(lambda: p.p[4])
attempt(lambda: p.p[-1])

# Addresses that are nobody's.
for address in (0, 1, 4096, 0x20000000, id(data), id(FIELDS), -1 & 0xFFFFFFF0):
    try:
        u.bytes_at(address, 1)
        print("read", address)
    except ValueError:
        pass
    try:
        u.struct(address, {"a": 0 | u.UINT8}).a = 1
        print("written", address)
    except ValueError:
        pass
attempt(u.bytes_at, u.addressof(data), 17)
attempt(u.bytearray_at, u.addressof(data), -1)
attempt(u.bytearray_at, u.addressof(data), 1000)
print(u.struct(0, {}), u.struct(16, (0 | u.PTR, u.UINT8)), u.struct(0, [1]))

# Sizes.
for descriptor in (
    {"a": 0 | u.UINT8, "b": 4 | u.UINT32, "c": 8 | u.UINT8},
    {"a": 0 | u.UINT8, "b": 8 | u.FLOAT64, "c": 16 | u.BFINT8 | 4 << u.BF_LEN},
    {"a": (0 | u.ARRAY, 3, {"x": 0 | u.UINT16, "y": 2 | u.UINT8})},
    (0 | u.ARRAY, 3 | u.UINT16),
):
    print(u.sizeof(descriptor, u.LITTLE_ENDIAN), u.sizeof(descriptor))
loop = {}
loop["x"] = (0, loop)
for wrong in (loop, [], (), (1,), {"a": "x"}, {"a": (0, 5)}, (0 | u.ARRAY, -1, {}), 5, "x"):
    try:
        u.sizeof(wrong)
    except TypeError as e:
        print(e)
