# match, and except* on groups.
class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


def kind(subject):
    match subject:
        case 0 | -1:
            return "number"
        case None | True:
            return "singleton"
        case str() as text if text:
            return "text " + text
        case []:
            return "empty"
        case [1, x] | [x, 1]:
            return "one", x
        case [a, [b, *c], *d]:
            return a, b, c, d
        case [_, *_, last] if last == 9:
            return "last"
        case {"kind": "point", "at": (x, y), **rest}:
            return x, y, rest
        case {}:
            return "mapping"
        case Point(0, y=y):
            return "on the axis", y
        case Point(x, y) if x == y:
            return "diagonal", x
        case int(n) | float(n):
            return n
        case _:
            return "else"


for subject, expected in [
    (0, "number"),
    (-1, "number"),
    (None, "singleton"),
    (True, "singleton"),
    ("a", "text a"),
    ("", "else"),
    ([], "empty"),
    ((1, 5), ("one", 5)),
    ([5, 1], ("one", 5)),
    ([2, [3, 4, 5], 6], (2, 3, [4, 5], [6])),
    ([2, 3, 9], "last"),
    ([2, 3, 8], "else"),
    ({"kind": "point", "at": (1, 2), "z": 3}, (1, 2, {"z": 3})),
    ({"a": 1}, "mapping"),
    (Point(0, 7), ("on the axis", 7)),
    (Point(4, 4), ("diagonal", 4)),
    (Point(4, 5), "else"),
    (12, 12),
    (1.5, 1.5),
    (b"ab", "else"),
]:
    assert kind(subject) == expected, (subject, kind(subject))


def captures_wait(subject):
    x = "before"
    match subject:
        case [x, 0]:
            return x
    return x


assert captures_wait([1, 0]) == 1 and captures_wait([1, 2]) == "before"
match = case = _ = 1
assert match + case + _ == 3


def split(group):
    seen = []
    try:
        try:
            raise group
        except* ValueError as e:
            seen.append([type(x).__name__ for x in e.exceptions])
        except* (TypeError, KeyError) as e:
            seen.append([type(x).__name__ for x in e.exceptions])
            raise OSError
        else:
            seen.append("else")
        finally:
            seen.append("finally")
    except ExceptionGroup as e:
        seen.append([type(x).__name__ for x in e.exceptions])
    except OSError:
        seen.append("alone")
    return seen


assert split(ExceptionGroup("g", [ValueError(), ValueError()])) == [["ValueError"] * 2, "finally"]
assert split(ExceptionGroup("g", [ValueError(), IndexError()])) == [
    ["ValueError"], "finally", ["IndexError"],
]
assert split(ExceptionGroup("g", [KeyError()])) == [["KeyError"], "finally", "alone"]
assert split(ExceptionGroup("g", [KeyError(), IndexError()])) == [
    ["KeyError"], "finally", ["OSError", "ExceptionGroup"],
]
assert split(ValueError()) == [["ValueError"], "finally"]
