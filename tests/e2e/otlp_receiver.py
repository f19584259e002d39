"""What traces are sent to, by OpenTelemetry's own message classes: over gRPC and over HTTP."""

import concurrent.futures
import http.server
import threading
from typing import NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from programs import eventually

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


class Received(NamedTuple):
    """A span, and what is around it."""

    span: object  # opentelemetry.proto.trace.v1.Span
    service: str  # service.name of its resource
    resource: dict

    @property
    def trace_id(self):
        return self.span.trace_id.hex()

    @property
    def span_id(self):
        return self.span.span_id.hex()

    @property
    def parent_id(self):
        return self.span.parent_span_id.hex()

    @property
    def attributes(self):
        return {attribute.key: value_of(attribute.value) for attribute in self.span.attributes}

    @property
    def links(self):
        return {link.span_id.hex() for link in self.span.links}


def value_of(value):
    return getattr(value, value.WhichOneof("value"))


class OtlpReceiver:
    """Keeps the spans that arrive at `endpoint`. A context manager."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.headers = []
        self._spans = []
        self._lock = threading.Lock()

    def take(self, message, headers):
        with self._lock:
            self.headers.append({key.lower(): value for key, value in headers})
            for resource_spans in message.resource_spans:
                resource = {attribute.key: value_of(attribute.value) for attribute in resource_spans.resource.attributes}
                for scope in resource_spans.scope_spans:
                    self._spans += [Received(span, resource.get("service.name"), resource) for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans(self):
        with self._lock:
            return list(self._spans)

    def trace(self, trace_id, names):
        """The spans of a trace by their names, once all of `names` are there."""
        def find():
            found = {received.span.name: received for received in self.spans() if received.trace_id == trace_id}
            return found if set(names) <= set(found) else None
        return eventually(find, f"spans {names} of trace {trace_id}; there are {[received.span.name for received in self.spans()]}")

    def __enter__(self):
        if self.protocol == "grpc":
            self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
            self._server.add_generic_rpc_handlers((GrpcHandler(self),))
            self.port = self._server.add_insecure_port("127.0.0.1:0")
            self._server.start()
        else:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http_handler(self))
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        if self.protocol == "grpc":
            self._server.stop(None)
        else:
            self._server.shutdown()
            self._server.server_close()


class GrpcHandler(grpc.GenericRpcHandler):
    def __init__(self, receiver):
        self.receiver = receiver

    def service(self, details):
        if details.method != EXPORT:
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda message, context: self.receiver.take(message, context.invocation_metadata()),
            request_deserializer=trace_service_pb2.ExportTraceServiceRequest.FromString,
            response_serializer=trace_service_pb2.ExportTraceServiceResponse.SerializeToString)


def http_handler(receiver):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            good = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            answer = b""
            if good:
                message = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
                answer = receiver.take(message, self.headers.items()).SerializeToString()
            self.send_response(200 if good else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler
