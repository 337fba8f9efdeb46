def lists(a, b):
    return [x * y for x in a if x for y in b]

def dictionaries(a):
    return {k: v for k, v in a}, {x for x in a}

def captured(n):
    return [lambda: i + n for i in range(n)]

def lazily(a, n):
    return sum(x + n for x in a)
