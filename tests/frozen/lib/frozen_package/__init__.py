from . import inner
from .inner import answer
