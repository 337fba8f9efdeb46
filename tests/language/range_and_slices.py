def f(n):
    s=0
    for i in range(n): s+=i
    for i in range(1,n): s+=i
    for i in range(n,0,-1): s+=i
    return s
print(f(10))
print([i for i in range(5)], [i*j for i in range(3) for j in range(1,4,2)], {i:1 for i in range(3)})
print([ (lambda: i)() for i in range(3)])
fs=[lambda: i for i in range(3)]
print([g() for g in fs])
try:
    for i in range(1,2,0): pass
except ValueError as e: print('VE')
try:
    for i in range('a'): pass
except TypeError as e: print('TE')
for i in range(10**20, 10**20+2): print(i)
print([x for x in range(True)])
class R:
    def __index__(self): return 3
for i in range(3.0 if False else 2): print(i)
def g():
    range = lambda n: 'ab'
    for i in range(2): print(i)
g()
def h(n):
    for i in range(n):
        if i == 3: break
    else: print('else')
    print(i)
h(2); h(5)
range = lambda n: iter([9,8])
for i in range(2): print(i)
def k():
    for i in range(2): yield i
print(list(k()))
del range
print(list(k()))
def z():
    r=[]
    for i in range(3):
        for j in range(i): r.append((i,j))
        else: r.append('e')
    return r
print(z())
a=list(range(10)); b=bytearray(a); m=memoryview(b)
a[2:4]=[1]; b[3:5]=b'aa'; m[5:7]=b'bb'
print(a,b,a[::-1],a[1:],b[:3],'hello'[1:3],(1,2,3)[:2],b'abc'[1:], bytes(m[2:4]))
class S:
    def __getitem__(s,i): return i
    def __setitem__(s,i,v): print(i,v)
    def __delitem__(s,i): print('del',i)
s=S(); print(s[1:2], s[::3], s[1:2,3]); s[1:2]=5; del s[3:4]
# Neither makes an object.
import micropython
def locked():
    b = bytearray(10)
    m = memoryview(b)
    n = 0
    micropython.heap_lock()
    for i in range(3):
        for j in range(i, 10, 2):
            n += j
    b[3:5] = b'aa'
    m[5:7] = b'bb'
    micropython.heap_unlock()
    return n, b
print(locked())
