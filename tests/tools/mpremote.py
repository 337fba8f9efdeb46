"""mpremote against a board: what people do with it, byte-exact.

    mpremote.py MPREMOTE COMMAND...

COMMAND starts the board and prints the name of the pseudo-terminal that is its console. The raw prompt is also driven
by hand, as scripts with `pyboard.py` do. The last line is `N passed, N failed`.
"""

import functools
import hashlib
import http.server
import json
import os
import pty
import subprocess
import termios
import threading
import tty

from board import equal, main

LIMIT_S = 120
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Mpremote:
    def __init__(self, command, board):
        self.command, self.console, self.folder = command, board.console, board.folder

    def run(self, *arguments, ok=True, typed=None):
        """What mpremote prints."""
        command = [self.command, "connect", self.console, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, input=typed, capture_output=True, text=True, timeout=LIMIT_S
        )
        if (done.returncode == 0) != ok:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + ("" if ok else done.stderr)

    def file(self, name, contents):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
        return path


@test
def programs_run_and_their_errors_come_back(board):
    equal(board.run("exec", "print(6 * 7)"), "42\n")
    equal(board.run("eval", "(1, 'x')"), "(1, 'x')\n")
    board.file("program.py", b"print('from', __name__)\n")
    equal(board.run("run", "program.py"), "from __main__\n")
    text = board.run("exec", "1 / 0", ok=False)
    assert "ZeroDivisionError" in text, text


@test
def files_are_the_same_both_ways(board):
    contents = bytes(range(256)) * 30 + b"\r\n\x01\x04\x03"
    board.file("up.bin", contents)
    board.run("fs", "cp", "up.bin", ":a.bin")
    board.run("fs", "cp", ":a.bin", "down.bin")
    equal((board.folder / "down.bin").read_bytes(), contents)
    text = board.run("fs", "sha256sum", ":a.bin")
    assert hashlib.sha256(contents).hexdigest() in text, text
    assert "7685 a.bin" in board.run("fs", "ls"), board.run("fs", "ls")
    board.run("fs", "rm", ":a.bin")
    text = board.run("fs", "cat", ":a.bin", ok=False)
    assert "No such file" in text, text


@test
def folders_are_made_walked_and_removed(board):
    board.file("pack/__init__.py", b"from .inner import x\n")
    board.file("pack/inner.py", b"x = 'packed'\n")
    board.run("fs", "cp", "-r", "pack", ":")
    equal(board.run("exec", "import pack; print(pack.x)"), "packed\n")
    board.run("fs", "mkdir", ":pack/more")
    board.run("fs", "touch", ":pack/more/file")
    tree = board.run("fs", "tree", ":pack")
    assert "inner.py" in tree and "more" in tree, tree
    board.run("fs", "rmdir", ":pack/more", ok=False)
    board.run("fs", "rm", "-r", ":pack")
    assert "pack" not in board.run("fs", "ls")
    assert "flash" in board.run("df")


@test
def a_folder_of_the_host_can_be_mounted(board):
    board.file("host/mod.py", b"print('of the host')\n")
    text = board.run("mount", "host", "exec", "import mod, os; open('new', 'w').write('x'); print(os.listdir())")
    assert "of the host\n" in text and "mod.py" in text, text
    equal((board.folder / "host/new").read_bytes(), b"x")


@test
def packages_come_from_an_index(board):
    contents = b"x = 'installed'\n"
    short = hashlib.sha256(contents).hexdigest()[:8]
    board.file(f"index/file/{short[:2]}/{short}", contents)
    latest = {"v": 1, "version": "1.0", "hashes": [["installed.py", short]], "deps": [], "urls": []}
    board.file("index/package/py/installed/latest.json", json.dumps(latest).encode())
    handler = functools.partial(Quiet, directory=board.folder / "index")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index = f"http://127.0.0.1:{server.server_address[1]}"
        board.run("mip", "--index", index, "--no-mpy", "install", "installed")
        server.shutdown()
    equal(board.run("exec", "import installed; print(installed.x)"), "installed\n")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@test
def a_soft_reset_forgets_and_resume_does_not(board):
    board.run("exec", "x = 5")
    equal(board.run("resume", "exec", "print(x)"), "5\n")
    board.run("soft-reset")
    text = board.run("resume", "exec", "print(x)", ok=False)
    assert "NameError" in text, text


@test
def people_type_at_the_prompt(board):
    here, there = pty.openpty()
    command = [board.command, "connect", board.console, "repl"]
    shown = b""
    with subprocess.Popen(command, stdin=there, stdout=there, stderr=there, cwd=board.folder) as session:
        os.close(there)
        timer = threading.Timer(LIMIT_S, session.kill)
        timer.start()
        # What it shows of itself, then a program, then Ctrl-].
        for end, typed in [(b"Ctrl-x", b"\r"), (b">>> ", b"6 * 7\r"), (b"\r\n42\r\n>>> ", b"\x1d")]:
            while end not in shown:
                shown += os.read(here, 1024)
            shown = shown.partition(end)[2]
            os.write(here, typed)
        equal(session.wait(), 0)
        timer.cancel()
    os.close(here)


@test
def the_clock_and_several_verbs_in_a_row(board):
    text = board.run("exec", "x = 20", "sleep", "0.1", "eval", "x + 1")
    equal(text, "21\n")
    board.run("rtc", "--set")
    year = board.run("rtc")
    assert year.startswith("(20"), year


@test
def the_raw_prompt_answers_as_scripts_expect(board):
    line = os.open(board.console, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(line, termios.TCSANOW)

        def until(end):
            text = b""
            while not text.endswith(end):
                text += os.read(line, 1)
            return text

        os.write(line, b"\r\x03\x03\r\x01")
        until(b"raw REPL; CTRL-B to exit\r\n>")
        os.write(line, b"print('raw')\x04")
        equal(until(b">"), b"OKraw\r\n\x04\x04>")
        os.write(line, b"1/0\x04")
        text = until(b"\x04>")
        assert text.startswith(b"OK\x04Traceback") and b"ZeroDivisionError" in text, text
        os.write(line, b"\x05A\x01")
        equal(os.read(line, 1), b"R")
        equal(until(b"\x01")[:1], b"\x01")
        window = until(b"\x00") + os.read(line, 1)
        equal(window[1:], b"\x00\x01")
        os.write(line, b"print('pasted')\x04")
        equal(until(b"\x04>"), b"\x04pasted\r\n\x04\x04>")
        os.write(line, b"\x04")
        text = until(b"raw REPL; CTRL-B to exit\r\n>")
        assert text.startswith(b"OK\r\nMPY: soft reboot\r\n"), text
        os.write(line, b"\x02")
        until(b">>> ")
    finally:
        os.close(line)


if __name__ == "__main__":
    main(TESTS, Mpremote)
