# floats: double
# Integers of any size: the laws of arithmetic over numbers at every edge, then results by themselves.
edges = [0, 1, -1, 2, -2, 3, 7, -7, 10, 97]
for bits in (14, 29, 30, 31, 32, 61, 62, 63, 64, 65, 96, 127, 128, 200):
    for offset in (-1, 0, 1):
        edges.append((1 << bits) + offset)
        edges.append(-(1 << bits) + offset)

bad = 0


def law(holds, what, *operands):
    global bad
    if not holds:
        bad += 1
        if bad < 10:
            print("law broken:", what, operands)


for a in edges:
    law(~a == -a - 1, "~a", a)
    law(-(-a) == a and +a == a, "--a", a)
    law(abs(a) == (a if a >= 0 else -a), "abs", a)
    law(int(str(a)) == a, "str", a)
    law(int(hex(a), 16) == a and int(oct(a), 0) == a and int(bin(a), 2) == a, "bases", a)
    law(bool(a) == (a != 0), "bool", a)
    law(int.from_bytes(a.to_bytes(26, "big", signed=True), "big", signed=True) == a, "big bytes", a)
    law(int.from_bytes(a.to_bytes(26, "little", signed=True), "little", signed=True) == a, "little bytes", a)
    law(a.bit_length() == len(bin(abs(a))) - 2 if a else a.bit_length() == 0, "bit_length", a)
    for n in (0, 1, 29, 30, 31, 32, 33, 63, 64, 65, 130):
        law((a << n) >> n == a, "shifts", a, n)
        law(a << n == a * 2**n, "<<", a, n)
        law(a >> n == a // 2**n, ">>", a, n)
    for b in edges:
        law(a + b - b == a and a - b == -(b - a), "+ -", a, b)
        law((a + b) * (a - b) == a * a - b * b, "*", a, b)
        law((a | b) + (a & b) == a + b, "| &", a, b)
        law(a ^ b == (a | b) - (a & b), "^", a, b)
        law((a < b) + (a == b) + (a > b) == 1, "order", a, b)
        law((a <= b) == (not a > b) and (a != b) == (not a == b), "order", a, b)
        law(a != b or hash(a) == hash(b), "hash", a, b)
        if b:
            q, r = divmod(a, b)
            law(q == a // b and r == a % b, "divmod", a, b)
            law(q * b + r == a, "q * b + r", a, b)
            law((0 <= r < b) if b > 0 else (b < r <= 0), "sign of the remainder", a, b)
print("broken:", bad)

print(2**100, -(2**100), (-3) ** 61, 0**0, (-1) ** (2**70), 1 ** (2**70))
print(12345678901234567890 * 98765432109876543210)
print(-(2**100) // 7, -(2**100) % 7, 2**100 // -7, 2**100 % -7)
print(10**40 // 10**20, 10**40 % (10**20 + 1), divmod(-(10**30), 10**15 + 1))
print((1 << 100) & -(1 << 90), (1 << 100) | -1, (1 << 100) ^ -(1 << 100))
print(-1 >> 1000, (-1 << 100) >> 99, 5 >> 200, 0 << 10)
print(pow(3, 100, 7), pow(3, 10**20, 10**9 + 7), pow(-5, 3, 7), pow(5, 3, -7), pow(2**70, 2**70, 2**65 + 1), pow(7, 0, 1))
print(True + True, True & False, True | 2, ~True, -True, True == 1, isinstance(True & True, bool))
print(round(12345, -2), round(15, -1), round(25, -1), round(-25, -1), round(2**70, -5), round(5, -20), round(7, 3))

x = 1
for i in range(1, 60):
    x *= i
for i in range(1, 60):
    x //= i
print(x)

print(int("  -12_345 "), int("0x1F", 16), int("0b101", 0), int("zz", 36), int(b"42"), int("0o17", 8))
print(int(1.9), int(-1.9), int(1e20), int(-1e300) == -int(1e300), int(True), int())


class Whole:
    def __init__(self, n):
        self.n = n

    def __int__(self):
        return self.n

    def __index__(self):
        return self.n


class Sub(int):
    pass


print(int(Whole(2**70)), [10, 11, 12][Whole(1)], hex(Whole(255)), Sub(5) + 2**65, type(int(Sub(5))) is int)

for expression in (
    "1 // 0",
    "2**70 % 0",
    "1 / 0",
    "divmod(1, 0)",
    "1 << -1",
    "2**70 >> -1",
    "pow(2, 3, 0)",
    "int('')",
    "int('12', 1)",
    "int('9', 8)",
    "int('1__2')",
    "int('- 1')",
    "int(float('inf'))",
    "int(float('nan'))",
    "int(None)",
    "int('1', 2, 3)",
    "(-1).to_bytes(2, 'big')",
    "(256).to_bytes(1, 'big')",
    "(2**64).to_bytes(8, 'little')",
    "(-129).to_bytes(1, 'little', signed=True)",
    "1 + 'a'",
    "2**70 @ 1",
    "2**70 < 'a'",
    "~1.5",
):
    try:
        print(expression, "=", eval(expression))
    except Exception as e:
        print(expression, type(e).__name__, e)

# More than there is memory for ends in an exception, and all is well afterwards.
for huge in (lambda: 1 << (1 << 34), lambda: 3 ** (1 << 40), lambda: (1 << 70) ** (1 << 70)):
    try:
        huge()
    except (MemoryError, OverflowError):
        print("too large")
print(2**64 + 1)
