#!/usr/bin/env python3
"""The boot manager under QEMU: which image it starts, given what is on flash.

Usage: bootmgr.py BOARD BOOT_ELF SLOT_IMAGE

Prints a line per test and, last, `N passed, N failed`; the exit code is 1 if one failed.
"""

import os
import struct
import subprocess
import sys
import tempfile
import zlib

from boot import Board

FLASH = {"mps2-an385": 0x21000000, "mps2-an500": 0x60000000}
BLOCK, IMAGE = 4096, 0x200000
FACTORY, FIRST, SECOND = range(3)
READY, CHECK = range(2)


def record(sequence, active, status, previous):
    words = struct.pack("<4s4I", b"TSBR", sequence, active, status, previous)
    return words + struct.pack("<I", zlib.crc32(words))


def damaged(image):
    return image[:5000] + bytes([image[5000] ^ 1]) + image[5001:]


class Flash:
    """A board whose flash begins with these records and images."""

    def __init__(self, board, elf, records=(), images=()):
        self.folder = tempfile.TemporaryDirectory()
        words = []
        parts = [(i * BLOCK, data) for i, data in records]
        parts += [(2 * BLOCK + i * IMAGE, data) for i, data in images]
        for number, (offset, data) in enumerate(parts):
            path = os.path.join(self.folder.name, str(number))
            with open(path, "wb") as file:
                file.write(data)
            words += ["-device", f"loader,file={path},addr={FLASH[board] + offset:#x},force-raw=on"]
        self.board = Board(board, elf, more=words)

    def __enter__(self):
        return self.board.__enter__()

    def __exit__(self, *error):
        self.board.__exit__(*error)
        self.folder.cleanup()


def boots(says, records=(), images=()):
    """A test: with these records and images (made of the sound one) the console says that, then runs Python."""

    def test(board, elf, image):
        made = [(place, make(image)) for place, make in images]
        with Flash(board, elf, records, made) as flash:
            flash.expect(b"^" + says + rb"\r\n")
            if b"no sound" not in says:
                flash.expect(rb">>> $")
                flash.output = b""
                flash.send(b"6 * 7, open('main.py').readline()[:9]\r")
                flash.expect(rb"\r\n\(42, '# main.py'\)\r\n>>> $")

    return test


# Where images run.
RUN = 0x10000
# A program that says "update runs" on the console and stays there: stack and first instruction, then
# r0 = UART; r1 = text; loop: r2 = *r1++; if r2 == 0: stay; until UART is free; UART = r2.
CODE = struct.pack("<2I", 0x20001000, RUN + 8 + 1) + struct.pack(
    "<12H", 0x4805, 0xA106, 0x780A, 0x3101, 0x2A00, 0xD004, 0x6843, 0x07DB, 0xD1FC, 0x6002, 0xE7F6, 0xE7FE
) + struct.pack("<I", 0x40004000) + b"update runs\r\n\0"
# What makes it longer than a few blocks of the chip, here and on the board.
PADDING = "bytes(i * 7 & 255 for i in range(9000))"


def updates(board, elf, image):
    """Updates that a program on the board writes are tried; bad ones give way to what was there before, for good."""
    program = CODE + eval(PADDING)
    head = b"TSIM" + struct.pack("<3I", len(program), RUN, zlib.crc32(program))
    with Flash(board, elf, images=[(FACTORY, image)]) as flash:

        def boots(what, shows):
            flash.expect(b"boot: " + what + rb"\r\n(?s:.*)" + shows)
            flash.output = b""

        def update(data):
            source = f"import machine; f = open('/flash/sys/mcuimg.bin', 'wb'); f.write({data}); f.close(); machine.reset()"
            flash.send(source.encode() + b"\r")

        boots(b"factory image", rb">>> $")
        for bad in [
            f"{head + CODE[:-3] + b'??'!r} + {PADDING}",
            f"{head + CODE!r}",
            f"{head[:-1] + b'?' + CODE!r} + {PADDING}",
            "b'no image'",
        ]:
            update(bad)
            boots(b"factory image", rb">>> $")
        flash.send(b"import os; os.listdir('sys')\r")
        flash.expect(rb"\r\n\[\]\r\n>>> $")
        flash.output = b""
        update(f"{head + CODE!r} + {PADDING}")
        boots(b"first update", b"update runs\r\n")


def sound(image):
    return image


UPDATE = [(1, record(1, FIRST, CHECK, FACTORY))]
TESTS = {
    "without a record the factory image runs": boots(
        b"boot: factory image", images=[(FACTORY, sound)]
    ),
    "a sound update runs": boots(
        b"boot: first update", UPDATE, [(FACTORY, sound), (FIRST, sound)]
    ),
    "a damaged update gives way to the image before it": boots(
        b"boot: factory image", UPDATE, [(FACTORY, sound), (FIRST, damaged)]
    ),
    "a torn record does not count": boots(
        b"boot: factory image",
        [(0, record(2, SECOND, READY, FACTORY)[:-1] + b"?"), (1, record(1, FACTORY, READY, FACTORY))],
        [(FACTORY, sound)],
    ),
    "updates are written on the board and tried": updates,
    "nothing runs that is not sound": boots(b"boot: no sound image", images=[(FACTORY, damaged)]),
}


def main():
    board, elf, path = sys.argv[1:]
    with open(path, "rb") as file:
        image = file.read()
    failed = 0
    for name, test in TESTS.items():
        try:
            test(board, elf, image)
            print(f"ok   {board}: {name}", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"FAIL {board}: {name}: {error}", flush=True)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
