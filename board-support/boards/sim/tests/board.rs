//! The board as it boots: its flash, its programs, resets; each test with a chip of its own.
//!
//! A console on pipes: what is typed is there from the beginning, and the process ends at its end.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

// Links what the link options of this package ask for.
use threadsnake_sim as _;

/// A chip and a card, removed at the end.
struct Board {
    dir: PathBuf,
    options: Vec<String>,
}

impl Board {
    fn new(name: &str) -> Self {
        let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("board-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        Board { dir, options: Vec::new() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_threadsnake"));
        command.args(["--board", "--flash"]).arg(self.dir.join("flash"));
        command.arg("--sd").arg(self.dir.join("sd")).args(&self.options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    /// Types `lines` and returns what the console shows without echoes and prompts.
    fn run(&self, lines: &str) -> String {
        let mut child = self.command().spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // In raw mode nothing is echoed.
        stdin.write_all(b"\x01").expect("it reads");
        stdin.write_all(lines.as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")
    }

    /// Runs a program at the raw prompt and returns its output; it must not raise.
    fn exec(&self, program: &str) -> String {
        let shown = self.run(&format!("{program}\x04"));
        let (_, rest) = shown.split_once(">OK").unwrap_or_else(|| panic!("{shown}"));
        let parts: Vec<_> = rest.split('\x04').collect();
        assert_eq!(parts.get(1), Some(&""), "{program}: {shown}");
        parts[0].to_owned()
    }

    /// What the console shows from the start to the prompt.
    fn boot(&self) -> String {
        let shown = self.run("");
        let end = shown.find("MicroPython v").unwrap_or_else(|| panic!("{shown}"));
        shown[..end].to_owned()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn a_new_board_has_its_files_and_keeps_what_is_written() {
    let board = Board::new("new");
    let listing = "['boot.py', 'cert', 'lib', 'main.py', 'sys']\n";
    let program = "import os, sys\nprint(os.listdir()); print(os.getcwd(), sys.path)\n\
                   open('lib/mod.py', 'w').write('x = 7')\nos.rename('lib/mod.py', 'lib/kept.py')\n";
    let cwd = "/flash ['', '/flash', '/flash/lib']\n";
    assert_eq!(board.exec(program), format!("{listing}{cwd}"));
    assert_eq!(board.exec("import kept\nprint(kept.x)"), "7\n");
}

#[test]
fn programs_run_in_their_order_and_an_exception_does_not_stop_the_board() {
    let board = Board::new("order");
    assert_eq!(board.boot(), "");
    board.exec(
        "open('boot.py', 'w').write('print(\"boot\"); x = 1\\n1/0\\n')\n\
         open('main.py', 'w').write('import machine\\nprint(\"main\", x, machine.reset_cause())\\n')\n",
    );
    let shown = board.boot();
    let expected = "boot\nTraceback (most recent call last):\n  File \"boot.py\", line 2, in <module>\n\
                    ZeroDivisionError: divide by zero\nmain 1 0\n";
    assert_eq!(shown, expected);
}

#[test]
fn a_soft_reset_in_raw_mode_skips_main_and_in_friendly_mode_runs_it() {
    let board = Board::new("soft");
    board.exec(
        "open('boot.py', 'w').write('import machine; print(\"boot\", machine.reset_cause())')\n\
         open('main.py', 'w').write('print(\"main\")')\n",
    );
    let shown = board.run("\x04");
    assert!(shown.starts_with("boot 0\nmain\nMicroPython"), "{shown}");
    let raw = "raw REPL; CTRL-B to exit\n>";
    assert!(shown.ends_with(&format!("OK\nMPY: soft reboot\nboot 4\n{raw}")), "{shown}");
    let shown = board.run("\x02\x04");
    assert!(shown.contains("MPY: soft reboot\nboot 4\nmain\nMicroPython"), "{shown}");
}

#[test]
fn safe_boot_runs_nothing_until_the_next_hard_reset() {
    let mut board = Board::new("safe");
    board.exec("for name in ('boot', 'main'):\n open(name + '.py', 'w').write('print(%r)' % name)");
    board.options = vec!["--safe-boot".into()];
    let shown = board.run("\x02\x04");
    assert!(!shown.contains("boot\n") || !shown.contains("main\n"), "{shown}");
    assert!(shown.contains("MPY: soft reboot\nMicroPython"), "{shown}");
    let shown = board.run("\x02import machine; machine.reset()\r");
    assert!(shown.contains("boot\nmain\nMicroPython"), "{shown}");
}

#[test]
fn machine_main_names_the_program_once() {
    let board = Board::new("main");
    board.exec(
        "open('boot.py', 'w').write('import machine\\nmachine.main(\"other.py\")')\n\
         open('other.py', 'w').write('print(\"other\")')\nopen('main.py', 'w').write('print(\"main\")')\n",
    );
    assert_eq!(board.boot(), "other\n");
    board.exec("import os; os.remove('boot.py')");
    assert_eq!(board.boot(), "main\n");
}

#[test]
fn formatting_is_the_way_back_to_a_new_board() {
    let board = Board::new("factory");
    board.exec("open('boot.py', 'w').write('while True: pass #')\nimport os\nos.mkfs('/flash')");
    let shown = board.exec("import os\nprint(os.listdir())");
    assert_eq!(shown, "['boot.py', 'cert', 'lib', 'main.py', 'sys']\n");
}

#[test]
fn system_exit_in_main_is_a_soft_reset() {
    let board = Board::new("exit");
    board.exec(
        "open('n', 'w').write('0')\n\
         open('main.py', 'w').write('n = int(open(\"n\").read()) + 1\\nopen(\"n\", \"w\").write(str(n))\\nprint(n)\\n\
         if n < 3: raise SystemExit\\n')\n",
    );
    assert_eq!(board.boot(), "1\nMPY: soft reboot\n2\nMPY: soft reboot\n3\n");
}

#[test]
fn files_that_a_vm_left_open_are_closed_with_it() {
    let board = Board::new("open");
    let program =
        "f = [open('f%d' % i, 'w') for i in range(12)]\nfor i in range(12): f[i].write('text')\n";
    let shown = board.run(&format!(
        "{program}\x04\x04print([len(open('f%d' % i).read()) for i in range(12)])\x04"
    ));
    let expected = format!("{:?}\n", [4; 12]);
    assert!(shown.contains(&expected), "{shown}");
}

#[test]
fn bad_paths_and_a_full_flash_are_named_and_the_board_goes_on() {
    let board = Board::new("bad");
    let shown = board.exec(
        "import os\n\
         def error(f, *args):\n    try: f(*args)\n    except OSError as e: return e.errno\n\
         print(error(open, '../../etc/passwd'), error(open, '/etc/passwd'), error(open, '/flash/../flash/x'))\n\
         print(error(open, 'n' * 300, 'w'), error(os.mkdir, 'a/b/c'), error(os.rmdir, 'main.py'), error(os.remove, 'lib'))\n\
         print(error(open, 'a\\0b', 'w'), error(os.chdir, '/flash/none'), error(os.rename, 'main.py', '/sd/x'))\n\
         def fill():\n    with open('big', 'wb') as f:\n        for i in range(2000): f.write(bytes(4096))\n\
         print(error(fill)); os.remove('big')\n\
         with open('after', 'w') as f: f.write('fine')\n\
         print(open('after').read(), os.statvfs('/flash')[3] > 1000)\n",
    );
    assert_eq!(shown, "2 2 2\n36 2 20 21\n22 2 1\n28\nfine True\n");
}

#[test]
fn a_card_is_mounted_by_its_device_and_keeps_its_files() {
    let board = Board::new("card");
    let shown = board.exec(
        "import os, vfs, machine\nsd = machine.SD()\nprint(sd.ioctl(5, 0), sd.ioctl(4, 0))\n\
         os.mount(sd, '/sd/')\nprint(vfs.mount()[1], os.listdir('/sd'))\n\
         with open('/sd/a long name.txt', 'w') as f: f.write('card')\n\
         b = bytearray(512); sd.readblocks(0, b); print(b[510:])\nos.unmount('/sd')\n\
         try: machine.SD(1)\nexcept OSError as e: print(e.errno)\n",
    );
    let mounted = "(<VfsFat>, '/sd') []\n";
    assert_eq!(shown, format!("512 32768\n{mounted}bytearray(b'U\\xaa')\n19\n"));
    let shown = board.exec(
        "import vfs, machine\nvfs.mount(vfs.VfsFat(machine.SD()), '/sd')\nprint(open('/sd/a long name.txt').read())",
    );
    assert_eq!(shown, "card\n");
    // The card's task has the buffer while the caller waits.
    let shown = board.exec(
        "import machine, _thread\nsd = machine.SD()\nstop = []\n\
         def transfer(f, buf):\n  while not stop: f(0, buf)\n  over.release()\n\
         for f in (sd.readblocks, sd.writeblocks):\n  \
           buf, over = bytearray(512), _thread.allocate_lock()\n  over.acquire()\n  \
           _thread.start_new_thread(transfer, (f, buf))\n  \
           try:\n    \
             for n in range(10**7): buf.append(0); buf.pop()\n  \
           except BufferError: print('pinned')\n  \
           stop.append(1); over.acquire(); stop.clear(); buf.append(0)\n",
    );
    assert_eq!(shown, "pinned\npinned\n");
}

#[test]
fn a_second_terminal_sees_the_console_and_types() {
    let board = Board::new("dupterm");
    let shown = board.exec(
        "import os, io
class Terminal(io.IOBase):
    def __init__(self): self.typed = b'typed\\r'; self.seen = b''
    def readinto(self, buf):
        if not self.typed: return None
        n = min(len(self.typed), len(buf)); buf[:n] = self.typed[:n]; self.typed = self.typed[n:]
        return n
    def write(self, data): self.seen += bytes(data); return len(data)
    def ioctl(self, request, argument): return 0
class Broken(Terminal):
    def write(self, data): raise OSError(5)
t = Terminal()
print(os.dupterm(t), os.dupterm() is t)
print(input(), t.seen)
os.dupterm(Broken()); print('goes on'); print(os.dupterm())
for args in ((None, 1), (3,)):
    try: os.dupterm(*args)
    except (ValueError, OSError) as e: print(e)
",
    );
    let expected = "None True\ntyped\ntyped b'None True\\r\\ntyped\\r\\n'\ngoes on\n\
        dupterm: Exception in write() method, deactivating: Traceback (most recent call last):\n";
    assert!(shown.starts_with(expected), "{shown}");
    let expected =
        "OSError: [Errno 5] EIO\nNone\ninvalid dupterm index\nstream operation not supported\n";
    assert!(shown.ends_with(expected), "{shown}");
}

#[test]
fn a_board_that_loses_power_while_it_writes_has_whole_files() {
    let board = Board::new("power");
    for round in 1..=4 {
        let mut child = board.command().spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let program = "n = 0\nwhile True:\n    n += 1\n    with open('data', 'w') as f: f.write('%d ' % n * 2000)\n    print('wrote', n)\n";
        stdin.write_all(format!("\x01{program}\x04").as_bytes()).expect("it reads");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let wanted = format!("wrote {}", 7 * round);
        while lines.next().expect("it goes on").expect("text") != wanted {}
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let shown =
            board.exec("d = open('data').read().split()\nprint(len(d), len(set(d)), int(d[0]))");
        let count = shown.trim().strip_prefix("2000 1 ").and_then(|n| n.parse::<u32>().ok());
        assert!(count.is_some_and(|n| n >= 7 * round), "{shown}");
    }
}

#[test]
fn file_systems_on_python_devices_end_with_their_vm() {
    let board = Board::new("slots");
    let program = "import vfs
class Ram:
    def __init__(self): self.data = bytearray(100 * 512)
    def readblocks(self, n, buf, at=0): buf[:] = self.data[n * 512 + at:n * 512 + at + len(buf)]
    def writeblocks(self, n, buf, at=0): self.data[n * 512 + at:n * 512 + at + len(buf)] = buf
    def ioctl(self, op, arg): return {4: 100, 5: 512}.get(op, 0)
for kind in (vfs.VfsFat, vfs.VfsLfs2):
    ram = Ram(); kind.mkfs(ram); vfs.mount(ram, '/' + kind.__name__)
    files = [open('/%s/%d' % (kind.__name__, i), 'w') for i in range(5)]
    files[0].write('lost or not'); names = vfs.mount()[1][0].ilistdir('/'); next(names)
print('round')
";
    let round = format!("{program}\x04\x04");
    let shown = board.run(&round.repeat(20));
    assert_eq!(shown.matches("OKround\n\x04\x04>").count(), 20, "{shown}");
    assert!(!shown.contains("Traceback"), "{shown}");
}
