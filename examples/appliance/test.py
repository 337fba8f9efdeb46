"""The appliance under load: python3 test.py PROGRAM

Starts the firmware, brings Python's part to it by FTP, starts it from telnet, and then asks much of it: requests of many
clients, files up and down, a telnet session, all at once. No request may fail and no sample be lost, and
memory must be the same afterwards. Ends with a line `N passed, N failed`; needs libslirp0.
"""

import ftplib
import io
import json
import os
import pathlib
import queue
import re
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
KEYS = HERE.parent.parent / "tests" / "tls"
# Seconds: for one answer, and for everything before the board is ended.
LIMIT, ALL = 15, 60
CLIENTS, REQUESTS = 4, 25
FILE = bytes(range(256)) * 256
# What Python's heap may have less of after the last round: room for what the collector cannot tell from pointers.
SLACK = 2048

passed = failed = 0


def check(name, fine, why=""):
    global passed, failed
    if fine:
        passed += 1
    else:
        failed += 1
    print("pass" if fine else "FAIL", name, why, flush=True)


class Board:
    def __init__(self, program):
        ports = [x for port in (80, 443) for x in ("--forward", f"tcp:0:{port}")]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([program, "--board", *ports], stdin=pipe, stdout=pipe, stderr=pipe)
        self.watchdog = threading.Timer(ALL, self.process.kill)
        self.watchdog.start()
        self.ports = {}
        self.log = []
        self.rest = b""
        self.told = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        while not {21, 23, 80, 443} <= self.ports.keys():
            guest, host = self.told.get(timeout=LIMIT)
            self.ports[guest] = host
        self.shown(b">>> ")

    def listen(self):
        for line in self.process.stderr:
            line = line.decode()
            if found := re.match(r"forwarding tcp \S+:(\d+) to (\d+)", line):
                self.told.put((int(found[2]), int(found[1])))
            else:
                self.log.append(line)

    def shown(self, end):
        """Waits until the console shows `end`."""
        while end not in self.rest:
            if not select.select([self.process.stdout], [], [], LIMIT)[0]:
                raise TimeoutError(f"no {end} in {self.rest}")
            chunk = os.read(self.process.stdout.fileno(), 4096)
            if not chunk:
                raise EOFError(f"no {end} in {self.rest}")
            self.rest += chunk
        self.rest = self.rest.partition(end)[2]

    def connect(self, port):
        return socket.create_connection(("127.0.0.1", self.ports[port]), LIMIT)

    def ftp(self):
        ftp = ftplib.FTP()
        ftp.connect("127.0.0.1", self.ports[21], LIMIT)
        ftp.login("micro", "python")
        return ftp

    def telnet(self):
        stream = self.connect(23)
        for question, answer in ((b"Login as: ", b"micro\r"), (b"Password: ", b"python\r"), (b">>> ", b"")):
            until(stream, question)
            stream.sendall(answer)
        return stream

    def get(self, page, context=None):
        stream = self.connect(443 if context else 80)
        if context:
            stream = context.wrap_socket(stream, server_hostname="board.test")
        with stream:
            stream.sendall(f"GET {page} HTTP/1.0\r\nHost: board.test\r\n\r\n".encode())
            answer = b""
            while chunk := stream.recv(4096):
                answer += chunk
        head, _, text = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.0 200 OK\r\n"):
            raise ValueError(answer)
        return json.loads(text)


def until(stream, end):
    text = b""
    while not text.endswith(end):
        try:
            chunk = stream.recv(1)
        except TimeoutError:
            raise TimeoutError(f"no {end} in {text}") from None
        if not chunk:
            raise EOFError(f"no {end} in {text}")
        text += chunk
    return text.decode(errors="replace")


def typed(session, line):
    """What the prompt answers to a line."""
    session.sendall(line.encode() + b"\r")
    until(session, b"\r\n")
    return until(session, b">>> ")[:-4]


def install(board):
    # The network may come up after the prompt.
    end = time.monotonic() + LIMIT
    while True:
        try:
            ftp = board.ftp()
            break
        except (ConnectionError, EOFError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    for file in sorted((HERE / "board").iterdir()):
        with file.open("rb") as contents:
            ftp.storbinary(f"STOR /flash/{file.name}", contents)
    for ending in ("pem", "key"):
        with (KEYS / f"good.{ending}").open("rb") as contents:
            ftp.storbinary(f"STOR /flash/server.{ending}", contents)
    ftp.quit()
    board.telnet().sendall(b"\x04")
    board.shown(b"the appliance is up")
    board.shown(b">>> ")


def browse(board, context, done):
    for _ in range(REQUESTS):
        before = time.monotonic()
        status = board.get("/", context)
        done.append((time.monotonic() - before, status))


def files(board, done, name):
    ftp = board.ftp()
    ftp.storbinary(f"STOR /flash/{name}", io.BytesIO(FILE))
    back = io.BytesIO()
    ftp.retrbinary(f"RETR /flash/{name}", back.write)
    ftp.delete(f"/flash/{name}")
    ftp.quit()
    done.append(back.getvalue() == FILE)


def prompt(board, done, raw):
    with board.telnet() as session:
        typed(session, "import simboard")
        typed(session, f"x = simboard.bme280(*{raw})")
        done.append(typed(session, "x = status()") == "")


def load(board, context, raw):
    """One round of everything at once; the answers to the requests."""
    clear, secure, files_done, prompts, faults = [], [], [], [], []

    def run(work, *args):
        try:
            work(board, *args)
        except Exception as fault:
            faults.append(f"{work.__name__}: {fault!r}")

    works = [(browse, None, clear)] * CLIENTS + [(browse, context, secure)] * CLIENTS
    works += [(files, files_done, "a"), (files, files_done, "b"), (prompt, prompts, raw)]
    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, done in (("HTTP", clear), ("HTTPS", secure)):
        times = sorted(t for t, _ in done) or [0]
        why = f"{len(done)} requests by {CLIENTS} clients, half within {times[len(times) // 2] * 1e3:.0f} ms, "
        check(f"{name} answers every request", len(done) == CLIENTS * REQUESTS, why + f"all within {times[-1] * 1e3:.0f} ms")
    check("FTP brings and fetches files meanwhile", files_done == [True, True])
    check("a telnet session works meanwhile", prompts == [True])
    check("nobody met a fault", not faults, "; ".join(faults))


def stall(board):
    """Whether others are served while a client says nothing."""
    with board.connect(80) as silent:
        silent.settimeout(LIMIT)
        answers = [board.get("/") for _ in range(3)]
        # It is there still: nobody waited until its time was over.
        is_open = not select.select([silent], [], [], 0)[0]
        silent.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return len(answers) == 3 and is_open and silent.recv(12) == b"HTTP/1.0 200"


def misbehave(board):
    """Clients that go away, talk nonsense, or talk too much; the server may fail them, not the others."""
    nonsense = [b"", b"\xff\xfe \xff \x80\r\n\r\n", b"GET /\xff HTTP/1.0\r\n\r\n", b"x" * 5000]
    nonsense.append(b"GET / HTTP/1.0\r\n" + b"x: y\r\n" * 200)
    for port in (80, 443):
        for text in nonsense:
            with board.connect(port) as stream:
                stream.sendall(text)


def settled(board, context):
    """The status when the samplers have caught up with the clock, as they must."""
    end = time.monotonic() + LIMIT
    while True:
        status = board.get("/", context)
        if all(status["due"] - n <= 2 for n in status["taken"]) or time.monotonic() > end:
            return status


def main():
    context = ssl.create_default_context(cafile=KEYS / "authority.pem")
    board = Board(sys.argv[1])
    try:
        install(board)
        began = time.monotonic()
        memory = []
        # Twice; once more if memory became less, for the table of finalisers grows, in steps, to the most that it ever
        # needed: a leak comes again.
        for raw in (519888, 560000, 560000):
            load(board, context, (raw, 415148, 28000))
            memory.append(board.get("/memory"))
            if len(memory) > 1 and memory[-1]["free"] >= memory[-2]["free"] - SLACK:
                break
        before, after = memory[-2:]
        status = settled(board, None)
        print(f"{time.monotonic() - began:.1f} s;", status)
        late = [status["due"] - n for n in status["taken"]]
        check("no sample is lost", all(-1 <= n <= 2 for n in late), f"behind the clock: {late}")
        logged = [there - n for there, n in zip(status["logged"], status["taken"])]
        check("the log has every sample", status["missing"] == [0, 0] and all(-1 <= n <= 1 for n in logged), f"{logged}")
        check("the task in C writes its log", any("0 missing" in line for line in board.log))
        check("the fan follows the temperature", 37 < status["temperature"] < 39 and 56000 < status["fan"] < 63000)
        with board.telnet() as session:
            typed(session, "import simboard")
            wave = typed(session, 'simboard.pwm("GP9")')
            check("the pin has the wave", wave == f"(1000, {status['fan']}, False)\r\n", wave)
        check("the server met no fault", status["failed"] == 0)
        check("Python's memory is flat", after["free"] >= before["free"] - SLACK, [m["free"] for m in memory])
        check("the kernel's memory is flat", after["kernel"] >= before["kernel"], [m["kernel"] for m in memory])
        check("a silent client holds up nobody", stall(board))
        misbehave(board)
        check("bad clients hurt nobody", "fan" in board.get("/") and "fan" in board.get("/", context))
        with board.telnet() as session:
            session.sendall(b"\x04")
            until(session, b"the appliance is up\r\n")
            until(session, b">>> ")
            again = settled(board, context)
            fine = again["due"] < status["due"] and again["missing"] == [0, 0]
            check("after a soft reset from telnet all begins anew", fine, again)
    except Exception as fault:
        check("the appliance runs", False, repr(fault))
        print("".join(board.log))
    finally:
        board.watchdog.cancel()
        board.process.kill()
        board.process.wait()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
