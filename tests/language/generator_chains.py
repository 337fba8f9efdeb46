def inner(n):
    for i in range(n):
        got = yield i
        if got is not None:
            print("got", got)
    return "inner " + str(n)
def middle(n):
    r = yield from inner(n)
    yield r
    r = yield from inner(1)
    return "middle " + r
def outer(n):
    r = yield from middle(n)
    print("outer", r)
    try:
        yield from middle(n)
    except ValueError as e:
        print("caught", e)
        yield "after"
    yield from [7, 8]
    yield from middle(1)
print(list(outer(3)))
g = outer(2)
print(next(g), next(g), next(g), g.send(None))
for x in g:
    print(x)
    if x == 0: break
print(g.send("hello"))
print(g.throw(ValueError("thrown")))
print(list(g))
# re-entrancy
def reent():
    yield 1
    try:
        next(chain)
    except ValueError as e:
        print("reent", e)
    try:
        next(mid)
    except ValueError as e:
        print("mid", e)
    yield 2
def a():
    yield from reent()
def b():
    global mid
    mid = a()
    yield from mid
def c():
    yield from b()
chain = c()
print(next(chain)); print(next(chain)); print(list(chain))
# direct advance of the innermost
def mk():
    global deep
    deep = inner(6)
    return deep
def l1(): 
    r = yield from mk()
    print("l1", r)
def l2(): yield from l1()
def l3(): yield from l2()
g = l3()
print(next(g), next(g), next(deep), next(g), next(g))
print(next(deep))
try: next(deep)
except StopIteration as e: print("stop", e.value)
print(list(g))
# exceptions through the chain
def bad(n):
    yield n
    raise KeyError(n)
def w1(n):
    try:
        yield from bad(n)
    finally:
        print("w1 finally")
def w2(n):
    try:
        yield from w1(n)
    except KeyError as e:
        print("w2", e)
        yield "recovered"
def w3(n): yield from w2(n)
print(list(w3(5)))
def h():
    try:
        raise OSError(1)
    except OSError:
        yield 1
        try:
            raise
        except OSError as e:
            print("reraised", e)
    yield 2
def h1():
    try: raise TypeError("t")
    except TypeError:
        yield from h()
        try: raise
        except TypeError as e: print("outer", e)
def h2(): yield from h1()
try: raise IndexError("i")
except IndexError:
    for x in h2(): print(x)
    try: raise
    except IndexError as e: print("main", e)
# close
def cl():
    try:
        while True: yield 1
    finally: print("closed")
def c1():
    try: yield from cl()
    finally: print("c1")
def c2(): yield from c1()
g = c2(); next(g); next(g); g.close(); print(list(g))
# deep
def deep_(n):
    if n: 
        r = yield from deep_(n - 1)
        return r + 1
    yield 1
    yield 2
    return 0
def t():
    r = yield from deep_(40)
    yield r
print(list(t()))
def send_gen():
    class It:
        def __iter__(self): return self
        def __next__(self): return 1
        def send(self, v): return "sent"
    yield from It()
g = send_gen(); next(g); other = inner(3); next(other); print(g.send(other)); print(next(g)); print(next(other))
# for over generators with slices and ranges
print([list(x for x in range(*a)) for a in [(3,), (1, 4), (5, 1, -2), (0,)]])
try: [x for x in range(1, 2, 0)]
except ValueError as e: print(e)
for i in range(2**40, 2**40 + 2): print(i)
for i in range(True, 3): print(i)
it = iter(range(5)); q = (x for x in it); print(next(q), next(it), list(q))
l = [1, 2, 3, 4]; print(l[:], l[1:], l[:-1], l[::-1], l[::2], l[3:1], l[1:3], l[-3:-1:1])
l[1:2] = l; print(l); l[::2] = "abcd"[:len(l[::2])]; print(l); l[:] = (1,); print(l); l[5:9] = [3]; print(l)
l[0:0] = [x for x in "ab"]; print(l); l += l[1:]; l[1:2] += [9]; print(l)
print((1, 2, 3)[1:], (1, 2, 3)[::-1], "héllo"[1:3], "hello"[::-2], b"abc"[1:], bytearray(b"abc")[:2], range(10)[2:8:3])
class S:
    def __getitem__(self, i): return i
    def __setitem__(self, i, v): print(i, v)
print(S()[1:2], S()[::3], S()[1:2, 3])
S()[1:] = 4
