# floats: single
# Floats of single precision: text, limits, arithmetic, and what of it meets integers and bytes.
import json
import math
import struct
from array import array

# The shortest text that is read back as the same number.
for text in (
    "0.1", "1e7", "123456789", "16777217", "1e15", "1e16", "3.4028235e38", "3.4028236e38", "1e39", "-1e39", "1e-45",
    "7e-46", "1.17549435e-38", "0.3", "8.5899346e9", "1.00000006", "1.0000001", "9.999999e27", "nan", "-inf",
):
    print(text, "=", float(text))
for f in (1 / 3, 2 / 3, math.pi, math.e, math.tau, 0.1 + 0.2, 2**0.5, 1e10 / 3, 1e-40):
    assert float(repr(f)) == f
    print(f)
print("%.10f" % 0.1, "{:.3e}".format(1 / 3), f"{2**24:,.1f}", round(2.675, 2), round(-1234.5678, 2), round(1e30, -29))

# Arithmetic rounds to 24 bits.
print(16777216.0 + 1, (2**24 + 1) / 1, 1 / 16777217, 2**127 * 1.0, 2.0**127 * 2, 1e38 * 10, -1e38 * 10, 10**38 / 10**-3)
print(7.5 // 2, -7.5 % 2, divmod(1e10, 3), math.fmod(1e10, 3), math.sqrt(2), abs(3e30 + 4e30j), (3e30 + 4e30j) / 5e30)
print(math.ldexp(1.0, 127), math.frexp(1e-40), math.modf(3.75), math.floor(1e10), math.ceil(-2.5), math.trunc(3.4e38))
try:
    print(math.exp(89))
except Exception as e:
    print(type(e).__name__, e)

# Integers compare exactly, and equal numbers have equal hashes.
print(16777217 == 16777216.0, 2**24 + 1 > 2.0**24, 16777216 == 16777216.0, 10**38 < 1e38, 10**39 < float("inf"))
for n in (0, 1, -1, 2**24, 2**29, 2**30, -(2**30), 2**31, 2**62, 2**100, -(2**127)):
    assert hash(float(n)) == hash(n) and float(n) == n and int(float(n)) == n, n
print(int(1e10), int(1e20), (0.1).as_integer_ratio(), (16777216.5).is_integer())
for expression in ("int(1e39)", "int(float('nan'))", "1.0 / 0", "0.0 ** -1"):
    try:
        print(expression, "=", eval(expression))
    except Exception as e:
        print(expression, type(e).__name__, e)

# Doubles in bytes are converted.
print(struct.pack("<d", 0.5), struct.unpack("<d", struct.pack("<d", 0.1)), struct.unpack("<d", b"\xff" * 7 + b"\x7f"))
print(struct.unpack("<d", b"\x9c\x75\x00\x88\x3c\xe4\x37\x7e"), struct.pack("<e", 65504.0), struct.pack("<f", 0.1))
print(array("d", [0.1, 1e30]), array("f", [0.1]), array("d", [0.5]) == array("f", [0.5]))
print(json.loads("[0.1, 1e300, 1e-300]"), json.dumps(0.1))
