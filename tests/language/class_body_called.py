# A class body is a function that only __build_class__ should call; calling it by hand harms nobody.
import builtins

original = builtins.__build_class__
seen = []


def build(body, name, *bases):
    print(name, body())
    seen.append(body)
    return original(body, name, *bases)


builtins.__build_class__ = build


class A:
    x = 1

    def f(self):
        return self.x


builtins.__build_class__ = original
print(A().f(), seen[0]())
print(issubclass(ExceptionGroup, BaseExceptionGroup), issubclass(ExceptionGroup, Exception))
try:
    raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
except* ValueError as e:
    print("values", len(e.exceptions))
except* TypeError as e:
    print("types", len(e.exceptions))
try:
    raise BaseExceptionGroup("g", [ValueError(1)])
except BaseExceptionGroup as e:
    print(type(e).__name__)
