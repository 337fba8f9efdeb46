# What break, continue, return and exceptions undo on their way out.
log = []


class Context:
    def __init__(self, name, suppress=False):
        self.name, self.suppress = name, suppress

    def __enter__(self):
        log.append("+" + self.name)
        return self

    def __exit__(self, kind, value, traceback):
        log.append("-" + self.name + (":" + kind.__name__ if kind else ""))
        return self.suppress


def check(expected, f, *args):
    log.clear()
    try:
        result = f(*args)
    except Exception as e:
        result = type(e).__name__
    log.append(result)
    assert log == expected, (log, expected)


def return_through(x):
    for i in range(3):
        with Context("a"), Context("b"):
            try:
                if i == x:
                    return i
            finally:
                log.append(i)


check(["+a", "+b", 0, "-b", "-a", 0], return_through, 0)
check(["+a", "+b", 0, "-b", "-a", "+a", "+b", 1, "-b", "-a", 1], return_through, 1)


def break_through():
    while True:
        with Context("a"):
            try:
                break
            finally:
                log.append("f")
    for i in range(2):
        try:
            continue
        finally:
            log.append(i)
    return "done"


check(["+a", "f", "-a", 0, 1, "done"], break_through)


def return_wins():
    try:
        raise ValueError
    finally:
        return 1


check([1], return_wins)


def break_in_finally():
    for i in range(3):
        try:
            return "never"
        finally:
            log.append(i)
            if i == 1:
                break
            continue
    return "after"


check([0, 1, "after"], break_in_finally)


def value_before_finally():
    x = 1
    try:
        return x
    finally:
        x = 2
        log.append(x)


check([2, 1], value_before_finally)


def raise_in_exit():
    class Bad(Context):
        def __exit__(self, *args):
            super().__exit__(*args)
            raise KeyError

    with Context("a", True):
        with Bad("b"):
            raise ValueError
    return "suppressed"


check(["+a", "+b", "-b:ValueError", "-a:KeyError", "suppressed"], raise_in_exit)


def fail_in_target():
    with Context("a", True) as log[99]:
        log.append("never")
    return 0


check(["+a", "-a:IndexError", 0], fail_in_target)


def context_of(f):
    try:
        f()
    except Exception as e:
        return type(e.__context__).__name__, e.__cause__


def chained():
    try:
        {}[1]
    except KeyError:
        raise ValueError


def chained_after_handler():
    try:
        {}[1]
    except KeyError:
        pass
    raise ValueError


def chained_from_none():
    try:
        {}[1]
    except KeyError:
        raise ValueError from None


assert context_of(chained)[0] == "KeyError"
assert context_of(chained_after_handler)[0] == "NoneType"
assert context_of(chained_from_none) == ("KeyError", None)


def name_ends():
    e = 1
    try:
        raise ValueError
    except ValueError as e:
        pass
    try:
        e
    except NameError:
        return "unbound"


check(["unbound"], name_ends)


def name_ends_on_return():
    try:
        raise ValueError(5)
    except ValueError as e:
        return e.args


check([(5,)], name_ends_on_return)


def reraise_outer():
    try:
        raise ValueError
    except ValueError:
        try:
            raise KeyError
        except KeyError:
            pass
        raise


check(["ValueError"], reraise_outer)


def handlers_of_left_blocks():
    try:
        try:
            return "never"
        except KeyError:
            return "wrong"
    finally:
        raise KeyError


check(["KeyError"], handlers_of_left_blocks)


def try_else():
    for x in (0, 1):
        try:
            1 // x
        except ZeroDivisionError:
            log.append("except")
        else:
            log.append("else")
        finally:
            log.append("finally")


check(["except", "finally", "else", "finally", None], try_else)


def generator():
    try:
        yield 1
        yield 2
    except ValueError:
        yield 3
    finally:
        log.append("closed")


def use_generator():
    g = generator()
    log.append(next(g))
    log.append(g.throw(ValueError))
    g.close()
    g = generator()
    next(g)
    g.close()
    return "end"


check([1, 3, "closed", "closed", "end"], use_generator)


def nested_finally(n):
    try:
        try:
            if n == 0:
                raise ValueError
            return n
        finally:
            log.append("inner")
            if n == 2:
                raise KeyError
    finally:
        log.append("outer")


check(["inner", "outer", "ValueError"], nested_finally, 0)
check(["inner", "outer", 1], nested_finally, 1)
check(["inner", "outer", "KeyError"], nested_finally, 2)
