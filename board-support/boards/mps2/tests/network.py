#!/usr/bin/env python3
"""The servers and TLS of a board under QEMU, with the programs that people use at the other end.

Usage: network.py BOARD ELF        for example: network.py mps2-an500 target/firmware/mps2-an500.elf

QEMU forwards ports of the host's loopback to telnet, FTP and its data ports. Prints a line per test and, last, `N passed,
N failed`; the exit code is 1 if one failed. Every wait is for output or an answer, with a limit that only a hang reaches.
"""

import ftplib
import io
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile

from boot import LIMIT_S, Board, run_tests

TELNET, FTP, DATA, TLS = 23, 21, (2024, 2025), 4443
TESTS_DIR = pathlib.Path(__file__).resolve().parents[4] / "tests"
ENTROPY = "entropy=/dev/urandom"
# A clock for what a certificate's dates are compared with.
CLOCK = b"import machine; rtc = machine.RTC(datetime=(2026, 11, 21, 12, 0, 0))\r"


def free_ports(n):
    """Ports of the loopback that nobody has; held until all are chosen, so that they differ."""
    held = [socket.socket() for _ in range(n)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Networked(Board):
    """A board at its prompt whose servers are reached through `ports`, by the board's own numbers."""

    MORE = []

    def __init__(self, board, elf, words=()):
        guests = [TELNET, FTP, *DATA, TLS]
        self.ports = dict(zip(guests, free_ports(len(guests))))
        forwards = [f"hostfwd=tcp:127.0.0.1:{host}-:{guest}" for guest, host in self.ports.items()]
        words = [f"forward={guest}:{self.ports[guest]}" for guest in DATA] + list(words)
        super().__init__(board, elf, words, [*self.MORE, "-nic", ",".join(["user", *forwards])])
        self.expect(rb">>> $")

    def connect(self, port):
        """A connection to a server, which may come up after the prompt."""
        while True:
            try:
                stream = socket.create_connection(("127.0.0.1", self.ports[port]), LIMIT_S)
                if stream.recv(1, socket.MSG_PEEK):
                    return stream
            except ConnectionResetError:
                assert self.qemu.poll() is None, "QEMU has ended"

    def telnet(self):
        """A telnet session at the prompt."""
        session = Session(self.connect(TELNET))
        session.until(b"Login as: ")
        session.send(b"micro\r\n")
        session.until(b"Password: ")
        session.send(b"python\r\n")
        session.until(b'Login succeeded!\r\nType "help()" for more information.\r\n')
        session.until(b">>> ")
        return session

    def ftp(self):
        self.connect(FTP).close()
        ftp = ftplib.FTP()
        ftp.connect("127.0.0.1", self.ports[FTP], timeout=LIMIT_S)
        ftp.login("micro", "python")
        return ftp

    def url(self, path):
        return f"ftp://micro:python@127.0.0.1:{self.ports[FTP]}/flash/{path}"


class Session:
    """Bytes both ways, over a socket or the pipes of a program."""

    def __init__(self, stream):
        self.stream = stream

    def send(self, data):
        self.stream.sendall(data)

    def until(self, end):
        """What comes up to and with `end`."""
        got = b""
        while not got.endswith(end):
            data = self.stream.recv(1)
            assert data, f"the end came before {end!r}: {got!r}"
            got += data
        return got


class Program(Session):
    """A program of the host at a terminal."""

    def __init__(self, *command):
        main, other = os.openpty()
        self.process = subprocess.Popen(command, stdin=other, stdout=other, stderr=subprocess.STDOUT)
        os.close(other)
        self.main = main

    def send(self, data):
        os.write(self.main, data)

    def until(self, end):
        got = b""
        while not got.endswith(end):
            ready = select.select([self.main], [], [], LIMIT_S)[0]
            assert ready, f"no {end!r} in {LIMIT_S} s; came: {got!r}"
            got += os.read(self.main, 1)
        return got

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.main)


def equal(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def host(*command, folder):
    """What a program of the host prints, which must succeed."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S)
    assert done.returncode == 0, f"{command}: {done.stdout!r} {done.stderr!r}"
    return done.stdout.decode()


def telnet_is_a_console(board, elf):
    """Debian's telnet: login, the prompt, Ctrl-C; what is typed at one console shows at the other."""
    with Networked(board, elf) as firmware:
        firmware.connect(TELNET).close()
        with Program("telnet", "127.0.0.1", str(firmware.ports[TELNET])) as client:
            for question, answer in (
                (b"Login as: ", b"micro\r"),
                (b"Password: ", b"wrong\r"),
                (b"Invalid credentials, try again.\r\n", b""),
                (b"Login as: ", b"micro\r"),
                (b"Password: ", b"python\r"),
                (b'Type "help()" for more information.\r\n', b""),
                (b">>> ", "print('é')\r".encode()),
                ("\r\né\r\n>>> ".encode(), b"x = input('? ')\r"),
                (b"\r\n? ", b"text\r"),
                (b">>> ", b"x\r"),
                (b"'text'\r\n>>> ", b"exec('print(\"begun\")\\nwhile True: pass')\r"),
                (b"\r\nbegun\r\n", b"\x03"),
                (b"KeyboardInterrupt: \r\n>>> ", b""),
            ):
                client.until(question)
                client.send(answer)
            firmware.send(b"'from the UART'\r")
            client.until(b"from the UART'\r\n>>> ")


def sessions_stay_over_a_soft_reset(board, elf):
    """FTP brings a main.py; Ctrl-D at one session runs it, and all of them see it; so they do its end."""
    with Networked(board, elf) as firmware, tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "main.py").write_text("print('main runs')\nwhile True: pass\n")
        firmware.connect(FTP).close()
        host("curl", "-sS", "-m", "60", "-T", "main.py", firmware.url(""), folder=folder)
        first, second = firmware.telnet(), firmware.telnet()
        first.send(b"\x04")
        for session in first, second:
            session.until(b"MPY: soft reboot\r\nmain runs\r\n")
        # Telnet's own interrupt: IAC IP.
        second.send(b"\xff\xf4")
        for session in first, second:
            session.until(b"KeyboardInterrupt: \r\n")
            session.until(b">>> ")
        first.send(b"import machine; machine.reset_cause() == machine.SOFT_RESET\r")
        second.until(b"True\r\n>>> ")


def the_raw_prompt_works_over_telnet(board, elf):
    """As scripts with pyboard.py drive it."""
    with Networked(board, elf) as firmware:
        session = firmware.telnet()
        session.send(b"\r\x03\x03\r\x01")
        session.until(b"raw REPL; CTRL-B to exit\r\n>")
        session.send(b"print(6 * 7)\x04")
        equal(session.until(b">"), b"OK42\r\n\x04\x04>")
        session.send(b"1/0\x04")
        text = session.until(b"\x04>")
        assert text.startswith(b"OK\x04Traceback") and b"ZeroDivisionError" in text, text
        session.send(b"x = '%s'; print(len(x))\x04" % (b"0123456789" * 1500))
        equal(session.until(b"\x04>"), b"OK15000\r\n\x04\x04>")
        session.send(b"\x05A\x01")
        equal(session.until(b"\x01")[:1], b"R")
        equal(session.until(b"\x01")[-2:], b"\x00\x01")
        session.send(b"print('pasted')\x04")
        equal(session.until(b"\x04>"), b"\x04pasted\r\n\x04\x04>")
        session.send(b"\x04")
        session.until(b"MPY: soft reboot\r\n")
        session.until(b"raw REPL; CTRL-B to exit\r\n>")
        session.send(b"\x02")
        session.until(b">>> ")


def files_come_and_go(board, elf):
    """curl, lftp, ftp and ftplib: up, down, list, rename, delete, byte for byte."""
    with Networked(board, elf) as firmware, tempfile.TemporaryDirectory() as folder:
        firmware.connect(FTP).close()
        contents = os.urandom(1 << 20)
        path, port = pathlib.Path(folder), firmware.ports[FTP]
        (path / "up").write_bytes(contents)
        host("curl", "-sS", "-m", "60", "-T", "up", firmware.url("a%20file"), folder=folder)
        host("curl", "-sS", "-m", "60", "-o", "down", firmware.url("a%20file"), folder=folder)
        assert (path / "down").read_bytes() == contents, "curl: other bytes came back"
        shown = host("curl", "-sS", "-m", "60", firmware.url(""), folder=folder)
        assert " 1048576 " in shown and " a file" in shown, shown

        (path / "x.py").write_text("print('x')\n")
        script = (
            "set net:timeout 20; set net:max-retries 2; set cmd:fail-exit yes; open -u micro,python -p "
            f"{port} 127.0.0.1; cd /flash; rm 'a file'; put x.py; mkdir d; mv x.py d/y.py; cls d; "
            "get d/y.py -o y.py; rm d/y.py; rmdir d; cls; bye"
        )
        shown = host("lftp", "-c", script, folder=folder)
        assert "y.py" in shown and "boot.py" in shown and "a file" not in shown, shown
        equal((path / "y.py").read_text(), "print('x')\n")

        script = (
            f"open 127.0.0.1 {port}\nuser micro python\nbinary\ncd /flash\nput x.py\n"
            "rename x.py z.py\nsize z.py\nget z.py\ndelete z.py\nquit\n"
        )
        (path / "script").write_text(script)
        shown = host("sh", "-c", "ftp -n -v -p < script", folder=folder)
        assert "z.py\t11" in shown and "221 " in shown, shown
        equal((path / "z.py").read_text(), "print('x')\n")

        one, other = firmware.ftp(), firmware.ftp()
        one.cwd("/flash/lib")
        one.storbinary("STOR a", io.BytesIO(contents))
        back = io.BytesIO()
        other.retrbinary("RETR /flash/lib/a", back.write)
        assert back.getvalue() == contents, "ftplib: other bytes came back"
        equal([name for name, _ in one.mlsd()], ["a"])
        one.rename("a", "b")
        equal((one.size("b"), other.nlst("/flash/lib")), (len(contents), ["b"]))
        one.delete("b")
        one.quit()
        other.quit()


def bad_clients_hurt_nobody(board, elf):
    """Unknown commands, tricks with paths, wrong credentials, a full flash, a connection that breaks off."""
    with Networked(board, elf) as firmware:
        ftp = firmware.ftp()
        for command, reply in (
            ("NONSENSE", "502 "),
            ("CWD " + "x" * 10000, "500 "),
            ("CWD ../../../../etc", "550 "),
            ("DELE /flash", "550 "),
            ("SIZE /flash/none", "550 "),
            ("USER micro", "331 "),
            ("PASS wrong", "530 "),
        ):
            try:
                shown = ftp.sendcmd(command)
            except ftplib.Error as error:
                shown = str(error)
            assert shown.startswith(reply), f"{command}: {shown}"
        ftp.close()
        ftp = firmware.ftp()
        try:
            ftp.storbinary("STOR /flash/big", io.BytesIO(bytes(3 << 20)))
            raise AssertionError("3 MiB found room in 2")
        except (ftplib.Error, OSError) as error:
            # The server ends the data connection and says why.
            shown = str(error) if isinstance(error, ftplib.Error) else ftp.getresp_error()
        assert "452" in shown, shown
        ftp.delete("/flash/big")
        ftp.sock.close()
        equal(firmware.ftp().nlst("/flash"), ["boot.py", "cert", "lib", "main.py", "sys"])


def a_hard_reset_begins_anew(board, elf):
    """The flash outlives it, and the cause, which `main.py` prints."""
    with Networked(board, elf) as firmware:
        session = firmware.telnet()
        main = b"import machine; print(machine.reset_cause())"
        firmware.ftp().storbinary("STOR /flash/main.py", io.BytesIO(main))
        firmware.output = b""
        session.send(b"import machine; machine.reset()\r")
        firmware.expect(rb"\n1\r\nMicroPython [^\r]*\r\n[^\r]*\r\n>>> $")
        session = firmware.telnet()
        firmware.output = b""
        session.send(b"machine.WDT(timeout=1000)\r")
        firmware.expect(rb"2\r\nMicroPython [^\r]*\r\n[^\r]*\r\n>>> $")


def a_safe_boot_runs_no_program(board, elf):
    with Networked(board, elf, ["safe"]) as firmware:
        ftp = firmware.ftp()
        ftp.storbinary("STOR /flash/main.py", io.BytesIO(b"print('main runs')"))
        firmware.output = b""
        firmware.send(b"\x04")
        shown = firmware.expect(rb"MPY: soft reboot\r\n(.|\r|\n)*>>> $").group()
        assert b"main runs" not in shown, shown


def the_servers_are_set_up_from_python(board, elf):
    with Networked(board, elf) as firmware:
        for line, shown in (
            (b"import network; s = network.Server(login=('user', 'secret'), timeout=60)", rb"\r\n>>> $"),
            (b"s.isrunning(), s.timeout()", rb"\(True, 60\)\r\n>>> $"),
            (b"s.timeout(4)", rb"ValueError: invalid argument\(s\) value\r\n>>> $"),
        ):
            firmware.output = b""
            firmware.send(line + b"\r")
            firmware.expect(shown)
        ftp = ftplib.FTP()
        ftp.connect("127.0.0.1", firmware.ports[FTP], timeout=LIMIT_S)
        ftp.login("user", "secret")
        firmware.output = b""
        firmware.send(b"s.deinit(); s.isrunning()\r")
        firmware.expect(rb"False\r\n>>> $")
        equal(ftp.sock.recv(1), b"")


def tls_is_as_on_the_simulator(board, elf):
    """The program of the language tests, with the same output: versions, keys, bad certificates, threads."""
    program = (TESTS_DIR / "language/net_ssl.py").read_bytes().replace(b"../tls/", b"")
    expected = (TESTS_DIR / "language/net_ssl.exp").read_bytes()
    with Board(board, elf, [ENTROPY, "heap=1000000", f"files={TESTS_DIR}/tls"]) as firmware:
        firmware.expect(rb">>> $")
        firmware.send(CLOCK)
        firmware.expect(rb"0\)\)\r\n>>> $")
        firmware.output = b""
        firmware.send(b"\x01" + program + b"\x04")
        firmware.expect(rb"\x04\x04>$")
        shown = firmware.output[firmware.output.index(b">OK") + 3 : -3].replace(b"\r\n", b"\n")
        for wanted, came in zip(expected.splitlines(), shown.splitlines()):
            equal(came, wanted)
        equal(len(shown), len(expected))


TLS_SERVER = b"""
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('good.pem', 'good.key')
s = socket.socket()
s.bind(('', 4443))
s.listen(1)
print('ready')
for version in range(2):
  t = context.wrap_socket(s.accept()[0], server_side=True)
  t.write(t.readline().upper())
  t.close()
"""


TLS_CLIENT = b"""
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.verify_mode = ssl.CERT_REQUIRED
context.load_verify_locations('authority.pem')
s = socket.socket()
s.connect(('10.0.2.2', %d))
t = context.wrap_socket(s, server_hostname='board.test')
t.write(b'hello\\n')
print(t.readline())
t.close()
"""


def openssl_talks_with_the_board(board, elf):
    """Its client with a server in Python, then a client in Python with its server."""
    with Networked(board, elf, [ENTROPY, f"files={TESTS_DIR}/tls"]) as firmware:
        firmware.send(CLOCK + b"\x05" + TLS_SERVER + b"\x04")
        firmware.expect(rb"\r\nready\r\n")
        for version in "-tls1_2", "-tls1_3":
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{firmware.ports[TLS]}"]
            command += [version, "-quiet", "-verify_return_error", "-verify_hostname", "board.test"]
            command += ["-CAfile", "authority.pem"]
            done = subprocess.run(
                command, cwd=TESTS_DIR / "tls", input=b"hello\n", capture_output=True, timeout=LIMIT_S
            )
            assert done.stdout == b"HELLO\n", f"{version}: {done}"
        for name, shown in (
            ("good", rb"olleh\\n"),
            ("expired", rb"ValueError: \r\nThe certificate validity has expired"),
            ("unknown", rb"ValueError: \r\nThe certificate is not correctly signed by the trusted CA"),
        ):
            server = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev"]
            server += ["-cert", f"{name}.pem", "-key", f"{name}.key"]
            process = subprocess.Popen(
                server, cwd=TESTS_DIR / "tls", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            try:
                while not (line := process.stdout.readline()).startswith(b"ACCEPT "):
                    assert line, "s_server has ended"
                firmware.output = b""
                firmware.send(b"\x03\x05" + TLS_CLIENT % int(line.rsplit(b":", 1)[1]) + b"\x04")
                firmware.expect(shown)
            finally:
                process.kill()
                process.wait()


def without_entropy_there_is_no_tls(board, elf):
    """And nothing else that needs it: the emulated boards have no source."""
    with Board(board, elf) as firmware:
        firmware.expect(rb">>> $")
        for line in b"import ssl; ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)", b"import os; os.urandom(1)":
            firmware.output = b""
            firmware.send(line + b"\r")
            firmware.expect(rb"OSError: \[Errno 19\] ENODEV\r\n>>> $")


TESTS = {
    "telnet is a console": telnet_is_a_console,
    "sessions stay over a soft reset": sessions_stay_over_a_soft_reset,
    "the raw prompt works over telnet": the_raw_prompt_works_over_telnet,
    "files come and go by FTP": files_come_and_go,
    "bad clients hurt nobody": bad_clients_hurt_nobody,
    "a hard reset begins anew": a_hard_reset_begins_anew,
    "a safe boot runs no program": a_safe_boot_runs_no_program,
    "the servers are set up from Python": the_servers_are_set_up_from_python,
    "TLS is as on the simulator": tls_is_as_on_the_simulator,
    "openssl talks with the board": openssl_talks_with_the_board,
    "without entropy there is no TLS": without_entropy_there_is_no_tls,
}

if __name__ == "__main__":
    run_tests(TESTS)
