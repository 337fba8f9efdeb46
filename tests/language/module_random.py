# random: ranges, repetition, all that can come does come.
import random


def raises(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__)


random.seed(7)
first = [random.getrandbits(32) for _ in range(4)]
random.seed(7)
print(first == [random.getrandbits(32) for _ in range(4)], len(set(first)))
random.seed(8)
print(first == [random.getrandbits(32) for _ in range(4)])
random.seed()
one = random.getrandbits(64)
random.seed(None)
print(one == random.getrandbits(64))

random.seed(1)
for n in (1, 2, 7, 31, 32, 33, 64, 65, 200):
    values = [random.getrandbits(n) for _ in range(60)]
    assert all(0 <= v < 1 << n for v in values), n
    assert any(v >> (n - 1) for v in values) and not all(v >> (n - 1) for v in values), n
print(random.getrandbits(0))
print(sorted(set(random.randrange(5) for _ in range(200))))
print(sorted(set(random.randrange(-3, 3, 2) for _ in range(200))))
print(sorted(set(random.randrange(3, -3, -2) for _ in range(200))))
print(sorted(set(random.randint(-1, 1) for _ in range(200))))
print(sorted(set(random.choice("abc") for _ in range(200))), random.choice((4,)), random.choice(range(5, 6)))
assert all(2**61 <= random.randrange(2**61, 2**62) < 2**62 for _ in range(50))
print(random.randint(-(2**63), 2**63 - 1) < 2**63)
values = [random.random() for _ in range(500)]
print(all(0 <= v < 1 for v in values), 0.4 < sum(values) / 500 < 0.6, len(set(values)))
values = [random.uniform(-2, 6) for _ in range(500)]
print(all(-2 <= v <= 6 for v in values), 1.4 < sum(values) / 500 < 2.6, all(1 <= random.uniform(2, 1) <= 2 for _ in range(50)))

raises(random.getrandbits, -1)
raises(random.getrandbits, 1.5)
raises(random.randrange, 0)
raises(random.randrange, 5, 5)
raises(random.randrange, 1, 5, 0)
raises(random.randrange, 1, 5, -1)
raises(random.randint, 2, 1)
raises(random.choice, [])
raises(random.choice, 5)
raises(random.seed, "a")
raises(random.uniform, "a", 1)
