def parameters(a, b=1, /, c=2, *args, d, e=[], **kwargs):
    return a, args, kwargs

def calls(f, a):
    f(a, 1, key=a)
    a.method(f)
    f(*a)
    return f(1, *a, x=2, **a)

def counter():
    "Counts."
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step, lambda x: x + n

def generator(it):
    x = yield
    y = yield from it
    return x, y

async def coroutine(a):
    async with a as b:
        async for c in b:
            await c

@counter
@calls(1, 2)
def decorated():
    global g
    g = 1
