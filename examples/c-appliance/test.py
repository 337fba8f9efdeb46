#!/usr/bin/env python3
"""Builds this example with CMake alone, runs it, and uses it as an engineer would: FTP, telnet, a socket.

    test.py BUILD_DIR host|mps2-an385|mps2-an500

The last line is `N passed, N failed`.
"""

import ftplib
import io
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HEADERS = [
    "rtos-glue/include/threadsnake.h",
    "rtos-glue/include/threadsnake_storage.h",
    "rtos-glue/include/threadsnake_net.h",
    "rtos-glue/include/threadsnake_servers.h",
]
USER, PASSWORD = "engineer", "volt-ampere"
GUEST_PORTS = [21, 23, 2024, 2025, 8080]
# The emulated boards are slow on a busy machine.
PATIENCE_S = 60


class Failure(Exception):
    """Something is not as it is to be."""


def require(condition, text):
    if not condition:
        raise Failure(text)


def run(*command, **options):
    """Runs a command; its output. Raises Failure with it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Failure("%s:\n%s" % (" ".join(command[:4]), "\n".join(done.stdout.splitlines()[-30:])))
    return done.stdout


def lwip_dir():
    """The folder of the package with lwIP's sources."""
    manifest = os.path.join(ROOT, "components/deps/Cargo.toml")
    words = run("cargo", "metadata", "--locked", "--quiet", "--format-version", "1", "--manifest-path", manifest)
    return re.search(r'"manifest_path":"([^"]*/lwip(-[0-9][^"/]*)?)/Cargo.toml"', words).group(1)


class Passive(ftplib.FTP):
    """A client that goes through the forwarded ports, whatever it is told."""

    def __init__(self, ports):
        super().__init__(timeout=PATIENCE_S)
        self.ports = ports
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.connect("127.0.0.1", ports[21])
                return
            except EOFError:  # The router is there, the server not yet.
                if time.monotonic() > deadline:
                    raise

    def makepasv(self):
        return "127.0.0.1", self.ports[super().makepasv()[1]]


class Telnet:
    """A connection that knows what it has read."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.text = b""

    def until(self, wanted):
        """Reads until that has come; what came, with it."""
        deadline = time.monotonic() + PATIENCE_S
        while wanted not in self.text:
            if not select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure("telnet: awaited %r, got %r" % (wanted, self.text))
            data = self.socket.recv(4096)
            require(data, "telnet: the connection was closed behind %r" % self.text)
            self.text += data
        head, self.text = self.text.split(wanted, 1)
        return head + wanted

    def send(self, text):
        self.socket.sendall(text)

    def log_in(self):
        for wanted, answer in ((b"Login as:", USER), (b"Password:", PASSWORD)):
            self.until(wanted)
            self.send(answer.encode() + b"\r\n")
        self.until(b">>> ")

    def command(self, line):
        """Types a line at the prompt; what it prints."""
        self.send(line.encode() + b"\r\n")
        self.until(b"\n")
        return self.until(b">>> ")[:-4].decode().replace("\r", "")


def free_ports(n):
    """Ports of the loopback that nobody has now."""
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Bench:
    def __init__(self, build, board):
        self.build, self.board = build, board
        self.passed = self.failed = 0
        self.options = ["-DBOARD=" + board]
        if board != "host":
            toolchain = "../c-firmware/boards/%s-toolchain.cmake" % board.removeprefix("mps2-")
            self.options.append("-DCMAKE_TOOLCHAIN_FILE=" + os.path.join(HERE, toolchain))
        # On one board the surrounding project has an lwIP of its own.
        self.has_own_lwip = board == "mps2-an385"
        self.source = os.path.join(HERE, "tests/sdk") if self.has_own_lwip else HERE
        self.programs = os.path.join(build, "example") if self.has_own_lwip else build
        self.archive = os.path.join(self.programs, "threadsnake/libthreadsnake.a")

    def check(self, name, test):
        try:
            test()
        except (Failure, OSError, EOFError, subprocess.SubprocessError, *ftplib.all_errors) as why:
            self.failed += 1
            print("FAIL %s: %s\n%s" % (self.board, name, why), flush=True)
            return False
        self.passed += 1
        print("pass %s: %s" % (self.board, name), flush=True)
        return True

    def start(self, program, forwards=None):
        """A program of this build, its output in a pipe."""
        path = os.path.join(self.programs, program)
        env = dict(os.environ)
        if self.board == "host":
            command = [path]
            env["FORWARDS"] = ",".join("%d:%d" % (host, guest) for guest, host in (forwards or {}).items())
        else:
            command = ["qemu-system-arm", "-M", self.board, "-kernel", path, "-nographic", "-monitor", "none"]
            command += ["-serial", "stdio", "-semihosting"]
            rules = "".join(
                ",hostfwd=tcp:127.0.0.1:%d-:%d" % (host, guest) for guest, host in (forwards or {}).items()
            )
            command += ["-nic", "user" + rules]
        return subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    # ---- the library ----

    def builds(self):
        options = self.options
        if self.has_own_lwip:
            options = options + ["-DLWIP_DIR=" + lwip_dir()]
        run("cmake", "-S", self.source, "-B", self.build, "-DTESTS=ON", *options)
        run("cmake", "--build", self.build, "-j2")

    def exports(self):
        nm = "nm" if self.board == "host" else "arm-none-eabi-nm"
        lines = run(nm, "-g", "--defined-only", self.archive).splitlines()
        return sorted({line.split()[2] for line in lines if len(line.split()) == 3})

    def imports_are_few(self):
        """The kernel and lwIP through the shims; what compilers call unasked, strings; the host's C library for Mbed TLS."""
        nm = "nm" if self.board == "host" else "arm-none-eabi-nm"
        lines = run(nm, "-g", "--undefined-only", self.archive).splitlines()
        names = {line.split()[1] for line in lines if len(line.split()) == 2}
        known = r"ts_(rtos|net)_\w+|freertos_rs_\w+|mem(cpy|move|set|cmp)|bcmp|str(len|chr|cpy|spn|cspn|cmp|str)"
        known += r"|ts_tls_no_snprintf|_GLOBAL_OFFSET_TABLE_|explicit_bzero|inet_pton|snprintf"
        others = sorted(name for name in names if not re.fullmatch(known, name))
        require(not others, "it needs %s" % others)

    def names_no_folder(self):
        with open(self.archive, "rb") as file:
            data = file.read()
        for folder in (ROOT, os.path.expanduser("~")):
            require(folder.encode() not in data, "%s is in the library" % folder)

    def headers_agree(self):
        declared = []
        for header in HEADERS:
            with open(os.path.join(ROOT, header)) as file:
                declared += re.findall(r"^[a-z0-9_]+ \*?(ts_[a-z0-9_]+)\(", file.read(), re.M)
        require(len(declared) == len(set(declared)), "a function is declared twice")
        difference = set(declared) ^ set(self.exports())
        require(not difference, "header and library differ: %s" % sorted(difference))

    def headers_are_c_and_cpp(self):
        include = ["-I" + os.path.join(ROOT, "rtos-glue/include"), "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
        text = "".join('#include "%s"\n' % os.path.basename(header) for header in HEADERS)
        text += "ts_storage_config a = TS_STORAGE_CONFIG_INIT; ts_volume_config b = TS_VOLUME_CONFIG_INIT;\n"
        text += "ts_network_config c = TS_NETWORK_CONFIG_INIT; ts_servers_config d = TS_SERVERS_CONFIG_INIT;\n"
        text += "ts_tls_config e = TS_TLS_CONFIG_INIT;\n"
        run("cc", "-std=c99", "-pedantic", *include, "-x", "c", "-", input=text)
        run("c++", *include, "-x", "c++", "-", input=text)

    def api_holds(self):
        program = self.start("tests/room_tests")
        output, _ = program.communicate(timeout=2 * PATIENCE_S)
        lines = output.decode().splitlines()
        require(lines and re.fullmatch(r"\d+ passed, 0 failed", lines[-1]), "\n".join(lines[-20:]))

    # ---- the instrument ----

    def log_in(self):
        ftp = Passive(self.ports)
        ftp.login(USER, PASSWORD)
        return ftp

    def boots(self):
        self.ports = dict(zip(GUEST_PORTS, free_ports(len(GUEST_PORTS))))
        self.program = self.start("appliance", self.ports)
        deadline = time.monotonic() + PATIENCE_S
        said = b""
        while b"ready" not in said:
            ready = select.select([self.program.stdout], [], [], max(0, deadline - time.monotonic()))[0]
            data = os.read(self.program.stdout.fileno(), 4096) if ready else b""
            require(data, "it does not get ready: %r" % said)
            said += data

    def strangers_are_refused(self):
        ftp = Passive(self.ports)
        try:
            ftp.login("micro", "python")
        except ftplib.error_perm:
            return
        raise Failure("the credentials of a new board open it")

    def total(self):
        """What report.py answers; None while it does not listen yet."""
        try:
            with socket.create_connection(("127.0.0.1", self.ports[8080]), PATIENCE_S) as peer:
                return int(peer.recv(100) or 0) or None
        except ConnectionError:
            return None

    def python_serves(self):
        deadline = time.monotonic() + PATIENCE_S
        totals = set()
        while len(totals - {None}) < 2:  # C goes on to write rows.
            totals.add(self.total())
            require(time.monotonic() < deadline, "the total does not grow: %s" % totals)

    def ftp_has_the_files(self):
        ftp = self.log_in()
        names = ftp.nlst("/flash")
        require({"meter.csv", "report.py"} <= {name.rsplit("/", 1)[-1] for name in names}, str(names))
        rows = []
        ftp.retrlines("RETR /flash/meter.csv", rows.append)
        require(rows and all(re.fullmatch(r"\d,1", row) for row in rows), str(rows[:5]))
        text = b"def double(n):\n    return 2 * n\n" + b"# filler\n" * 2000
        ftp.storbinary("STOR /flash/mine.py", io.BytesIO(text))
        back = io.BytesIO()
        ftp.retrbinary("RETR /flash/mine.py", back.write)
        require(back.getvalue() == text, "a file came back changed")
        ftp.quit()

    def telnet_has_the_prompt(self):
        telnet = Telnet(self.ports[23])
        telnet.log_in()
        require(telnet.command("import mine; mine.double(21)") == "42\n", "no answer")
        telnet.send(rb"""exec("print('run' + 'ning')\nwhile True: pass")""" + b"\r\n")
        telnet.until(b"running")
        telnet.send(b"\x03")
        telnet.until(b"KeyboardInterrupt")
        telnet.until(b">>> ")
        telnet.send(b"\x04")  # A new VM, and a new prompt.
        telnet.until(b">>> ")
        words = telnet.command("'mine' in dir()")
        require(words == "False\n", "Ctrl-D leaves %r" % words)
        words = telnet.command("import os; 'total.txt' in os.listdir('/flash')")
        require(words == "True\n", "the other VM's file: %r" % words)
        telnet.socket.close()

    def it_is_switched_off(self):
        telnet = Telnet(self.ports[23])
        telnet.log_in()
        telnet.send(b"import instrument; instrument.off()\r\n")
        output, _ = self.program.communicate(timeout=PATIENCE_S)
        require(output.decode().split() == ["PASS"] and self.program.returncode == 0, repr(output))

    def minimal_builds(self):
        """Another profile, with two features beside it, compiles and runs the other example."""
        source, build = os.path.join(HERE, "../c-firmware"), os.path.join(self.build, "minimal")
        run("cmake", "-S", source, "-B", build, "-DTHREADSNAKE_PROFILE=minimal", "-DTHREADSNAKE_FEATURES=json;select",
            "-DTHREADSNAKE_CARGO_DIR=" + os.path.join(self.build, "threadsnake/cargo"), *self.options)
        run("cmake", "--build", build, "-j2", "--target", "app")
        require(run(os.path.join(build, "app")).split()[-1] == "PASS", "it does not run")

    def unknown_names_are_refused(self):
        for option, text in (
            ("-DTHREADSNAKE_PROFILE=tiny", "there is no THREADSNAKE_PROFILE tiny"),
            ("-DTHREADSNAKE_FEATURES=json;jsom", "there is no feature jsom"),
            ("-DTHREADSNAKE_LWIP=nowhere", "THREADSNAKE_LWIP names no target: nowhere"),
        ):
            folder = os.path.join(self.build, "refused")
            shutil.rmtree(folder, ignore_errors=True)
            try:
                run("cmake", "-S", HERE, "-B", folder, option, *self.options)
            except Failure as why:
                require(text in " ".join(str(why).split()), str(why))
            else:
                raise Failure("%s was not refused" % option)

    def all(self):
        if not self.check("the example builds with CMake alone", self.builds):
            return
        self.check("headers and library agree", self.headers_agree)
        self.check("the library needs the shims and little else", self.imports_are_few)
        self.check("no folder of this machine is in the library", self.names_no_folder)
        self.check("the C API holds", self.api_holds)
        if self.check("it boots, and gets an address", self.boots):
            try:
                self.check("strangers are refused", self.strangers_are_refused)
                self.check("Python answers with what C has measured", self.python_serves)
                self.check("FTP has the files of C and Python", self.ftp_has_the_files)
                self.check("telnet has the prompt", self.telnet_has_the_prompt)
                self.check("it ends when it is switched off", self.it_is_switched_off)
            finally:
                if self.program.poll() is None:
                    self.program.kill()
        if self.board == "host":
            self.check("the headers are C99 and C++", self.headers_are_c_and_cpp)
            self.check("the profile minimal builds and runs", self.minimal_builds)
            self.check("unknown names are refused", self.unknown_names_are_refused)


def main():
    bench = Bench(os.path.abspath(sys.argv[1]), sys.argv[2])
    bench.all()
    print("%d passed, %d failed" % (bench.passed, bench.failed))
    return bench.failed != 0


if __name__ == "__main__":
    sys.exit(main())
