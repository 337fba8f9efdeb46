# What the heap costs, in time: a line `NAME NUMBER` for each figure, in nanoseconds. With one virtual nanosecond an
# instruction these are instructions.
import gc
import time


def collection():
    collect = gc.collect
    collect()
    start = time.ticks_us()
    for _ in range(10):
        collect()
    return time.ticks_diff(time.ticks_us(), start) * 100


# Each statement is compiled when its turn comes: nothing else is in the heap yet.
print("collection_of_an_empty_heap", collection())


def chain(n):
    head = None
    for i in range(n):
        head = (head, i)
    return head


def pairs(n):
    kept = [None] * n
    for i in range(n):
        kept[i] = [i, i]
    return kept


def floats(n):
    kept = [None] * n
    for i in range(n):
        kept[i] = i + 0.5
    return kept


# Objects of a chain and of a row of floats have a block each, those of a row of pairs two objects of a block.
def per_object(name, make, few, many, objects):
    kept = make(few)
    first = collection()
    kept = None
    kept = make(many)
    second = collection()
    kept = None
    print(name, (second - first) // ((many - few) * objects))


def nothing(n):
    start = time.ticks_us()
    for i in range(n):
        t = i
    return time.ticks_diff(time.ticks_us(), start)


def tuples(n):
    start = time.ticks_us()
    for i in range(n):
        t = (i, i, i)
    return time.ticks_diff(time.ticks_us(), start)


# Nearly two thirds of the heap become objects of one block, every other one of which goes: all holes have one block.
def holed(blocks):
    kept = [None] * blocks
    for i in range(blocks):
        kept[i] = i + 0.5
    for i in range(0, blocks, 2):
        kept[i] = None
    gc.collect()
    gc.disable()
    print("two_blocks_in_holes", (tuples(500) - nothing(500)) * 1000 // 500)
    gc.enable()
    n = 5000
    print("two_blocks_with_collections", (tuples(n) - nothing(n)) * 1000 // n)


per_object("chain", chain, 1000, 5000, 1)
per_object("pairs", pairs, 500, 1500, 2)
per_object("floats", floats, 1000, 4000, 1)
gc.collect()
holed((gc.mem_free() - 4096) // 32)
