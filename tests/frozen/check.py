# What frozen modules do and cost: runs in an image that has tests/frozen/manifest.py frozen.
import gc
import io
import sys


def traceback(e):
    out = io.StringIO()
    sys.print_exception(e, out)
    # Without the line of this program, whose name differs.
    print(*out.getvalue().splitlines()[2:])


if ".frozen" not in sys.path:
    sys.path.append(".frozen")

import frozen_constants as f

print(f.__name__, f.__file__, f.__doc__)
for name in "SMALL WIDE BIG FLOATS TEXTS BYTES MIXED".split():
    print(name, getattr(f, name))
print(f.WIDE[0] == 2**30, f.WIDE[3] == 2**62, f.WIDE[4] == -(2**62), f.WIDE[5] == 2**63)
print(f.TEXTS[2] is sys.intern("append"), f.TEXTS[3] is sys.intern("not a name of the interpreter"))
print({f.TEXTS[4]: 1}[eval(repr(f.TEXTS[4]))], hash(f.BYTES[1]) == hash(bytes(f.BYTES[1])))
step = f.closure(start=5)
print(step(), step(2, 3, named=4, other=5), f.Thing(1), list(f.generator(3)), f.Thing.__name__)
for _ in range(3):
    # The hints of the code are written by now, and are right.
    print(f.Thing(f.BIG), f.Thing.__init__.__name__)

try:
    f.fails()
except ValueError as e:
    traceback(e)

import frozen_package

print(frozen_package.__path__, frozen_package.__file__, frozen_package.answer)
import frozen_text

print(frozen_text.value, frozen_text.__file__)

try:
    import boot_like

    boot_like.lineless()
except KeyError as e:
    traceback(e)

import frozen_names

print(frozen_names.ash_bark, frozen_names.yew_wood, len(dir(frozen_names)) > 256)

try:
    import frozen_missing
except ImportError as e:
    print(e)

# Constants of frozen code are in ROM: to use them takes no heap.
for _ in range(3):
    gc.collect()
    before = gc.mem_alloc()
    a = f.table()
    b = f.shared()
    taken = gc.mem_alloc() - before
print(taken, a[1])


# The same from source takes the constants, the code and its names.
def heap_of(make):
    gc.collect()
    before = gc.mem_alloc()
    kept = make()
    gc.collect()
    after = gc.mem_alloc()
    return after - before


def import_frozen():
    del sys.modules["frozen_constants"]
    return __import__("frozen_constants")


ENTRY = "def table_%d():\n    return (0.5, 'text for the table %d', b'some bytes', (1, 2, 3, 10**20))\n"


def compile_source():
    space = {}
    exec("".join(ENTRY % (i, i) for i in range(20)), space)
    return space


frozen, source = heap_of(import_frozen), heap_of(compile_source)
print("frozen takes less than a quarter:", frozen * 4 < source or (frozen, source))
