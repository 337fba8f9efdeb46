# marshal: code objects as bytes and back.
try:
    import marshal
except ImportError:
    print("no marshal")
    raise SystemExit

function = type(lambda: 0)


def sample(a, b=2, *args, c=3, **kw):
    "The docstring."

    def inner():
        return a, b, args, c, sorted(kw.items())

    return inner() + (1.5, 10**30, b"bytes", ..., (1, (2, "x")))


data = marshal.dumps(sample.__code__)
print(type(data))
again = marshal.loads(data)
print(again.co_name, again.co_argcount, again.co_consts[0], again.co_code == sample.__code__.co_code)
print(function(again, {"sorted": sorted})(1, 5, 6, c=7, d=8))
print(function(marshal.loads(bytearray(data)), globals())(1, 2, 3, c=4))

# A module's code stores into its globals, run either way.
module = marshal.loads(marshal.dumps(compile("x = y + 1\nclass A:\n    z = x\n", "m", "exec")))
for run in exec, lambda code, d: function(code, d)():
    space = {"y": 41}
    run(module, space)
    print(space["x"], space["A"].z)

# Only code, and only what dumps made.
for value in 1, "text", [1], sample, type:
    try:
        marshal.dumps(value)
    except ValueError as e:
        print("ValueError", e)
for bad in b"", b"M\x06\x00", data[:-1], data[:20], b"\xff" * 40:
    try:
        marshal.loads(bad)
        print("loaded")
    except ValueError as e:
        print("ValueError")
try:
    marshal.loads(3)
except TypeError:
    print("TypeError")
# Each byte changed: what is loaded all the same has passed the verifier.
errors = 0
for i in range(len(data)):
    changed = bytearray(data)
    changed[i] ^= 0x55
    try:
        marshal.loads(changed)
    except (ValueError, MemoryError):
        errors += 1
print(errors > len(data) // 4)
