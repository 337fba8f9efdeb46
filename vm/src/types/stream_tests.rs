//! Tests of streams that a program beside its output cannot be: what happens when any allocation fails.

use super::container_tests::sweep;

#[test]
fn streams_in_memory_survive_the_loss_of_any_allocation() {
    sweep(
        "import io\n\
         s = io.StringIO('first line\\né€\\n' * 9); b = io.BytesIO(b'abc')\n\
         def f():\n\
         \x20s.seek(0); s.read(30); s.readline(); s.readlines(); s.seek(0); s.read(); list(io.StringIO('a\\nb'))\n\
         \x20b.seek(3); b.write(b'x' * 99); b.seek(300); b.write(b'y'); b.getvalue(); b.seek(0); b.read()\n\
         \x20w = io.BufferedWriter(b, 7); w.write(b'z' * 20); w.flush(); repr(w); repr(s); io.BytesIO(bytearray(99))\n\
         def sound(): return len(s.getvalue()) == 9 * 14 and b.getvalue()[:3] in (b'abc', b'xxx') and b.tell() >= 0\n",
    );
}

#[test]
fn a_write_to_memory_happens_whole_or_not_at_all() {
    sweep(
        "import io\n\
         b = io.BytesIO(b'0123456789'); b.seek(4)\n\
         def f(): b.write(b'x' * 90)\n\
         def sound(): return (b.getvalue(), b.tell()) in ((b'0123456789', 4), (b'0123' + b'x' * 90, 94))\n",
    );
}

#[test]
fn print_and_streams_in_python_survive_the_loss_of_any_allocation() {
    sweep(
        "import io\n\
         class S(io.IOBase):\n\
         \x20def __init__(self): self.left = 700; self.written = 0\n\
         \x20def readinto(self, b):\n\
         \x20 n = min(len(b), self.left); self.left -= n; return n\n\
         \x20def write(self, b):\n\
         \x20 self.written += len(b); return len(b)\n\
         s = S(); lines = io.StringIO()\n\
         def f():\n\
         \x20s.left = 700; s.read(3); s.read(); print('a' * 99, [1, 2.5, None], 1 << 70, file=s, end='')\n\
         \x20print('text', 5, file=lines, sep=', ', flush=True)\n\
         def sound(): return s.left <= 700 and lines.getvalue() in ('', 'text', 'text, ', 'text, 5', 'text, 5\\n')\n",
    );
}
