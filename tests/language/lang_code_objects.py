# What code objects of all shapes must survive: found by fuzzing and by looking for more of the kind.

# More variables than a byte can name are not where a callee's are.
source = "def many():\n" + "".join("    v%d = %d\n" % (i, i) for i in range(270))
source += "    callback = lambda *a: inner(*a)\n    r = inner(1), inner(v3), inner(inner(v269)), callback(v2)\n"
source += "    return r, sum((" + ", ".join("v%d" % i for i in range(270)) + "))\n"
source += "def inner(n):\n" + "".join("    w%d = -1\n" % i for i in range(150)) + "    return n\n"
source += "def called(a, b=2):\n" + "".join("    u%d = a\n" % i for i in range(270))
source += "    return inner(u269), b, sorted([u1, -a], key=inner), [inner(x) for x in (u0, b)]\n"
exec(source)
print(many(), sum(range(270)))
print(called(5), list(map(called, [6])), called(called(7)[0], b=8))


# Code that needs the variables of a function around it is run by that function only.
def outer():
    x = 1

    def needs():
        return x

    return needs


class A:
    def method(self):
        return __class__


for code in outer().__code__, A.method.__code__:
    for run in exec, eval:
        try:
            run(code)
        except TypeError as e:
            print("TypeError", e)

# The function behind the class statement, by hand.
try:
    from builtins import __build_class__
except ImportError:

    def __build_class__(*args):
        raise TypeError


for args in (), (1,), (1, 2), (1, "X"):
    try:
        __build_class__(*args)
    except TypeError:
        print("TypeError", len(args))
