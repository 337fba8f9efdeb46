//! The allocation-failure sweep: programs over every statement and built-in type, run with the 1st allocation failing,
//! then with the 2nd, … until none fails. Every failure must come out as `MemoryError` (or be tolerated), and the VM
//! must go on as if nothing had been.

use crate::compiler::Mode;
use crate::testing::with_vm;
use crate::{Raise, Vm, exc};

extern crate std;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Name and text of each program.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "assignment",
        "a = b = [1, 2]\n(c, *d), e = ((1, 2, 3), 4)\na[0] += 1\na[1:] = 'xy'\ndel a[0], b\nx: int = 3\n(y := 4)\n",
    ),
    (
        "control",
        "for i in range(3):\n    if i == 1: continue\n    elif i == 2: break\nelse:\n    pass\nwhile i:\n    i -= 1\nelse:\n    j = 1\nassert j == 1, 'no'\n",
    ),
    (
        "functions",
        "def f(a, b=[1], /, *c, d=2, **e):\n    '''doc'''\n    def g():\n        nonlocal a\n        a += 1\n        return a, b, c, d, e\n    return g\nassert f(1, 2, 3, 4, d=5, x=6)() == (2, 2, (3, 4), 5, {'x': 6})\nf(*[1], **{'d': 3})()\nh = lambda *a: a\nh(1, 2)\nf.attr = 1\nf.__name__, f.__code__\n",
    ),
    (
        "classes",
        "class M(type):\n    def __new__(m, *a, **k): return super().__new__(m, *a)\nclass A(metaclass=M, x=1):\n    y = 1\n    def __init__(self, a): self.a = a; self.b = [a]; self.c = self.d = 1\n    @property\n    def p(self): return self.a\n    @classmethod\n    def q(cls): return cls\n    @staticmethod\n    def s(x): return x\n    def __getattr__(self, n): return n\n    def __add__(self, o): return self\n    def __repr__(self): return 'A'\nclass B(A):\n    __slots__ = ('z',)\n    def __init__(self): super().__init__(5)\nb = B()\nassert b.p == 5 and b.q() is B and b.s(1) == 1 and b.nix == 'nix'\nrepr(b + b), str([b]), B.__mro__, dir(b), b.__dict__\nclass L(list):\n    pass\nL([1]).append(2)\nclass D(dict):\n    def __missing__(self, k): return k\nassert D()[3] == 3\nclass E(Exception):\n    pass\nE(1).args\n",
    ),
    (
        "exceptions",
        "def f():\n    try:\n        raise ValueError('x') from KeyError('y')\n    except ValueError as e:\n        return e.args, e.__cause__\n    finally:\n        z = [1]\nf()\ntry:\n    try:\n        1 // 0\n    finally:\n        a = (1, [2])\nexcept ZeroDivisionError as e:\n    repr(e)\ntry:\n    raise ExceptionGroup('g', [ValueError(1), TypeError(2)])\nexcept* ValueError as g:\n    g.exceptions\nexcept* TypeError:\n    pass\n",
    ),
    (
        "with",
        "class C:\n    def __enter__(self): return [self]\n    def __exit__(self, *a): return True\nwith C() as a, C() as b:\n    raise OSError(2)\nwith (C()):\n    pass\n",
    ),
    (
        "generators",
        "def g(n):\n    x = yield n\n    y = yield from h(x)\n    return [y]\ndef h(x):\n    yield [x]\n    return x\ni = g(1)\nnext(i)\nassert i.send(5) == [5]\nassert list(g(2)) == [2, [None]]\ni.close()\nj = g(1)\nnext(j)\ntry:\n    j.throw(KeyError)\nexcept KeyError:\n    pass\nsum(x for x in range(4))\n",
    ),
    (
        "async",
        "class W:\n    def __await__(self):\n        r = yield 1\n        return r\nclass I:\n    def __aiter__(self): return self\n    async def __anext__(self): raise StopAsyncIteration\nasync def f():\n    async for x in I(): pass\n    r = [y async for y in g()]\n    return await W(), r\nasync def g():\n    yield 1\n    yield 2\nc = f()\nc.send(None)\ntry:\n    c.send([1])\nexcept StopIteration as e:\n    assert e.value == ([1], [1, 2])\n",
    ),
    (
        "match",
        "def m(x):\n    match x:\n        case [a, *b]: return a, b\n        case {'k': v, **r}: return v, r\n        case int(n) if n > 5: return n\n        case 'a' | 'b' as s: return s\n        case _: return None\nfor x in ([1, 2], {'k': 1, 'l': 2}, 7, 'a', None):\n    m(x)\n",
    ),
    (
        "comprehensions",
        "[i * j for i in range(3) for j in range(3) if i != j]\n{i for i in 'abc'}\n{i: [i] for i in range(9)}\nlist(map(lambda x: [x], filter(None, zip([1, 0], 'ab'))))\n[*'ab', *range(3)], {*'ab'}, {**{'a': 1}}, (*'ab',)\n",
    ),
    (
        "global",
        "def f():\n    global new_name\n    new_name = [1]\nf()\ndel new_name\nimport math, sys\nfrom math import sqrt as s\nfrom collections import *\nexec('q = 1')\nassert eval('q + 1') == 2\n",
    ),
    (
        "int",
        "a = 3 ** 200\nb = -a\n(a + b, a * a, a // 7, a % -7, a ^ b, a << 9, b >> 5, divmod(a, 9), pow(3, 99, 7), str(a), hex(a), int(str(a)), a.to_bytes(60, 'big'), int.from_bytes(b'12345678901', 'big'), float(a), hash(a), a == b, a < b)\n",
    ),
    (
        "float",
        "a = 1.5\n(a + 1, a * 2.5, a / 3, a // 2, a % 1, a ** 2, str(a), repr(-a), '%g' % a, format(a, '10.3f'), round(a, 1), int(a), float('2e5'), abs(-a), complex(1, 2) * 2j, str(1j))\n",
    ),
    (
        "str",
        "s = 'aé' * 20\n(s + 'x', s[1:5], s[::-1], s.upper(), s.split('a'), ','.join(['a', s]), s.replace('a', 'bb'), s.encode(), s.find('x'), '%s %r %d' % (s, s, 3), '{:>9} {!r}'.format(s, s), f'{s!r:>60}{1:x}', s.partition('a'), list(s), s in s, hash(s), s.strip(), s.center(99), t'{s} x')\n",
    ),
    (
        "bytes",
        "b = b'ab' * 30\nc = bytearray(b)\nc += b'x'\nc[2:4] = b'yyyyy'\nc.append(1)\nc.extend(b)\nm = memoryview(c)\n(b + b, b[1:], b.split(b'a'), b.decode(), bytes(5), bytes([1, 2]), m[2:5], bytes(m), b.hex(), bytes.fromhex('00ff'), c.find(b'x'))\nimport array\na = array.array('i', [1, 2, 3])\na.append(4)\na.extend([5, 6])\nlist(a), a[1:3]\n",
    ),
    (
        "list",
        "l = [3, 1, 2]\nl.append(4)\nl.extend(range(20))\nl.insert(0, 9)\nl.sort()\nl.sort(key=lambda x: -x, reverse=True)\n(l + l, l * 3, l[::2], l.pop(), sorted(l), list(reversed(l)), l.index(3), l.copy(), str(l), l == l[:], tuple(l), max(l), list(enumerate(l)))\nl[::2] = [0] * len(l[::2])\ndel l[1:3]\nl.clear()\n",
    ),
    (
        "dict",
        "d = {}\nfor i in range(40):\n    d[i] = d[str(i)] = [i]\n(d.keys(), list(d.items()), d.get(3), d.pop(3), d.popitem(), d.setdefault('z', []), d.copy(), d | {1: 2}, str(d), d == d.copy())\nd.update(a=1)\nd.update([('b', 2)])\nfrom collections import OrderedDict, deque, namedtuple\nOrderedDict(d).popitem()\nq = deque((), 5)\nq.append(1)\nlist(q)\nT = namedtuple('T', 'a b')\nT(1, b=2)._asdict()\n",
    ),
    (
        "set",
        "s = set(range(30))\nt = {1, 99}\n(s | t, s & t, s - t, s ^ t, frozenset(s), s <= t, sorted(s), str(t), hash(frozenset(t)))\ns.add('x')\ns.update('abc')\ns.discard(3)\ns.remove(4)\n",
    ),
    (
        "others",
        "import io, struct, sys, weakref, gc, micropython, heapq, random, errno, time\nf = io.StringIO()\nf.write('a' * 99)\nprint('x', 1, file=f)\nf.getvalue()\nio.BytesIO(b'ab').read()\nstruct.unpack('<IhB', struct.pack('<IhB', 1, 2, 3))\nclass A: pass\na = A()\nr = weakref.ref(a, print)\nw = weakref.finalize(a, print, 1, x=2)\nw.peek()\nw.detach()\ndel a\ngc.collect()\nmicropython.RingIO(9).write(b'abc')\nh = []\nheapq.heappush(h, 1)\nsys.implementation, sys.version, sys.exc_info()\nglobals(), dir(sys), type('X', (), {})(), slice(1, 2), range(3)[1:], super\nisinstance(1, (int, str)), getattr(h, 'append')(2), iter([]), vars if 0 else 0\ncompile('1', 'f', 'eval')\nsys.print_exception(ValueError(1), f)\n",
    ),
    (
        "json",
        "import json, io\nt = '{\"key\": [1, -2.5, \"\\\\u00e9x\", null, {\"a\": 12345678901234567890}], \"' + 'k' * 80 + '\": \"' + 'v' * 90 + '\"}'\nd = json.loads(t)\nassert json.loads(json.dumps(d)) == d\nassert json.load(io.StringIO(t)) == d\nf = io.StringIO()\njson.dump([d] * 9, f, separators=(',', ':'))\n",
    ),
    (
        "re",
        "import re\nr = re.compile('(a|b*)*([x-z\\\\d]{2,3})?(?:cd){2}|q+?$')\nassert r.search('-abab12cdcd').group(1, 2) == ('', '12')\nassert re.sub('(b)', r'<\\1\\g<1>>', 'abc' * 30) and re.sub('b', lambda m: m.group() * 9, 'abcb')\nr.match('ababab'), re.split(' +', 'a b  c'), re.search('[é-ü]', 'aé').span()\n",
    ),
    (
        "codecs",
        "import binascii, hashlib, cryptolib\nd = bytes(range(99))\nassert binascii.unhexlify(binascii.hexlify(d, ' ')) == d\nassert binascii.a2b_base64(binascii.b2a_base64(d)) == d\nbinascii.crc32(d)\nfor a in (hashlib.md5, hashlib.sha1, hashlib.sha256):\n    h = a(d)\n    h.update(d)\n    h.digest()\nfor m in (1, 2, 6):\n    cryptolib.aes(d[:32], m, d[:16]).encrypt(d[:64])\n",
    ),
    (
        "deflate",
        "import zlib, deflate, io\nd = b'abcabcd' * 30\nassert zlib.decompress(zlib.compress(d, wbits=31), 47) == d\nf = io.BytesIO()\nwith deflate.DeflateIO(f, deflate.ZLIB) as z:\n    z.write(d)\nassert zlib.DecompIO(io.BytesIO(f.getvalue())).read(5) == d[:5]\n",
    ),
    (
        "uctypes",
        "import uctypes as u\nb = bytearray(range(16))\ns = u.struct(u.addressof(b), {'a': 0 | u.UINT32, 'b': (0 | u.ARRAY, 4 | u.UINT8), 'c': (0, {'d': 1 | u.BFUINT8 | 4 << u.BF_LEN}), 'e': (0 | u.ARRAY, 2, {'f': 0 | u.INT64}), 'p': (8 | u.PTR, u.UINT8)})\ns.a = 0x87654321\ns.c.d = 3\n(s.a, s.b, s.c.d, s.e[1].f, str(s), bytes(s), u.sizeof(s), u.bytes_at(u.addressof(b), 4), u.bytearray_at(u.addressof(b), 4))\n",
    ),
    (
        "framebuf",
        "import framebuf, array\nf = framebuf.FrameBuffer(bytearray(64), 8, 8, framebuf.GS8)\nf.text('x', 0, 0)\nf.poly(0, 0, array.array('h', [0, 0, 7, 0, 3, 7]), 1, True)\nf.blit((b'1234', 2, 2, framebuf.GS8), 1, 1)\nclass F(framebuf.FrameBuffer):\n    def __init__(self): super().__init__(bytearray(8), 8, 8, 0)\nbytes(F())\n",
    ),
    (
        "websocket",
        "import websocket, io, platform\nw = websocket.websocket(io.BytesIO(b'\\x81\\x82\\x01\\x02\\x03\\x04ab\\x81\\x01z'))\nassert w.read() == b'`` z'[:2] + b'z'\nw.write(b'abc')\nplatform.platform()\n",
    ),
];

fn run(vm: &mut Vm, program: &str) -> Result<(), Raise> {
    let globals = vm.new_dict()?;
    let mut source = program.as_bytes();
    vm.exec_source(&mut source, "test", Mode::Module, globals).map(|_| ())
}

/// The exception on its way, with its traceback.
fn message(vm: &mut Vm) -> String {
    let exception = vm.take_exception();
    let mut out = crate::object::StrBuilder::new();
    match vm.format_exception(exception, &mut out) {
        Ok(()) => String::from_utf8_lossy(out.as_bytes()).into_owned(),
        Err(_) => String::from("no memory for the message"),
    }
}

/// What a sound VM can do: all of it allocates.
const SOUND: &str = "class A:\n    def f(self): return [self.__class__.__name__] * 3\nassert A().f() == ['A', 'A', 'A'] and {'k': (1, 2.5)}['k'][1] == 2.5\n";

/// Why a program's sweep failed.
fn sweep(name: &str, program: &str) -> Result<(), String> {
    with_vm(1 << 18, |vm| {
        if run(vm, program).is_err() {
            return Err(format!("{name}: {}", message(vm)));
        }
        for n in 1..100_000 {
            vm.shared_mut().heap.fail_after(n);
            let result = run(vm, program);
            let failed = !vm.shared().heap.fails_later();
            vm.shared_mut().heap.fail_after(0);
            if result.is_err() {
                if !vm.raised(exc::MEMORY_ERROR) {
                    return Err(format!("{name}, allocation {n}: {}", message(vm)));
                }
                vm.take_exception();
            }
            if n % 16 == 0 || !failed {
                vm.collect();
                vm.shared().heap.check_invariants();
            }
            if run(vm, SOUND).is_err() {
                return Err(format!("{name}, after allocation {n}: {}", message(vm)));
            }
            if !failed {
                return Ok(());
            }
        }
        Err(format!("{name}: no end of allocations"))
    })
}

#[test]
fn every_failure_is_a_memory_error() {
    let wrong: Vec<String> = PROGRAMS.iter().filter_map(|(n, p)| sweep(n, p).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
