"""Thonny against a board: the process that Thonny starts for a MicroPython device, told what its windows would tell it.

    thonny_backend.py PYTHON COMMAND...

PYTHON has Thonny installed; COMMAND starts the board and prints the name of the pseudo-terminal that is its console.
The last line is `N passed, N failed`.
"""

import ast
import os
import queue
import subprocess
import threading

from board import equal, main

LIMIT_S = 60
TESTS = []
# What Thonny begins its messages with; a number and a space follow.
MARKER = "\x02"

# Runs where Thonny is installed: hands the lines it gets, Python expressions, on as Thonny's own messages.
RELAY = """
import ast, os, subprocess, sys, threading
from thonny import common
backend = subprocess.Popen([sys.executable, "-u", "-m", "thonny.plugins.micropython.bare_metal_backend", sys.argv[1]],
                           stdin=subprocess.PIPE, text=True)
threading.Thread(target=lambda: os._exit(backend.wait()), daemon=True).start()
for line in sys.stdin:
    kind, command, arguments = ast.literal_eval(line)
    message = getattr(common, kind)(command, **arguments) if command else getattr(common, kind)(**arguments)
    backend.stdin.write(common.serialize_message(message) + "\\n")
    backend.stdin.flush()
backend.kill()
"""


def test(function):
    TESTS.append(function)
    return function


class Thonny:
    def __init__(self, python, board):
        self.folder, self.number = board.folder, 0
        options = {
            "port": board.console,
            "clean": True,
            "interrupt_on_connect": True,
            "sync_time": True,
            "validate_time": True,
            "local_rtc": False,
            "cwd": "/",
        }
        environment = dict(os.environ, THONNY_USER_DIR=str(board.folder), THONNY_LANGUAGE="en")
        self.process = subprocess.Popen(
            [python, "-u", "-c", RELAY, repr(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.welcome = self.until("ToplevelResponse")[0]["welcome_text"]

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def next(self):
        """The next message: its kind and its fields."""
        while True:
            line = self.lines.get(timeout=LIMIT_S)
            if not line:
                raise AssertionError("Thonny's process has ended")
            if "PROBLEM IN" in line:
                raise AssertionError(line)
            if line.startswith(MARKER):
                call = ast.parse(line.removeprefix(MARKER).split(" ", 1)[1], mode="eval").body
                return call.func.id, {field.arg: value(field.value) for field in call.keywords}

    def until(self, wanted):
        """The fields of the next message of this kind, and what the board has printed before."""
        printed = ""
        while True:
            kind, fields = self.next()
            if kind == wanted:
                if fields.get("error"):
                    raise AssertionError(fields["error"])
                return fields, printed
            if fields.get("event_type") == "ProgramOutput":
                printed += fields["data"]

    def send(self, kind, command, **arguments):
        self.number += 1
        if kind.endswith("Command") and kind != "ImmediateCommand":
            arguments["id"] = str(self.number)
        self.process.stdin.write(repr((kind, command, arguments)) + "\n")
        self.process.stdin.flush()

    def shell(self, source):
        """What the board prints when this is typed into Thonny's shell."""
        self.send("ToplevelCommand", "execute_source", source=source)
        return self.until("ToplevelResponse")[1]

    def ask(self, command, **arguments):
        self.send("InlineCommand", command, **arguments)
        return self.until("InlineResponse")[0]


def value(node):
    """A literal as Python has it; of Thonny's own records, their fields."""
    if isinstance(node, ast.Call):
        return {field.arg: value(field.value) for field in node.keywords}
    if isinstance(node, ast.Dict):
        return {value(key): value(item) for key, item in zip(node.keys, node.values)}
    return ast.literal_eval(node)


@test
def it_connects_and_shows_the_banner(thonny):
    assert "MicroPython" in thonny.welcome and 'Type "help()"' in thonny.welcome, thonny.welcome


@test
def the_shell_shows_values_and_errors(thonny):
    assert "]42[" in thonny.shell("6 * 7")
    assert "ZeroDivisionError" in thonny.shell("1 / 0")
    thonny.send("ToplevelCommand", "execute_source", source="input('name? ')")
    thonny.send("InputSubmission", None, data="Ada\n")
    assert "'Ada'" in thonny.until("ToplevelResponse")[1]


@test
def programs_run_and_are_stopped(thonny):
    program = {"args": [], "expected_cwd": "/", "cd_argv": []}
    thonny.send("ToplevelCommand", "Run", source="for i in range(3): print('line', i)\n", **program)
    assert "line 0\r\nline 1\r\nline 2\r\n" in thonny.until("ToplevelResponse")[1]
    thonny.send("ToplevelCommand", "Run", source="print('on')\nwhile True: pass\n", **program)
    while "on\r\n" not in thonny.next()[1].get("data", ""):
        pass
    thonny.send("ImmediateCommand", "interrupt")
    assert "KeyboardInterrupt" in thonny.until("ToplevelResponse")[1]


@test
def variables_are_shown(thonny):
    thonny.shell("shown = [1, {2: 3}]")
    found = thonny.ask("get_globals", module_name="__main__")["globals"]
    equal(found["shown"]["repr"], "[1, {2: 3}]")


@test
def the_clock_is_set(thonny):
    assert "]True[" in thonny.shell("__import__('time').gmtime()[0] >= 2025")


@test
def files_are_saved_opened_and_listed(thonny):
    text = b"print('saved')\n" * 100
    flags = {"make_shebang_scripts_executable": False}
    thonny.ask("mkdir", path="/flash/thonny")
    thonny.ask("write_file", path="/flash/thonny/a.py", content_bytes=text, editor_id=1, blocking=True, **flags)
    equal(thonny.ask("read_file", path="/flash/thonny/a.py")["content_bytes"], text)
    upload = thonny.folder / "upload.bin"
    upload.write_bytes(bytes(range(256)) * 40)
    there = "/flash/thonny/b.bin"
    item = {"kind": "file", "size": 10240, "modified": 0, "source_path": str(upload), "target_path": there}
    equal(thonny.ask("upload", items=[item], allow_overwrite=True, **flags)["errors"], [])
    download = thonny.folder / "download.bin"
    item.update(source_path=there, target_path=str(download))
    equal(thonny.ask("download", items=[item], allow_overwrite=True, **flags)["errors"], [])
    equal(download.read_bytes(), upload.read_bytes())
    listed = thonny.ask("get_dirs_children_info", node_id="", paths=["/flash/thonny"], include_hidden=False)
    equal(sorted(listed["data"]["/flash/thonny"]), ["a.py", "b.bin"])
    thonny.ask("delete", paths=["/flash/thonny"])
    listed = thonny.ask("get_dirs_children_info", node_id="", paths=["/flash"], include_hidden=False)
    assert "thonny" not in listed["data"]["/flash"], listed


if __name__ == "__main__":
    main(TESTS, Thonny)
