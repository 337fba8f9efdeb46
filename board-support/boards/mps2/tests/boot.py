#!/usr/bin/env python3
"""Boots a firmware image under QEMU and checks that it lives, and that every way to die is reported.

Usage: boot.py BOARD ELF        for example: boot.py mps2-an500 target/firmware/mps2-an500.elf

Prints a line per test and, last, `N passed, N failed`; the exit code is 1 if one failed. Every wait is
for output or for QEMU's end, with a limit that only a hang reaches.
"""

import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60


class Board:
    """One run of the firmware; its console is the pipe's."""

    def __init__(self, board, elf, words=None, more=()):
        command = ["qemu-system-arm", "-M", board, "-kernel", elf]
        command += ["-nographic", "-monitor", "none", "-serial", "stdio", *more]
        if words is not None:
            arguments = "".join(f",arg={word}" for word in ["firmware"] + words)
            command += ["-semihosting-config", "enable=on,target=native" + arguments]
        self.qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.output = b""
        self.deadline = time.monotonic() + LIMIT_S

    def send(self, data):
        self.qemu.stdin.write(data)
        self.qemu.stdin.flush()

    def more(self):
        """Waits for more output; false at the end of it."""
        left = max(0, self.deadline - time.monotonic())
        if not select.select([self.qemu.stdout], [], [], left)[0]:
            raise AssertionError(f"nothing more came in {LIMIT_S} s; came: {self.output!r}")
        data = os.read(self.qemu.stdout.fileno(), 65536)
        self.output += data
        return bool(data)

    def expect(self, pattern):
        """Waits until the output matches; returns the match."""
        while not (match := re.search(pattern, self.output)):
            if not self.more():
                raise AssertionError(f"no {pattern!r} in {self.output!r}")
        return match

    def exit_code(self):
        while self.more():
            pass
        return self.qemu.wait(LIMIT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.qemu.kill()
        self.qemu.wait()


def dies(kind, code, *patterns):
    """A test: the self-test `kind` prints all of `patterns` and ends QEMU with `code`."""

    def test(board, elf):
        with Board(board, elf, ["exit", f"fault={kind}"]) as firmware:
            got = firmware.exit_code()
            for pattern in patterns:
                firmware.expect(pattern)
            assert got == code, f"exit code {got}, not {code}"

    return test


# The main thread computes, one thread sleeps, two wait for each other's lock; then the self-test is told to fail.
BUSY = b"""
import _thread, rtos, time
locks = [_thread.allocate_lock() for _ in range(2)]
met = rtos.Semaphore(0, 2)
def nap():
  time.sleep(1000)
def embrace(mine, other):
  with locks[mine]:
    met.release()
    while not locks[other].locked(): time.sleep_ms(1)
    locks[other].acquire()
def inner():
  while True: pass
def outer(end):
  end()
  inner()
_thread.start_new_thread(nap, ())
_thread.start_new_thread(embrace, (0, 1))
_thread.start_new_thread(embrace, (1, 0))
met.acquire()
met.acquire()
while rtos.tracebacks().count('waits for <lock') < 2: time.sleep_ms(1)
"""


def tells_where_threads_are(words, end, *patterns):
    """A test: with `words`, when `end` is called, the report has all of `patterns`, and the place of each thread."""

    def test(board, elf):
        with Board(board, elf, ["exit", *words]) as firmware:
            firmware.expect(rb">>> $")
            firmware.send(b"\x05" + BUSY + b"outer(" + end + b")\n\x04")
            for pattern in patterns:
                firmware.expect(pattern)
            firmware.expect(rb"Thread \d+ \(main\) .*\r\n +File .*, in inner\r\n +File .*, in outer\r\n")
            report = firmware.output[firmware.output.index(b"***") :]
            assert report.count(b", in nap") == 1, "the sleeper is missing"
            assert report.count(b", in embrace") == 2, "the deadlock is missing"

    return test


def in_python(kind, *patterns):
    """A test: the self-test `kind`, in a task of its own while Python runs, reports every thread too."""
    words = [f"fault={kind}", "late"]
    return tells_where_threads_are(words, b"lambda: rtos.Semaphore(0, name='fault')", *patterns)


WHERE = rb"pc [0-9a-f]{8} lr [0-9a-f]{8} sp 20[0-9a-f]{6}"


def stops_without_exit(board, elf):
    """Nobody asked for an exit: the report stays on the console and QEMU runs on, asleep."""
    with Board(board, elf, ["fault=panic"]) as firmware:
        firmware.expect(rb"\*\*\* panic in task python\r\nat .*: on purpose\r\n.*\r\n\*\*\* stopped\r\n")
        assert firmware.qemu.poll() is None, "QEMU has ended"


def talks(*exchanges, words=None):
    """A test: at the prompt, each text that is typed is answered as its pattern says."""

    def test(board, elf):
        with Board(board, elf, words) as firmware:
            firmware.expect(rb"MicroPython v[^\r]*; " + board.encode() + rb" with Cortex-M\d\r\n")
            firmware.expect(rb">>> $")
            for text, pattern in exchanges:
                firmware.output = b""
                firmware.send(text)
                firmware.expect(pattern)

    return test


def heap_too_small(board, elf):
    with Board(board, elf, ["heap=1000"]) as firmware:
        firmware.expect(rb"1000 bytes are too few for the interpreter\r\n")


def imports_a_file(board, elf):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/lib/package")
        for name, text in {
            "second.py": "import package.inner\nvalue = package.inner.value + 1\n",
            "lib/package/__init__.py": "",
            "lib/package/inner.py": "value = 41\n",
        }.items():
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        talks(
            (b"import second; second.value\r", rb"\r\n42\r\n>>> $"),
            (b"import third\r", rb"ImportError: no module named 'third'"),
            words=[f"files={folder}"],
        )(board, elf)


SERVER = b"""
import socket, _thread
def serve(c):
  while True:
    d = c.recv(1000)
    if not d: break
    c.sendall(d)
  c.close()
s = socket.socket()
s.bind(('', 7))
s.listen(4)
print('ready')
for i in range(5):
  _thread.start_new_thread(serve, (s.accept()[0],))
print('served')
"""


def serves_clients_of_the_host(board, elf):
    """Bytes go through a forwarded port, the Ethernet controller and lwIP to threads in Python, and back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nic = ["-nic", f"user,hostfwd=tcp:127.0.0.1:{port}-:7"]
    with Board(board, elf, more=nic) as firmware:
        firmware.expect(rb">>> $")
        firmware.send(b"\x05" + SERVER + b"\x04")
        firmware.expect(rb"\r\nready\r\n")
        clients = [socket.create_connection(("127.0.0.1", port), LIMIT_S) for _ in range(5)]
        sent = os.urandom(50000)
        for client in clients:
            for at in range(0, len(sent), 5000):
                client.sendall(sent[at : at + 5000])
                got = b""
                while len(got) < 5000:
                    data = client.recv(5000)
                    assert data, "the connection ended"
                    got += data
                assert got == sent[at : at + 5000], f"other bytes came back at {at}"
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b"", "more came back than was sent"
        firmware.expect(rb"served\r\n>>> $")


def serves_a_serial_port(board, elf):
    """UART1, whose other end QEMU connects to us."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(LIMIT_S)
        port = ["-serial", f"tcp:127.0.0.1:{listener.getsockname()[1]}"]
        with Board(board, elf, more=port) as firmware:
            line, _ = listener.accept()
            line.settimeout(LIMIT_S)
            firmware.expect(rb">>> $")
            firmware.send(b"from machine import UART; u = UART(1, 115200, timeout=60000)\r")
            firmware.send(b"u.write(b'ping')\r")
            got = b""
            while got != b"ping":
                data = line.recv(4 - len(got))
                assert data, f"the line ended after {got!r}"
                got += data
            line.sendall(bytes(range(200)))
            firmware.send(b"u.read(200) == bytes(range(200))\r")
            firmware.expect(rb"\r\nTrue\r\n>>> $")


TESTS = {
    "the prompt computes": talks((b"6 * 7\r", rb"\r\n42\r\n>>> $")),
    "an exception has a traceback": talks(
        (b"x\r", rb'\r\n  File "<stdin>", line 1, in <module>\r\nNameError: .*\r\n>>> $')
    ),
    "Ctrl-C ends a loop": talks(
        (b"while True: print('on')\r\r", rb"on\r\non\r\n"),
        (b"\x03", rb"KeyboardInterrupt:? ?\r\n>>> $"),
    ),
    "a soft reset forgets": talks(
        (b"x = 1\r", rb">>> $"),
        (b"\x04", rb"MPY: soft reboot\r\nMicroPython .*\r\n.*\r\n>>> $"),
        (b"x\r", rb"NameError"),
    ),
    "raw mode separates output and traceback": talks(
        (b"\x01", rb"raw REPL; CTRL-B to exit\r\n>$"),
        (b"print(1)\nx\n\x04", rb"^OK1\r\n\x04Traceback (.|\r\n)*NameError: .*\r\n\x04>$"),
    ),
    "the console loses nothing": talks(
        (b"\x01", rb">$"),
        (b"x = '%s'; print(len(x))\x04" % (b"0123456789" * 1500), rb"^OK15000\r\n\x04\x04>$"),
    ),
    "a second file is imported": imports_a_file,
    "a new flash has its files, and what is written runs after a soft reset": talks(
        (b"import second\r", rb"ImportError: no module named 'second'"),
        (b"import os; os.listdir()\r", rb"\['boot.py', 'cert', 'lib', 'main.py', 'sys'\]"),
        (b"with open('main.py', 'w') as f: f.write('print(6 * 7)')\r\r", rb"\r\n12\r\n>>> $"),
        (b"\x04", rb"MPY: soft reboot\r\n42\r\nMicroPython .*\r\n.*\r\n>>> $"),
    ),
    "a serial port talks": serves_a_serial_port,
    "the time of each task is counted": talks(
        (b"import rtos; {type(t[4]) for t in rtos.tasks()}\r", rb"\r\n\{<class 'float'>\}\r\n>>> $"),
        (b"50 < sum(t[4] for t in rtos.tasks()) <= 100\r", rb"\r\nTrue\r\n>>> $"),
    ),
    "clients of the host are served": serves_clients_of_the_host,
    "a heap that is too small is reported": heap_too_small,
    "a bad address is reported": dies(
        "bus", 102, rb"bus fault in task python", WHERE, rb"bfar 30000000: precise bus error"
    ),
    "an undefined instruction is reported": dies(
        "undefined", 102, rb"usage fault in task python", WHERE, rb": undefined instruction"
    ),
    "an interrupt without a handler is reported": dies("isr", 102, rb"unexpected interrupt 31"),
    "a stack overflow is reported": dies(
        "stack", 103, rb"stack overflow in task python", rb"called from [0-9a-f]{8}"
    ),
    "a failed kernel assert is reported": dies(
        "assert", 104, rb"kernel assert failed in task python\r\nat tasks\.c:\d+, pc [0-9a-f]{8}"
    ),
    "a panic is reported": dies(
        "panic", 101, rb"panic in task python\r\nat .*selftest\.rs:\d+: on purpose"
    ),
    "a bad address is reported with Python's threads": in_python("bus", rb"bus fault in task selftest"),
    "a stack overflow is reported with them": in_python("stack", rb"stack overflow in task selftest"),
    "a failed assert is reported with them": in_python("assert", rb"assert failed in task selftest"),
    "a panic is reported with them": in_python("panic", rb"panic in task selftest"),
    "the watchdog is reported with them, and resets": tells_where_threads_are(
        [], b"lambda: __import__('machine').WDT(timeout=1000)", rb"watchdog in task python"
    ),
    "a program can end QEMU with a code": dies("exit", 42),
    "a stop without a request to exit stays": stops_without_exit,
}


def run_tests(tests):
    """Runs all of `tests` on the board and the image of the command line; ends the process."""
    board, elf = sys.argv[1:]
    failed = 0
    for name, test in tests.items():
        try:
            test(board, elf)
            print(f"ok   {board}: {name}", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"FAIL {board}: {name}: {error}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    run_tests(TESTS)
