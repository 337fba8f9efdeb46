def match(subject):
    match subject:
        case 0 | -1:
            return "number"
        case None:
            return "none"
        case [x, 1, *rest] if x:
            return x, rest
        case [_, *_, last]:
            return last
        case {"key": value, **rest}:
            return value, rest
        case Point(x=0, y=(1 | 2) as y):
            return y
        case _:
            return "else"
