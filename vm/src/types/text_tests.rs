//! Tests of text and arrays that a program beside its output cannot be: what happens when any allocation fails.

use super::container_tests::sweep;

#[test]
fn text_methods_survive_the_loss_of_any_allocation() {
    sweep(
        "s = 'naïve text, with Words and more words'\n\
         def f():\n\
         \x20for w in s.split() + s.rsplit(',', 1) + s.splitlines(): w.upper().center(9, '*').zfill(12).strip('*')\n\
         \x20t = ', '.join([s[::-1], s[2:5], s * 2, s.replace('o', 'é'), s.replace('', '-'), s.title()])\n\
         \x20t.partition('w'); t.encode(); s.expandtabs(); s.translate(str.maketrans('ab', 'xy', 'c')); ascii(s)\n\
         def sound(): return len(s) == 37 and s[2] == 'ï'\n",
    );
}

#[test]
fn formatting_survives_the_loss_of_any_allocation() {
    sweep(
        "class C:\n def __format__(self, spec): return spec + '!'\n def __str__(self): return 'c' * 99\n\
         c = C()\n\
         def f():\n\
         \x20f'{c:abc}{c!s:>120}{3.25:10.3f}{[1, c]}'\n\
         \x20'{0:{1}}{a.__class__}{b[1]}'.format('x' * 70, 80, a=1, b={1: 2})\n\
         \x20'%(k)s' % {'k': c}; '%s %r %5d %x' % (c, 'é' * 80, 1 << 90, 255)\n\
         def sound(): return str(c) == 'c' * 99\n",
    );
}

#[test]
fn bytes_survive_the_loss_of_any_allocation() {
    sweep(
        "b = b'some bytes \\xff and more'\n\
         def f():\n\
         \x20bytes(b.hex(), 'ascii'); bytes.fromhex(b.hex(' '))\n\
         \x20b.decode('utf-8', 'replace'); b.translate(bytes.maketrans(b'a', b'b'), b's'); repr(b); bytes(range(99))\n\
         \x20b.split(b' '); b'%s' % b; b[::2]; list(b); bytes([1, 2]) + bytearray(b)\n\
         def sound(): return len(b) == 21\n",
    );
}

#[test]
fn a_bytearray_changes_whole_or_not_at_all() {
    sweep(
        "b = bytearray(range(40))\n\
         old = bytes(b); new = old[:2] + b'x' * 99 + old[5:]\n\
         def f(): b[2:5] = b'x' * 99\n\
         def sound(): return b == old or b == new\n",
    );
    sweep(
        "b = bytearray(range(40))\n\
         def f():\n b.extend(b); b[1:1] = b; b.append(7); b.insert(3, 9)\n\
         \x20m = memoryview(b); m[4:8] = m[0:4]\n global c; c = b * 3; c += b; c.extend(i for i in range(200))\n\
         def sound(): return b[0] == 0 and len(b) in (40, 80, 160, 161, 162) and len(memoryview(b)) == len(b)\n",
    );
}

#[test]
fn arrays_and_struct_survive_the_loss_of_any_allocation() {
    sweep(
        "from array import array\nimport struct\n\
         a = array('q', [1 << 40] * 20); o = array('O', [1])\n\
         def f():\n\
         \x20a.extend(array('q', range(60))); a[3:5] = a; o.append(str(a)); o.extend([1] * 50)\n\
         \x20a * 2; a + a; a[::3]; a.tolist(); list(memoryview(a)); a == o; a.tobytes(); array('d', range(30))\n\
         \x20struct.unpack('<12Bq', struct.pack('<12Bq', *range(13))); list(struct.iter_unpack('<I', bytes(80)))\n\
         def sound(): return a[0] == 1 << 40 and o[0] == 1 and len(a) in (20, 80, 158)\n",
    );
}
