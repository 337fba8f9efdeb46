def compare(a, b):
    if a < b and not a == 3 or a is None:
        return 1
    elif 0 <= a < 10:
        return 2
    elif a in [1, 2, 3]:
        return 3
    while a != b:
        a = a + 1
        if a > 100:
            break
    else:
        return 4

def constant(x):
    if 0:
        x = 1
    while True:
        if x():
            continue
        return x
    return "never"
