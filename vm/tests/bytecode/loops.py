def count(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        total += i
    else:
        total = -total
    return total

def pairs(d):
    for key, (first, *rest) in d.items():
        print(key, first, rest)

def unbound(c):
    if c:
        x = 1
    del c
    return x

for name in "a", "b":
    print(name)
