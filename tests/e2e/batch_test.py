"""Bodies of records through both programs: batch transform as SageMaker drives it, and callers that read before or after they send."""

import json
import os
import re
import socket
import threading

import pytest

import batch_file
import programs

MEGABYTES = float(os.environ.get("VERDICT_BATCH_MEGABYTES", "20"))
TIMEOUT = 900


def peak_memory(program):
    """VmHWM in megabytes."""
    status = open(f"/proc/{program.process.pid}/status", encoding="ascii").read()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


class Upload:
    """One request with a body in chunks on a raw socket, whose two directions the test controls."""

    def __init__(self, port, accept=None, content_type="application/jsonlines", version="1.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.version = version
        head = f"POST /invocations HTTP/{version}\r\nHost: x\r\nContent-Type: {content_type}\r\n"
        if accept:
            head += f"Accept: {accept}\r\n"
        self.head = head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_chunked(self, pieces):
        self.socket.sendall(f"{self.head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in pieces:
            self.socket.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.socket.sendall(b"0\r\n\r\n")

    def send_sized(self, body):
        self.socket.sendall(f"{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def read(self):
        """Status and body, once they are complete."""
        stream = self.socket.makefile("rb")
        status, headers = int(stream.readline().split()[1]), {}
        while (line := stream.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") != "chunked":
            return status, stream.read(int(headers["content-length"])) if "content-length" in headers else stream.read()
        body = bytearray()
        while (size := int(stream.readline(), 16)):
            body += stream.read(size)
            assert stream.readline() == b"\r\n"
        assert stream.readline() == b"\r\n"
        return status, bytes(body)


def pieces_of(lines, size=64 * 1024):
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= size:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def check_answer(body, count):
    lines = body.split(b"\n")
    assert lines.pop() == b"", "the last line has an end"
    assert len(lines) == count
    answers = [json.loads(line) for line in lines]
    errors = [number for number, answer in enumerate(answers) if "error" in answer]
    assert len(errors) == batch_file.BAD_RECORDS
    good = b"prediction"
    for number, line in enumerate(batch_file.lines(count)):
        assert (number in errors) == (re.fullmatch(rb'\{"text": ".*\(\d+\)"\}\n', line) is None), line
    assert all(answer["error"]["code"] == 400 and answer["error"]["message"] for answer in answers if "error" in answer)
    assert sum(good in line for line in lines) == count - len(errors)


@pytest.mark.parametrize("read_first", [True, False])
def test_a_file_has_a_line_for_each_line_in_bounded_memory(service, gateway, read_first):
    """`read_first`: a caller that reads while it sends; else one that sends everything before it reads anything."""
    with programs.Http(gateway.port) as connection:
        assert connection.classify("warm")[0] == 200
    before = peak_memory(service), peak_memory(gateway)
    count = batch_file.lines_for(MEGABYTES * 1e6)
    with Upload(gateway.port) as upload:
        sender = threading.Thread(target=upload.send_chunked, args=[pieces_of(batch_file.lines(count))], daemon=True)
        sender.start()
        if not read_first:
            sender.join(TIMEOUT)
            assert not sender.is_alive(), "sending ends although nothing is read"
        status, body = upload.read()
        sender.join(TIMEOUT)
    assert status == 200
    check_answer(body, count)
    grown = peak_memory(service) - before[0], peak_memory(gateway) - before[1]
    print(f"{count} lines: peak memory grew by {grown[0]:.1f} MB (service) and {grown[1]:.1f} MB (gateway)")
    assert max(grown) < 64


RECORDS = [("application/jsonlines", b'{"text":"card"}\n\n{"text":1}\n"pin"'), ("text/csv", b'text\ncard\n\n"x"y\npin\n')]


@pytest.mark.parametrize("content_type,body", RECORDS)
@pytest.mark.parametrize("accept", [None, "*/*", "application/jsonlines", "application/x-ndjson", "text/csv", "application/json"])
def test_the_answer_is_in_the_format_that_accept_names(connection, content_type, body, accept):
    headers = {"Content_Type": content_type} | ({"Accept": accept} if accept else {})
    status, answer_headers, answer = connection.send("POST", "/invocations", body, **headers)
    assert status == 200
    expected = accept if accept and accept != "*/*" else content_type
    assert answer_headers["Content-Type"] == expected
    if expected == "application/json":
        first, blank, bad, last = json.loads(answer)
        assert blank is None
        assert "prediction" in first and "prediction" in last and "error" in bad
        return
    first, blank, bad, last = answer.decode().removesuffix("\n").split("\n")
    assert blank == ""
    if expected == "text/csv":
        assert bad.startswith("ERROR,")
        for line in (first, last):
            label, probability = line.rsplit(",", 1)
            assert label and 0 <= float(probability) <= 1
    else:
        assert json.loads(bad)["error"]["code"] == 400
        assert 0 <= json.loads(first)["prediction"]["probability"] <= 1


@pytest.mark.parametrize("accept,content_type", [("text/csv", "text/csv"), ("application/jsonlines", "application/jsonlines"),
                                                 ("text/html", "application/json")])
def test_one_document_is_answered_by_accept_too(connection, accept, content_type):
    status, headers, _ = connection.classify("card", Accept=accept)
    assert (status, headers["Content-Type"]) == (200, content_type)


def test_nothing_that_is_written_is_406(connection):
    assert connection.send("POST", "/invocations", b"a\n", Content_Type="text/csv", Accept="image/png")[0] == 406


def test_http_1_0_is_answered_until_the_connection_closes(gateway):
    with Upload(gateway.port, version="1.0") as upload:
        upload.send_sized(b'"card"\n"pin"\n')
        status, body = upload.read()
    assert status == 200
    assert body.count(b"\n") == 2


def test_execution_parameters_are_within_sagemakers_limits(connection):
    status, _, body = connection.send("GET", "/execution-parameters")
    parameters = json.loads(body)
    assert status == 200
    assert set(parameters) == {"MaxConcurrentTransforms", "MaxPayloadInMB"}
    assert 1 <= parameters["MaxConcurrentTransforms"] * parameters["MaxPayloadInMB"] <= 100


def test_in_batch_transform_json_is_lines(service):
    program = programs.Program("verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=127.0.0.1:{service.port}",
                               environment={"SAGEMAKER_BATCH": "True", "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2"})
    with program, programs.Http(program.await_log("listening")["port"]) as connection:
        programs.await_ping(connection.connection.port)
        for content_type, body in [("application/json", b'{"text":"a"}\n{"text":\n{"text":"b"}\n'), ("text/plain", b"a\n\xff\nb\n")]:
            status, _, answer = connection.send("POST", "/invocations", body, Content_Type=content_type)
            lines = [json.loads(line) for line in answer.splitlines()]
            assert status == 200
            assert ["error" in line for line in lines] == [False, True, False]
        assert json.loads(connection.send("GET", "/execution-parameters")[2])["MaxConcurrentTransforms"] == 2


def test_the_log_names_the_inference_and_the_trace(connection, gateway):
    trace = "0af7651916cd43dd8448eb211c80319c"
    connection.classify("card", X_Amzn_SageMaker_Inference_Id="inference-7", X_Request_Id="batch-log",
                        X_Amzn_SageMaker_Custom_Attributes=f"traceparent=00-{trace}-b7ad6b7169203331-01")
    entry = programs.eventually(lambda: next((e for e in list(gateway.log) if e.get("request_id") == "batch-log"), None), "logged")
    assert (entry["inference_id"], entry["trace_id"]) == ("inference-7", trace)
