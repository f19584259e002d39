"""Starts the two implementations on a port of loopback, asks them, and stops them."""

import http.client
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import time

START_LIMIT_S = 120
STOP_LIMIT_S = 30


class Server:
    """A server process. Use as a context manager: it is stopped by SIGTERM at the end, and its group is killed if that does not help."""

    def __init__(self, command, environment, directory=None):
        self._log = queue.Queue()
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=directory, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.port = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()

    def _read_log(self):
        for line in self.process.stdout:
            self._log.put(line)
        self._log.put(None)

    def wait_for_line(self, find):
        """The first result of `find(line)` that is not None. Raises RuntimeError when the process ends or is late."""
        seen = []
        while (left := self.started + START_LIMIT_S - time.monotonic()) > 0:
            try:
                line = self._log.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise RuntimeError("the server ended: " + "".join(seen[-5:]))
            seen.append(line)
            if (found := find(line)) is not None:
                return found
        raise RuntimeError(f"no sign of life within {START_LIMIT_S} s: " + "".join(seen[-5:]))

    def wait_until_ready(self):
        """Polls /ping until it answers 200."""
        while time.monotonic() < self.started + START_LIMIT_S and self.process.poll() is None:
            try:
                if self.request("GET", "/ping")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError("/ping never answered 200")

    def request(self, method, path, body=None):
        """(status, content type, body) over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body is not None else {})
            response = connection.getresponse()
            return response.status, response.getheader("content-type"), response.read()
        finally:
            connection.close()

    def classify(self, text):
        """What POST /invocations answers for a text."""
        return self.request("POST", "/invocations", json.dumps({"text": text}).encode())


def free_port():
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_reference(python, model):
    """The Python reference; `python` is an interpreter with bench/reference/requirements.txt installed."""
    port = free_port()
    server = Server([python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port)], {"SM_MODEL_DIR": str(model)},
                    directory=pathlib.Path(__file__).parent)
    server.port = port
    return server


def listening_port(line):
    """The port in the gateway's log line "listening"; None for other lines."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return int(entry["port"]) if isinstance(entry, dict) and entry.get("message") == "listening" and "port" in entry else None


def start_verdict(gateway, model):
    """Both processes of Verdict under `verdict-gateway serve`."""
    server = Server([str(gateway), "serve", "--http-listen", "127.0.0.1:0"], {"SM_MODEL_DIR": str(model)})
    server.port = server.wait_for_line(listening_port)
    return server
