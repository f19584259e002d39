"""The real programs as child processes: started on free ports, read through their JSON log, ended in any case."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("VERDICT_BINARIES", ROOT / "build/release/bin"))
MODEL = pathlib.Path(os.environ.get("VERDICT_TEST_MODEL", ROOT / "models/demo"))
START_TIMEOUT = 60.0  # seconds; a bound, not a wait
STOP_TIMEOUT = 30.0

# Makes the kernel end a program when the test run ends, however that ends. Not by preexec_fn: that forks, and gRPC's threads do not
# survive it.
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"]


def eventually(condition, what, timeout=START_TIMEOUT):
    """The first true value of condition(), which is asked again and again until the timeout."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.01)


class Program:
    """A running program. Its log lines (JSON objects on stderr) arrive in `log`, those that `keep` wants; use as a context manager, so
    that it ends. It starts by way of the command `prefix`, where there is one."""

    def __init__(self, name, *arguments, environment=None, keep=None, prefix=()):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("VERDICT_", "SM_", "SAGEMAKER_"))}
        self.name = name
        self.log = []
        self._keep = keep or (lambda entry: True)
        self._arrived = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen([*DIE_WITH_PARENT, *prefix, BINARIES / name, *arguments], env={**clean, **(environment or {})},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"message": line.decode(errors="replace").rstrip(), "raw": True}
            if not self._keep(entry):
                continue
            with self._arrived:
                self.log.append(entry)
                self._arrived.notify_all()
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def await_log(self, message, timeout=START_TIMEOUT, after=0):
        """The first log entry with that message at or after index `after`."""
        def find():
            return next((entry for entry in self.log[after:] if entry["message"] == message), None)
        with self._arrived:
            assert self._arrived.wait_for(lambda: find() or self._ended, timeout), f"{self.name} did not log {message!r}: {self.log}"
            assert (entry := find()), f"{self.name} ended ({self.process.wait(STOP_TIMEOUT)}) without logging {message!r}: {self.log}"
            return entry

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=STOP_TIMEOUT):
        """Its exit code, when it ends by itself."""
        return self.process.wait(timeout)

    def stop(self, timeout=STOP_TIMEOUT):
        self.signal()
        return self.wait(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(STOP_TIMEOUT)


def service(*arguments, model=MODEL):
    return Program("verdict-service", f"--model-dir={model}", "--grpc-listen=127.0.0.1:0", *arguments)


def gateway(service_port, *arguments):
    return Program("verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=127.0.0.1:{service_port}", *arguments)


def serve(*arguments, model=MODEL, environment=None):
    """One process that supervises the other, as a container runs them."""
    settings = {"VERDICT_MODEL_DIR": str(model), "VERDICT_HTTP_LISTEN": "127.0.0.1:0", **(environment or {})}
    return Program("verdict-service", "serve", *arguments, environment=settings)


class Http:
    """One keep-alive connection."""

    def __init__(self, port, timeout=STOP_TIMEOUT):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, method, path, body=None, **headers):
        """Status, headers and body of the answer. No Content-Type is sent unless given."""
        self.connection.request(method, path, body=body, headers={key.replace("_", "-"): value for key, value in headers.items()})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def classify(self, text, **headers):
        return self.send("POST", "/invocations", json.dumps({"text": text}), Content_Type="application/json", **headers)


def free_ports(count):
    """Ports that nobody listens on, for a program that tells none of its own choice; it may listen there again and again."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def ping(port, timeout=2.0):
    """The status of /ping; 0 when nothing answers."""
    try:
        with Http(port, timeout) as connection:
            return connection.send("GET", "/ping")[0]
    except OSError:
        return 0


def await_ping(port, status=200, timeout=START_TIMEOUT):
    eventually(lambda: ping(port) == status, f"/ping says {status}", timeout)
