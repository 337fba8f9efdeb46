#!/usr/bin/env python3
"""Figures of a board under QEMU: start-up, memory, sockets, TLS, FTP; not a test. `cargo xtask bench board` calls it.

Usage: figures.py BOARD ELF BENCH_ELF PEER_ELF

ELF is the firmware, BENCH_ELF the same with the feature `bench`, PEER_ELF another interpreter's. With `-icount shift=0` every
instruction takes a virtual nanosecond, so that a microsecond of the board's clock is a thousand instructions; a processor
of 25 MHz that takes a cycle for each would need 40 µs for them.
"""

import ftplib
import io
import os
import re
import ssl
import socket
import subprocess
import sys
import time

import boot
from network import CLOCK, ENTROPY, TESTS_DIR, TLS, TLS_SERVER, Networked, free_ports

boot.LIMIT_S = 600
COUNTED = ["-icount", "shift=0"]
ALL = "heap=99999999"
# A counter of 25 MHz that runs from reset (FPGAIO, COUNTER): 40 virtual nanoseconds a count.
COUNTER, COUNT_NS = 0x40028018, 40


def ask(firmware, line):
    """The last line that the prompt prints after `line`."""
    firmware.output = b""
    firmware.send(line + b"\r")
    return firmware.expect(rb"(?:^|\n)([^\n]*)\r\n>>> $").group(1).decode()


class Debugger:
    """QEMU's debugger protocol, as much of it as it takes to stop at one place."""

    def __init__(self, port):
        self.stream = socket.create_connection(("127.0.0.1", port))

    def ask(self, packet):
        data = packet.encode()
        self.stream.sendall(b"$%s#%02x" % (data, sum(data) % 256))
        answer = b""
        while not re.search(rb"\$([^#]*)#..$", answer):
            answer += self.stream.recv(1)
        self.stream.sendall(b"+")
        return re.search(rb"\$([^#]*)#..$", answer).group(1).decode()


def waits_for_input(elf):
    """Where an image first asks for what is typed, behind its prompt: a function of MicroPython's, a variable of ours."""
    names = subprocess.run(["arm-none-eabi-nm", "-C", elf], capture_output=True, text=True, check=True).stdout
    function = re.search(r"^(\w+) T mp_hal_stdin_rx_chr$", names, re.M)
    if function:
        return f"Z1,{int(function[1], 16) & ~1:x},2"
    return "Z3," + re.search(r"^(\w+) b threadsnake_mps2::uart::HEAD$", names, re.M)[1] + ",4"


def start_up(board, elf, nic):
    """Instructions from reset until the prompt waits."""
    (port,) = free_ports(1)
    more = [*COUNTED, "-nic", nic, "-gdb", f"tcp:127.0.0.1:{port}", "-S"]
    with boot.Board(board, elf, [], more) as firmware:
        while True:
            try:
                debugger = Debugger(port)
                break
            except ConnectionRefusedError:
                assert firmware.qemu.poll() is None, "QEMU has ended"
        assert debugger.ask(waits_for_input(elf)) == "OK"
        debugger.ask("c")
        counts = bytes.fromhex(debugger.ask(f"m{COUNTER:x},4"))
    return int.from_bytes(counts, "little") * COUNT_NS


def start_ups(board, elf, peer):
    print("| start-up to the prompt | instructions | µs at 25 MHz |\n|--|--:|--:|")
    for name, file, nic in (
        ("MicroPython", peer, "none"),
        ("Threadsnake, a new flash, no cable", elf, "none"),
        ("Threadsnake, a new flash, a network that answers", elf, "user"),
    ):
        # The host's time leaks into the emulator's while the debugger has it: the least of some.
        n = min(start_up(board, file, nic) for _ in range(5))
        print(f"| {name} | {n} | {n * 40 // 1000} |", flush=True)


def memory(board, elf):
    sizes = subprocess.run(["arm-none-eabi-size", "-A", "-d", elf], capture_output=True, text=True, check=True).stdout
    variables = sum(int(re.search(rf"^\.{name}\s+(\d+)", sizes, re.M)[1]) for name in ("stack", "data", "bss"))
    free = b"import gc; gc.collect(); gc.mem_free()"
    with Networked(board, elf, [ENTROPY, ALL, f"files={TESTS_DIR}/tls"]) as firmware:
        heap = int(ask(firmware, b"import gc; gc.collect(); gc.mem_free() + gc.mem_alloc()"))
        before = int(ask(firmware, free))
        telnet, ftp = firmware.telnet(), firmware.ftp()
        ask(firmware, CLOCK[:-1])
        firmware.send(b"\x05import _thread\r\ndef serve():\n" + b"".join(
            b"  " + line + b"\n" for line in TLS_SERVER.strip().splitlines()
        ) + b"_thread.start_new_thread(serve, ())\n\x04")
        firmware.expect(rb"ready\r\n")
        context = ssl.create_default_context(cafile=TESTS_DIR / "tls/authority.pem")
        raw = socket.create_connection(("127.0.0.1", firmware.ports[TLS]))
        with context.wrap_socket(raw, server_hostname="board.test"):
            during = int(ask(firmware, free))
            kernel = ask(firmware, b"import rtos; rtos.heap()")
        ftp.close()
        telnet.stream.close()
    print("\n| memory | bytes |\n|--|--:|")
    for name, n in (
        ("SRAM of the board", 4 << 20),
        ("variables: the kernel's heap, lwIP's memory, the interrupts' stack", variables),
        ("tasks of Python, servers, flash and TLS, their arenas, 16 threads", (4 << 20) - variables - heap),
        ("left for Python", heap),
        ("free at the prompt", before),
        ("free with a telnet, an FTP and a TLS session, the latter in a thread", during),
    ):
        print(f"| {name} | {n} |")
    print(f"\nFree in the kernel's heap meanwhile, and at least: {kernel}.", flush=True)


def sockets(board, bench):
    server = b"""
import socket
s = socket.socket()
s.bind(('127.0.0.1', 6002))
s.listen(2)
buf = bytearray(4096)
view = memoryview(buf)
for i in range(2):
  c, a = s.accept()
  while True:
    n = c.recv_into(buf)
    if not n: break
    c.sendall(view[:n])
  c.close()
"""
    print("\n| echo server, native client, loopback | instructions a byte, there and back | there and back of 32 bytes |\n|--|--:|--:|")
    with boot.Board(board, bench, ["sockets"], [*COUNTED, "-nic", "none"]) as firmware:
        firmware.expect(rb">>> ")
        firmware.send(b"\x05" + server + b"\x04")
        for name in "C", "Python":
            rate, ns = map(int, firmware.expect(rb"sockets %s (\d+) (\d+)\r\n" % name.encode()).groups())
            print(f"| {name} | {1e9 / rate:.1f} | {ns} |", flush=True)


def tls(board, elf):
    program = (TESTS_DIR.parent / "docs/benchmarks/tls.py").read_bytes()
    print("\n| TLS handshake, both sides together | instructions | ms at 25 MHz |\n|--|--:|--:|")
    words = [ENTROPY, f"files={TESTS_DIR}/tls"]
    with boot.Board(board, elf, words, [*COUNTED, "-nic", "none"]) as firmware:
        firmware.expect(rb">>> $")
        firmware.send(CLOCK + b"\x01" + program + b"\x04")
        shown = firmware.expect(rb"raw REPL; CTRL-B to exit\r\n>OK((?:.|\r|\n)*)\x04\x04>$").group(1).decode()
    for name, us in re.findall(r"(.*): (\d+) us", shown):
        print(f"| {name} | {int(us) * 1000} | {int(us) * 40 // 1000} |", flush=True)


def busy_us(firmware):
    line = b"import rtos, time; [t[4] for t in rtos.tasks() if t[0] == 'IDLE'][0], time.ticks_us()"
    idle, now = eval(ask(firmware, line))
    return now * (1 - idle / 100)


def ftp(board, elf):
    size, rounds = 1 << 20, 3
    contents = os.urandom(size)
    print("\n| FTP, a file of 1 MiB | MB/s on this host | instructions a byte |\n|--|--|--:|")
    spent = {"up": [], "down": []}
    with Networked(board, elf) as firmware:
        client = firmware.ftp()
        for _ in range(rounds):
            begin = time.monotonic()
            client.storbinary("STOR /flash/b", io.BytesIO(contents))
            stored = time.monotonic()
            client.retrbinary("RETR /flash/b", lambda _: None)
            spent["up"].append(stored - begin)
            spent["down"].append(time.monotonic() - stored)
            client.delete("/flash/b")

    class Counted(Networked):
        MORE = COUNTED

    cost = {}
    with Counted(board, elf) as firmware:
        client = firmware.ftp()
        for name in "up", "down":
            before = busy_us(firmware)
            if name == "up":
                client.storbinary("STOR /flash/b", io.BytesIO(contents))
            else:
                back = io.BytesIO()
                client.retrbinary("RETR /flash/b", back.write)
                assert back.getvalue() == contents
            cost[name] = (busy_us(firmware) - before) * 1000 / size
    for name in spent:
        rates = ", ".join(f"{size / 1e6 / seconds:.1f}" for seconds in spent[name])
        print(f"| {name} | {rates} | {cost[name]:.0f} |", flush=True)


def main(board, elf, bench, peer):
    start_ups(board, elf, peer)
    memory(board, elf)
    sockets(board, bench)
    tls(board, elf)
    ftp(board, elf)


if __name__ == "__main__":
    main(*sys.argv[1:])
