def arithmetic(a, b):
    return (a + 1) * (b - a) // -b + 200

def items(d, i):
    d["key"] = d[0] + d[i] + d["other"]
    del d[i], d["gone"]
    return d[1:i]

def in_place(a, o):
    a += 1
    a -= o.x
    o.x *= 2
    o.y["k"] |= a
    return a

def conditional(a, b):
    c = a if b else None
    return a and b or not c

def walrus(a):
    return a + (a := 3), a

def strings(name, width):
    return f"{name!r:>{width}} is {width + 1}"

def displays(a, b):
    return [a, b], (a, 1), {a: b}, {a}, [*a, b], (1, 2), {**a, "x": 1}
