# async def, with and for; comprehensions that await.
log = []


class Later:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


class Manager:
    async def __aenter__(self):
        log.append(await Later("enter"))
        return self

    async def __aexit__(self, kind, value, traceback):
        log.append((await Later("exit"), kind))
        return kind is ValueError


class Items:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return self.n


def run(coroutine):
    sent = None
    count = 0
    try:
        while True:
            log.append(coroutine.send(sent))
            count += 1
            sent = count
    except StopIteration as e:
        return e.value


async def managed(fail):
    async with Manager() as m:
        if fail:
            raise ValueError
        return "value"
    return "suppressed"


assert run(managed(False)) == "value"
assert log == ["enter", 1, "exit", (2, None)], log
log.clear()
assert run(managed(True)) == "suppressed"
assert log == ["enter", 1, "exit", (2, ValueError)]


async def loop():
    out = []
    async for x in Items(4):
        if x == 2:
            continue
        out.append(x)
    else:
        out.append("else")
    async for x in Items(4):
        break
    else:
        out.append("never")
    return out, [x async for x in Items(3) if x], {x: await Later(x) async for x in Items(1)}


log.clear()
assert run(loop()) == ([3, 1, 0, "else"], [2, 1], {0: 1})


async def failing():
    try:
        async for x in Items(2):
            raise StopAsyncIteration
    except StopAsyncIteration:
        return "caught"


assert run(failing()) == "caught"


def delegate():
    got = yield from inner()
    return got


def inner():
    x = yield 1
    return x + (yield 2)


g = delegate()
assert (next(g), g.send(10)) == (1, 2)
try:
    g.send(20)
except StopIteration as e:
    assert e.value == 30
