"""The callers of a soak: good ones of several contracts, and hostile ones. Each is a function that makes one request and returns
what came of it: a status, a gRPC code, or what the caller did instead of waiting for one."""

import json
import random
import socket
import struct

import grpc

import programs

WORDS = "I lost my card yesterday and would like to know when the new one arrives please tell me what my balance is today".split()
JSON = "application/json"


def text(chance, most=400):
    """Lengths as they come: mostly short, now and then long."""
    return " ".join(chance.choices(WORDS, k=max(1, min(most, int(chance.expovariate(1 / 20))))))


class Callers:
    """`port`: of the gateway; `target`: of the service; `stubs`: the generated modules by name."""

    def __init__(self, port, target, stubs):
        self.port = port
        self.target = target
        self.messages = stubs("classifier_pb2")
        self.stub_of = stubs("classifier_pb2_grpc").ClassifierStub

    def post(self, path, body, kind=JSON, method="POST"):
        with programs.Http(self.port) as connection:
            return connection.send(method, path, body, Content_Type=kind)[0]

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=programs.STOP_TIMEOUT)

    def head(self, length, path="/invocations", more=""):
        return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n{more}\r\n".encode()

    # Good ones: the answer must be 200.
    def sagemaker(self, chance):
        return self.post("/invocations", json.dumps({"text": text(chance)}))

    def many_on_one_connection(self, chance):
        with programs.Http(self.port) as connection:
            statuses = {connection.classify(text(chance))[0] for _ in range(chance.randint(2, 20))}
        return statuses.pop() if len(statuses) == 1 else str(sorted(statuses))

    def huggingface(self, chance):
        return self.post("/", json.dumps({"inputs": [text(chance) for _ in range(chance.randint(1, 16))]}))

    def kserve(self, chance):
        return self.post("/v1/models/default:predict", json.dumps({"instances": [text(chance) for _ in range(chance.randint(1, 8))]}))

    def open_inference(self, chance):
        tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [text(chance)]}
        return self.post("/v2/models/default/infer", json.dumps({"inputs": [tensor]}))

    def sentiment(self, chance):
        return self.post("/predict", json.dumps({"text": text(chance)}))

    def records(self, chance):
        body = "".join(json.dumps({"text": text(chance)}) + "\n" for _ in range(chance.randint(1, 200)))
        return self.post("/invocations", body, "application/jsonlines")

    def ping(self, chance):
        return self.post("/ping", None, method="GET")

    def rpc(self, chance):
        with grpc.insecure_channel(self.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            return self.code_of(lambda: self.stub_of(channel).Classify(self.message(chance), timeout=programs.STOP_TIMEOUT))

    def rpc_stream(self, chance):
        requests = [self.messages.StreamClassifyRequest(id=str(i), request=self.message(chance)) for i in range(chance.randint(1, 100))]
        with grpc.insecure_channel(self.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            return self.code_of(lambda: list(self.stub_of(channel).StreamClassify(iter(requests), timeout=programs.STOP_TIMEOUT)))

    # Hostile ones: no answer may say that it was our fault.
    def no_json(self, chance):
        return self.post("/invocations", chance.choice(["{", "[]", '{"text": 1}', "", "nul", '{"text":' + "[" * 5000, '{"text": "a"} x']))

    def no_utf8(self, chance):
        return self.post("/invocations", b'{"text": "' + chance.randbytes(50).replace(b'"', b"") + b'\xff"}')

    def noise(self, chance):
        return self.post(chance.choice(["/", "/invocations", "/v2/models/default/infer", "/predict"]), chance.randbytes(2000))

    def no_http(self, chance):
        with self.raw() as connection:
            connection.sendall(chance.randbytes(chance.randint(1, 3000)).replace(b"\n", b"") + b"\r\n\r\n")
            return self.status_of(connection)

    def large(self, chance):
        return self.post("/invocations", json.dumps({"text": "word " * chance.choice([20_000, 200_000, 2_000_000])}))

    def too_large(self, chance):
        with self.raw() as connection:
            connection.sendall(self.head(10**12) + b"{")
            return self.status_of(connection)

    def large_header(self, chance):
        with self.raw() as connection:
            connection.sendall(self.head(2, more="X-Long: " + "a" * 40_000 + "\r\n"))
            return self.status_of(connection)

    def half_closed(self, chance):
        body = json.dumps({"text": text(chance)}).encode()
        with self.raw() as connection:
            connection.sendall(self.head(len(body)) + body)
            connection.shutdown(socket.SHUT_WR)
            return f"half closed, {self.status_of(connection)}"

    def half_a_request(self, chance):
        with self.raw() as connection:
            connection.sendall(self.head(1000) + b'{"text": "')
            return "left in the body"

    def reset(self, chance):
        body = json.dumps({"text": text(chance)}).encode()
        with self.raw() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(self.head(len(body)) + body)
            return "reset"

    def slow(self, chance):
        """A byte in each segment, as fast as they go: what waits by the clock is the faults' test."""
        body = json.dumps({"text": text(chance, most=20)}).encode()
        with self.raw() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in self.head(len(body)) + body:
                connection.sendall(bytes([byte]))
            return self.status_of(connection)

    def records_cut_off(self, chance):
        line = json.dumps({"text": text(chance)}).encode() + b"\n"
        with self.raw() as connection:
            head = self.head(10**7).replace(JSON.encode(), b"application/jsonlines")
            connection.sendall(head + line * 300)
            connection.recv(200)
            return "left in the records"

    def rpc_cancelled(self, chance):
        with grpc.insecure_channel(self.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            call = self.stub_of(channel).Classify.future(self.message(chance))
            call.cancel()
            return "cancelled"

    def rpc_stream_cancelled(self, chance):
        requests = (self.messages.StreamClassifyRequest(id=str(i), request=self.message(chance)) for i in range(1000))
        with grpc.insecure_channel(self.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            answers = self.stub_of(channel).StreamClassify(requests, timeout=programs.STOP_TIMEOUT)
            next(answers)
            answers.cancel()
            return "cancelled"

    def rpc_refused(self, chance):
        with grpc.insecure_channel(self.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            return self.code_of(lambda: self.stub_of(channel).Classify(self.messages.ClassifyRequest(model="nobody"), timeout=30))

    def metrics(self, chance):
        return self.post("/metrics", None, method="GET")

    def message(self, chance):
        return self.messages.ClassifyRequest(inputs=[self.messages.TextInput(text=text(chance)) for _ in range(chance.randint(1, 4))])

    @staticmethod
    def code_of(call):
        try:
            call()
            return "OK"
        except grpc.RpcError as error:
            return error.code().name

    @staticmethod
    def status_of(connection):
        """Of the answer that comes; 0 for a connection that was closed or reset without one."""
        received = b""
        try:
            while b"\r\n" not in received and (more := connection.recv(4096)):
                received += more
                while received.startswith(b"HTTP/1.1 1") and b"\r\n\r\n" in received:  # "go on", which a slow answer may begin with
                    received = received.partition(b"\r\n\r\n")[2]
            return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else 0
        except ConnectionError:
            return 0

    def kinds(self):
        """{name: (function, weight, what may come of it)}."""
        good = {200, "OK"}
        # Rarely the good ones among our faults: what is overloaded may say so.
        refused = {400, 404, 405, 408, 411, 413, 415, 422, 431, "INVALID_ARGUMENT", "NOT_FOUND", 0}
        left = {"left in the body", "reset", "left in the records", "cancelled"} | {f"half closed, {status}" for status in (200, 0)}
        return {
            "sagemaker": (self.sagemaker, 30, good), "many_on_one_connection": (self.many_on_one_connection, 6, good),
            "huggingface": (self.huggingface, 8, good), "kserve": (self.kserve, 5, good), "open_inference": (self.open_inference, 5, good),
            "sentiment": (self.sentiment, 5, good), "records": (self.records, 2, good), "ping": (self.ping, 4, good),
            "rpc": (self.rpc, 6, good), "rpc_stream": (self.rpc_stream, 2, good), "no_json": (self.no_json, 5, refused),
            "no_utf8": (self.no_utf8, 4, refused), "noise": (self.noise, 3, refused), "no_http": (self.no_http, 3, refused),
            "large": (self.large, 0.3, good), "too_large": (self.too_large, 1, refused), "large_header": (self.large_header, 1, refused),
            "half_closed": (self.half_closed, 2, left), "half_a_request": (self.half_a_request, 2, left), "reset": (self.reset, 3, left),
            "slow": (self.slow, 1, good), "records_cut_off": (self.records_cut_off, 0.5, left), "rpc_cancelled": (self.rpc_cancelled, 2, left),
            "rpc_stream_cancelled": (self.rpc_stream_cancelled, 0.5, left), "rpc_refused": (self.rpc_refused, 1, refused),
            "metrics": (self.metrics, 1, good | {404})}


def choose(kinds, chance=random):
    """(name, function, what may come of it), by weight."""
    name = chance.choices(list(kinds), [weight for _, weight, _ in kinds.values()])[0]
    return name, kinds[name][0], kinds[name][2]
