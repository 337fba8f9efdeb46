# Template strings: what literals, the constructor and + make.
from string.templatelib import Interpolation, Template

name = "you"
t = t"a{name!r:>{4}}b" + t"c{1 + 1}"
print(t.strings, t.values)
print([(i.expression, i.conversion, i.format_spec) for i in t.interpolations])
print(list(Template("x", "y", Interpolation(3, "z"), Interpolation(4))))
print(Template(), Template("a") + Template())
for bad in (lambda: Template(1), lambda: Template(a=1), lambda: t + "x", Interpolation):
    try:
        print(bad())
    except TypeError:
        print("TypeError")
try:
    t.strings = ()
except AttributeError:
    print("AttributeError")
