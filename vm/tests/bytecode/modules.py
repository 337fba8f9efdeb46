"What this module is for."
import a, b.c, d.e as f
from .. import g as h
from i import *
x: int = 1
assert x, "message"
del x
