"""What the tests of faults break things with, and where they write down what they saw: build/faults.json, from which
tools/faults_doc.py makes the table in docs/reliability.md."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time

import programs

RESULTS = programs.ROOT / "build/faults.json"


class Report:
    """The rows of the table, by fault."""

    def __init__(self):
        self.rows = {}

    def add(self, fault, client, logged, recovery):
        """What a client saw, what was logged, and how long after the end of the fault all was well (seconds, or a text)."""
        recovery = recovery if isinstance(recovery, str) else f"{recovery * 1000:.0f} ms" if recovery < 1 else f"{recovery:.1f} s"
        self.rows[fault] = {"client": client, "logged": logged, "recovery": recovery}

    def write(self):
        before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(before | self.rows, indent=1) + "\n")


def seconds_until(condition, what, timeout=programs.START_TIMEOUT):
    begin = time.monotonic()
    programs.eventually(condition, what, timeout)
    return time.monotonic() - begin


def answers(port, **headers):
    """Whether a request is answered with 200."""
    try:
        with programs.Http(port) as connection:
            return connection.classify("I lost my card", **headers)[0] == 200
    except OSError:
        return False


def messages_of(program, level="WARNING"):
    """The messages of a level or above that a program has logged, each once."""
    levels = ["INFO", "WARNING", "ERROR"]
    wanted = levels[levels.index(level):]
    return sorted({entry["message"] for entry in program.log if entry.get("level") in wanted})


def freeze(pid):
    """Stops all threads of a process."""
    os.kill(pid, signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{pid}/task")
    programs.eventually(lambda: all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks.iterdir()), "it stands still")


def reset(connection):
    """Closes it so that the peer gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """A file system of its own at a folder. Needs root."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder], capture_output=True, check=False)
    if mounted.returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


class Proxy:
    """Forwards TCP to a port, until it is told to forward nothing more: connections stay open and silent, as if a cable was cut.
    `heal` serves new connections again; the old ones stay dead."""

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._silent = threading.Event()
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._silent.set()
        self._silent = threading.Event()

    def _accept(self):
        while True:
            try:
                inner = self._listener.accept()[0]
            except OSError:
                return
            outer = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [inner, outer]
            for source, sink in [(inner, outer), (outer, inner)]:
                threading.Thread(target=self._forward, args=(source, sink, self._silent), daemon=True).start()

    @staticmethod
    def _forward(source, sink, silent):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if silent.is_set():
                    continue  # read and dropped: the peer's kernel hears that all is well
                sink.sendall(data)
            if not silent.is_set():
                sink.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        for each in self._sockets:
            each.close()


class Clock:
    """The wall clock of a program, to be set: by a library that is preloaded into it."""

    def __init__(self, folder):
        library, self._file = folder / "clock_shim.so", folder / "offset"
        source = programs.ROOT / "tests/e2e/clock_shim.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "VERDICT_CLOCK_OFFSET": str(self._file)}

    def set(self, seconds):
        """Away from the true time; 0: the true time."""
        with open(self._file, "r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))
