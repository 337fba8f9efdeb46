# What objects cost in heap, by gc.mem_alloc(): a line `NAME BYTES` each, the average over many.
# Run by `cargo xtask bench memory` on both sides.
import gc

N = 200


def measure(name, make):
    kept = [None] * N
    make(0)
    gc.collect()
    before = gc.mem_alloc()
    for i in range(N):
        kept[i] = make(i)
    gc.collect()
    used = gc.mem_alloc() - before
    print(name, (used + N // 2) // N)


class Point:
    def __init__(self, x):
        self.x = x
        self.y = 2
        self.z = 3

    def method(self):
        return self


def make_closure(x):
    def closure():
        return x

    return closure


def make_generator(a):
    b = a
    yield b
    yield a


def started(a):
    generator = make_generator(a)
    next(generator)
    return generator


def made_by(source, name):
    namespace = {}
    exec(source, namespace)
    return namespace[name]


point = Point(1)
measure("instance_3_attributes", Point)
measure("list_10", lambda i: [i, 1, 2, 3, 4, 5, 6, 7, 8, 9])
measure("dict_5", lambda i: {"a": i, "b": 1, "c": 2, "d": 3, "e": 4})
measure("closure", make_closure)
measure("bound_method", lambda i: point.method)
measure("float", lambda i: i * 1.5 + 0.25)
measure("string_8", lambda i: "%08d" % (12345670 + i))
measure("generator_2_locals", started)
measure("empty_function", lambda i: made_by("def f():\n    pass\n", "f"))
measure("empty_class", lambda i: made_by("class C:\n    pass\n", "C"))
measure("tuple_3", lambda i: (i, 1, 2))
measure("bytes_8", lambda i: bytes(8))
measure("bytearray_8", lambda i: bytearray(8))
measure("int_64_bit", lambda i: (1 << 62) + i)
measure("set_3", lambda i: {i, -1, -2})
measure("exception", lambda i: ValueError(i))
