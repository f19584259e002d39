"""What the platform does between a caller's InvokeEndpoint and the container, over HTTP on a port of its own: header mapping, limits,
errors, response streams, and the models of a multi-model endpoint. Signatures are not checked."""

import contextlib
import hashlib
import http.client
import http.server
import json
import pathlib
import shutil
import threading
import urllib.parse
from dataclasses import dataclass

import event_stream

MOST_BYTES = 6 * 1024 * 1024  # of a request's body
MOST_CHARACTERS = 2048        # of a message in an error
VARIANT = "AllTraffic"
PREFIX = "X-Amzn-SageMaker-"
TARGET_MODEL = PREFIX + "Target-Model"
ACCEPT_OF_STREAMS = PREFIX + "Accept"
TO_CONTAINER = ["Content-Type", "Accept", *(PREFIX + name for name in (
    "Custom-Attributes", "Target-Model", "Target-Variant", "Target-Container-Hostname", "Inference-Id", "Enable-Explanations",
    "Inference-Component", "Session-Id", "Prefix-Aware-Id"))]
TO_CALLER = ["Content-Type", *(PREFIX + name for name in ("Custom-Attributes", "New-Session-Id", "Closed-Session-Id"))]


class Refused(Exception):
    """An error that the platform answers."""

    def __init__(self, status, kind, **members):
        super().__init__(kind)
        self.status, self.kind = status, kind
        self.members = {name: value[:MOST_CHARACTERS] if isinstance(value, str) else value for name, value in members.items()}


def model_error(status, body):
    """What becomes of any status of 400 and above."""
    message = body.decode(errors="replace")
    side = "client" if status < 500 else "server"
    return Refused(424, "ModelError", Message=f'Received {side} error ({status}) from primary with message "{message}".',
                   OriginalStatusCode=status, OriginalMessage=message, LogStreamArn="arn:aws:logs:local:0:log-group:endpoint")


@dataclass
class Answer:
    """A container's answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Container:
    """The container under its port. Remembers what it was sent."""

    def __init__(self, port):
        self.port = port
        self.calls = []  # (method, path, headers)

    def open(self, method, path, body=None, headers=None):
        """(connection, answer that is still to be read)."""
        self.calls.append((method, path, headers or {}))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return connection, connection.getresponse()
        except OSError as error:
            connection.close()
            raise Refused(503, "ServiceUnavailable", Message=f"the container cannot be reached: {error}") from error

    def request(self, method, path, body=None, headers=None):
        connection, response = self.open(method, path, body, headers)
        with contextlib.closing(connection):
            return Answer(response.status, response.headers, response.read())


class ModelCache:
    """The models of a multi-model endpoint: fetched from `store` (target: directory) to below `folder`, loaded when they are first asked
    for, and given up, least recently used first, when the container has no memory for another."""

    def __init__(self, container, store, folder):
        self._container, self._store, self._folder = container, store, pathlib.Path(folder)
        self._lock = threading.Lock()
        self.loaded = {}  # name: target, least recently used first
        self.unloads = 0

    def ready(self, target):
        """The name under which the container has the model."""
        if target not in self._store:
            raise Refused(400, "ValidationError", Message=f"Could not find model data at s3://models/{target}")
        name = hashlib.sha256(target.encode()).hexdigest()[:32]
        with self._lock:
            if name not in self.loaded:
                self._load(name, target)
            self.loaded[name] = self.loaded.pop(name, target)
        return name

    def _load(self, name, target):
        directory = self._folder / name / "model"
        if not directory.exists():
            shutil.copytree(self._store[target], directory)
        order = json.dumps({"model_name": name, "url": str(directory)}).encode()
        while (answer := self._container.request("POST", "/models", order, {"Content-Type": "application/json"})).status == 507 and self.loaded:
            self._unload(next(iter(self.loaded)))
        if answer.status not in (200, 409):
            raise model_error(answer.status, answer.body)

    def _unload(self, name):
        answer = self._container.request("DELETE", f"/models/{name}")
        if answer.status not in (200, 404):
            raise model_error(answer.status, answer.body)
        del self.loaded[name]
        self.unloads += 1


class Handler(http.server.BaseHTTPRequestHandler):
    """The two operations of sagemaker-runtime."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    container = models = None  # set by Shim

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        place = urllib.parse.urlsplit(self.path).path.split("/")
        try:
            if len(place) != 4 or place[1] != "endpoints":
                raise Refused(404, "UnknownOperationException", Message=f"nothing at {self.path}")
            if len(body) > MOST_BYTES:
                raise Refused(413, "413", Message=f"HTTP content length exceeded {MOST_BYTES} bytes.")
            {"invocations": self.invoke, "invocations-response-stream": self.invoke_stream}[place[3]](body)
        except Refused as refused:
            self.answer(refused.status, json.dumps(refused.members).encode(),
                        {"Content-Type": "application/json", "x-amzn-ErrorType": refused.kind})

    def container_headers(self):
        return {name: self.headers[name] for name in TO_CONTAINER if name in self.headers}

    def invoke(self, body):
        target, path = self.headers.get(TARGET_MODEL), "/invocations"
        if target:
            if self.models is None:
                raise Refused(400, "ValidationError", Message="this endpoint is no multi-model endpoint")
            path = f"/models/{self.models.ready(target)}/invoke"
        answer = self.container.request("POST", path, body, self.container_headers())
        if answer.status >= 400:
            raise model_error(answer.status, answer.body)
        headers = {PREFIX + "Custom-Attributes": "", "x-Amzn-Invoked-Production-Variant": VARIANT}
        headers |= {name: answer.headers[name] for name in TO_CALLER if name in answer.headers}
        self.answer(200, answer.body, headers)

    def invoke_stream(self, body):
        headers = self.container_headers()
        headers.pop("Accept", None)  # the SDK's own; the caller's has a name of its own
        if ACCEPT_OF_STREAMS in self.headers:
            headers["Accept"] = self.headers[ACCEPT_OF_STREAMS]
        connection, response = self.container.open("POST", "/invocations", body, headers)
        with contextlib.closing(connection):
            if response.status >= 400:
                raise model_error(response.status, response.read())
            self.send_response(200)
            self.send_header("Content-Type", event_stream.MEDIA_TYPE)
            self.send_header(PREFIX + "Content-Type", response.headers.get("Content-Type", ""))
            self.send_header(PREFIX + "Custom-Attributes", response.headers.get(PREFIX + "Custom-Attributes", ""))
            self.send_header("x-Amzn-Invoked-Production-Variant", VARIANT)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.pass_on(response)

    def pass_on(self, response):
        """The body, part by part as it comes."""
        try:
            while piece := response.read1(65536):
                self.send_chunk(event_stream.part(piece))
        except (OSError, http.client.HTTPException) as error:
            told = json.dumps({"Message": f"the stream broke: {error}", "ErrorCode": "StreamBroken"}).encode()
            self.send_chunk(event_stream.failure("ModelStreamError", told))
        self.wfile.write(b"0\r\n\r\n")

    def send_chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


class Shim:
    """The platform in front of a container, listening on `port`. Use as a context manager."""

    def __init__(self, container_port, store=None, folder=None):
        self.container = Container(container_port)
        self.models = ModelCache(self.container, store, folder) if store is not None else None
        handler = type("Handler", (Handler,), {"container": self.container, "models": self.models})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
