# floats: double
# What instructions remember of one class is not believed of another that wants to be asked.
class Y:
    def __init__(self): self.a = 1
class X:
    def __init__(self): object.__setattr__(self, "a", 5)
    def __setattr__(self, n, v): print("setattr", n, v)
def st(o): o.a = 7
st(Y()); st(Y()); st(X()); x = X(); st(x); print(x.a)
class G:
    def __init__(self): object.__setattr__(self, "a", 5)
    def __getattribute__(self, n): return "ga " + n
def ld(o): return o.a
print(ld(Y()), ld(Y()), ld(G()))
class S:
    __slots__ = ("p", "q")
    def __init__(self, p): self.p = p
for i in range(3):
    s = S(i); s.q = 2
    try: s.r = 1
    except AttributeError as e: print(e)
print(1/2, 7/2, -1/3, 2.0/3, 3*1.5, 2-0.5, 1.5**2, True/2)
