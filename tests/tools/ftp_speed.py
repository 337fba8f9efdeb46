"""How fast FTP moves a file of a MiB to and from the simulated board's flash, in memory; not a test.

    ftp_speed.py target/release/threadsnake
"""

import ftplib
import io
import os
import re
import subprocess
import sys
import time

BYTES = 1 << 20
ROUNDS = 3


def ports(board):
    """The ports of the host that lead to telnet, FTP and its two data ports."""
    found = {}
    while len(found) < 4:
        line = board.stderr.readline().decode()
        match = re.match(r"forwarding tcp 127\.0\.0\.1:(\d+) to (\d+)", line)
        if match:
            found[int(match[2])] = int(match[1])
    return found


def connect(port):
    """The network comes up while the board boots."""
    while True:
        try:
            ftp = ftplib.FTP()
            ftp.connect("127.0.0.1", port, timeout=10)
            ftp.login("micro", "python")
            return ftp
        except OSError:
            time.sleep(0.1)


def main(program):
    board = subprocess.Popen(
        [program, "--board"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        ftp = connect(ports(board)[21])
        contents = os.urandom(BYTES)
        for _ in range(ROUNDS):
            begin = time.monotonic()
            ftp.storbinary("STOR /flash/b", io.BytesIO(contents))
            stored = time.monotonic()
            back = io.BytesIO()
            ftp.retrbinary("RETR /flash/b", back.write)
            end = time.monotonic()
            assert back.getvalue() == contents
            ftp.delete("/flash/b")
            rate = [BYTES / 1e6 / seconds for seconds in (stored - begin, end - stored)]
            print("up {:.1f} MB/s, down {:.1f} MB/s".format(*rate))
    finally:
        board.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
