# Dunder methods where instances are not the receivers: metaclasses and exceptions; reflection; descriptors.


class Meta(type):
    def __len__(cls):
        return 3

    def __getitem__(cls, i):
        return (cls.__name__, i)

    def __contains__(cls, x):
        return x == 1

    def __iter__(cls):
        return iter("ab")

    def __add__(cls, other):
        return "add"

    def __lt__(cls, other):
        return "less"

    def __bool__(cls):
        return False


class Thing(metaclass=Meta):
    pass


print(len(Thing), Thing[5], 1 in Thing, 2 in Thing, list(Thing), Thing + 1, Thing < 2, bool(Thing))


class Failure(Exception):
    def __len__(self):
        return len(self.args)

    def __bool__(self):
        return False

    def __eq__(self, other):
        return "equal"

    def __hash__(self):
        return 7

    def __getitem__(self, i):
        return self.args[i]


f = Failure(1, 2)
print(len(f), bool(f), f == 1, hash(f), f[1], list(f))


class Power:
    def __pow__(self, other, modulus=None):
        return (other, modulus)

    def __call__(self, *args, **kwargs):
        return args, kwargs


print(Power() ** 2, pow(Power(), 2), pow(Power(), 2, 5), Power()(1, a=2))

try:
    try:
        1 // 0
    except ZeroDivisionError as e:
        raise KeyError from e
except KeyError as e:
    print(type(e.__cause__).__name__, type(e.__context__).__name__, e.__suppress_context__)

space = {}
exec("class Inner: pass", space)
print("Inner" in space)
