"""A board on a pseudo-terminal, and the frame of the tests of tools for hosts: one line a test, counts at the end."""

import pathlib
import re
import subprocess
import sys
import tempfile
import threading


class Board:
    """Started by `command`, which prints the name of the pseudo-terminal that is its console."""

    def __init__(self, command, folder):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.console = None
        while self.console is None:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the board does not start")
            found = re.search(r"/dev/pts/\d+", line)
            self.console = found and found.group()
        # What it prints from now on is of no interest, but has to go somewhere.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} is not {wanted!r}")


def main(tests, drive):
    """TOOL COMMAND... on the command line. Starts the board, has `drive(tool, board)` make what the tests take, and
    exits; the last line is `N passed, N failed`."""
    tool, *command = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        board = Board(command, folder)
        try:
            driven = drive(tool, board)
            for one in tests:
                try:
                    one(driven)
                    print("pass", one.__name__, flush=True)
                except Exception as error:
                    failed += 1
                    print("FAIL", one.__name__, type(error).__name__, error, flush=True)
        finally:
            board.process.kill()
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(failed != 0)
