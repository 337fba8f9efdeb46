class Ev:
    def __init__(self, v): self.v=v
    def __await__(self):
        r = yield self.v
        return r
def run(c):
    out=[]
    try:
        v=None
        while True:
            out.append(c.send(v)); v='s'+str(len(out))
    except StopIteration as e:
        return out, e.value
async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got: print('got', got)
            r = await Ev(i*10)
            print('awaited', r)
    except ValueError as e:
        print('VE', e)
        yield 'recovered'
    finally:
        print('fin')
async def main():
    async for x in agen(3):
        print('x', x)
    print([y async for y in agen(2)])
    print({y: y async for y in agen(2) if y})
    g = agen(3)
    print(type(g).__name__, hasattr(g,'__aiter__'))
    print(await g.__anext__())
    print(await g.asend('hello'))
    print(await g.athrow(ValueError('boo')))
    try:
        await g.__anext__()
    except StopAsyncIteration: print('SAI')
    g = agen(3)
    await g.__anext__()
    await g.aclose()
    await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration: print('SAI')
    async def bad():
        try: yield 1
        finally: yield 2
    g = bad(); await g.__anext__()
    try: await g.aclose()
    except RuntimeError as e: print(e)
    g = agen(2)
    try: await g.athrow(KeyError)
    except KeyError as e: print('KE', repr(e))
    gx = (i*2 async for i in agen(2))
    print([z async for z in gx])
    async def raiser():
        yield 1
        raise OSError(5)
    try:
        async for q in raiser(): print(q)
    except OSError as e: print('oserror')
    return 'done'
print(run(main()))
