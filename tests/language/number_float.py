# floats: double
# Floats and complex numbers: text, arithmetic, comparison with integers, rounding.
inf = float("inf")
nan = float("nan")

for text in (
    "0", "-0.0", "1", "0.1", "1e16", "1e15", "123456789012345680.0", "1e-4", "1e-5", "5e-324",
    "2.2250738585072014e-308", "1.7976931348623157e308", "1e309", "-1e400", "9007199254740993",
    "0.30000000000000004", "1_000.5", "  2.5 ", "INF", "-Infinity", "nan", "1e0_1", "4.35", "100000000000000000000000",
):
    print(text, "=", float(text))
for f in (0.1 + 0.2, 1 / 3, 2 / 3, 1e100 / 3, 100.0, -1.5e-10, 2.0**0.5, 1e22, 1e23):
    assert float(repr(f)) == f
    print(f)

print(7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, divmod(-1.5, 0.4), 0.0 // -1, 1 // inf, -1 % inf)
print(2 + 0.5, 2 - 0.5, 0.5 - 2, 2 * 0.5, 2 / 4, 2**70 + 0.5, 0.5 * 2**70, True + 0.5)
print(2**-2, 2.0**3, 0.0**0, inf**-1, (-2.0) ** 3, (-8) ** (1 / 3) != 0)
print(2**1030 / 2**1029, 10**400 / 10**399, 1 / 2**1074, 1e308 * 10, (2**53 + 1) / 1)
print(-0.0, 0.0 == -0.0, abs(-0.0), -(0.0), nan == nan, nan != nan, nan < 1, inf > 10**400, -inf < -(10**400))

# Integers and floats compare exactly and have equal hashes where they are equal.
print(2**53 + 1 == 2.0**53, 2**53 + 1 > 2.0**53, 2.0**53 < 2**53 + 1, 2**53 == 2.0**53, 2**100 == 2.0**100, 2**100 + 1 == 2.0**100)
for n in (0, 1, -1, 2**29, 2**30, -(2**30), 2**31, 2**61, 2**62, -(2**62), 2**63, 2**64, 2**100, -(2**1000)):
    assert hash(float(n)) == hash(n), n
    assert float(n) == n and n == float(n), n
    assert {n: 1}[float(n)] == 1
assert hash(0.5) == hash(0.5) and hash(complex(2, 0)) == hash(2) and hash(complex(0.5, 0)) == hash(0.5)

for n_digits in (-3, -1, 0, 1, 2, 5):
    print(n_digits, [round(f, n_digits) for f in (0.5, 1.5, 2.675, -1234.5678, 1e300, inf)])
print([round(f) for f in (0.5, 1.5, 2.5, -0.5, -1.5, 1e20, 2.675)], round(1.5, None))
print((1.0).is_integer(), (1.5).is_integer(), inf.is_integer(), (0.75).as_integer_ratio(), (-3.0).as_integer_ratio(), (0.1).as_integer_ratio())


class Real:
    def __float__(self):
        return 2.5


class Sub(float):
    def __add__(self, other):
        return "added"


print(float(Real()), Sub(1.5) * 2, Sub(1.5) + 1, float(Sub(0.25)), float(b"1.25"), float(), float(7))

print(1j, 1 + 2j, complex(1, -0.0), complex("1e3-2.5j"), complex(" (3j) "), complex(1.5), complex(1j, 2j), -(1 + 2j))
print((1 + 2j) * (3 - 1j), (1 + 2j) / (3 - 1j), (1 + 2j) - 1, 2**70 + 1j, 1j**2, 2 ** (1 + 0j), (3 + 4j).conjugate(), abs(3 + 4j))
print((1 + 2j).real, (1 + 2j).imag, 1j == 1, 1 + 0j == 1, 1.0 == 1 + 0j, 1j != 1j, bool(0j), bool(1j))
z = (-8) ** 0.5
print(type(z) is complex, abs(z * z + 8) < 1e-12)

for expression in (
    "1.0 / 0",
    "1 // 0.0",
    "0.0 ** -1",
    "1j / 0",
    "0j ** -1",
    "1j // 1",
    "1j < 2",
    "1.5 << 1",
    "-'a'",
    "~1j",
    "float('')",
    "float('1_')",
    "float('1__0')",
    "float('_1')",
    "float('0x1')",
    "float('1e')",
    "float([])",
    "complex('1+')",
    "complex('a')",
    "complex('1', 2)",
    "inf.as_integer_ratio()",
    "round(inf)",
    "round('a')",
):
    try:
        print(expression, "=", eval(expression))
    except Exception as e:
        print(expression, type(e).__name__, e)
