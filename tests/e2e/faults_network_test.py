"""Faults of the network: resets, connections that go nowhere, and very many of them."""

import json
import resource
import socket
import statistics
import time

import pytest

import faults
import process_figures
import programs

TEXT = "I lost my card yesterday, can I get a new one?"
IDLE = 10_000


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=programs.STOP_TIMEOUT)


def request(text=TEXT):
    body = json.dumps({"text": text}).encode()
    return b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_resets_in_requests_and_answers_leave_nothing_behind(report, gateway):
    with programs.Http(gateway.port) as connection:
        assert connection.classify(TEXT)[0] == 200
        before, first = process_figures.descriptors(gateway.process.pid), len(gateway.log)
        records = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/jsonlines\r\nContent-Length: 1000000\r\n\r\n"
        for sent in [b"", b"POST", request()[:90], request()[:-3], request(), records + b'{"text":"a"}\n' * 500]:
            for _ in range(20):
                raw = connect(gateway.port)
                raw.sendall(sent)
                if sent.startswith(records):
                    raw.recv(100)  # the answer has begun
                faults.reset(raw)
            assert connection.classify(TEXT)[0] == 200, "others notice nothing"
        recovery = faults.seconds_until(lambda: process_figures.descriptors(gateway.process.pid) <= before, "their descriptors are closed")
        statuses = sorted({entry["status"] for entry in gateway.log[first:] if entry["message"] == "request"} - {200})
        report.add("Callers reset 120 connections, in requests and in answers", "others: 200", f"request, with status {', '.join(map(str, statuses))}", recovery)


def test_a_cut_cable_to_the_service_is_found_out(report):
    """Connections stay open and nothing comes: only pings find that out."""
    with programs.service() as service:
        with faults.Proxy(service.await_log("ready")["port"]) as proxy, programs.gateway(proxy.port) as gateway:
            port = gateway.await_log("listening")["port"]
            programs.await_ping(port)
            with programs.Http(port) as connection:
                assert connection.classify(TEXT)[0] == 200
                proxy.cut()  # new connections go through
                assert connection.classify(TEXT, x_request_timeout_ms="500")[0] == 504
                recovery = faults.seconds_until(lambda: connection.classify(TEXT, x_request_timeout_ms="500")[0] == 200, "a new connection is made", 60)
                assert recovery < 40
            report.add("Half-open connection from gateway to service (nothing arrives, nothing is closed)", "504 by the request's deadline",
                       "; ".join(faults.messages_of(gateway)), recovery)
            assert gateway.stop() == 0


def latencies(port, count=300):
    taken = []
    with programs.Http(port) as connection:
        for _ in range(count):
            begin = time.monotonic()
            assert connection.classify(TEXT)[0] == 200
            taken.append((time.monotonic() - begin) * 1000)
    return statistics.median(taken), sorted(taken)[int(count * 0.99)]


def test_ten_thousand_idle_connections_cost_little(report):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 1000:
        pytest.skip(f"this machine allows {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = []
    try:
        with programs.service() as service:
            port = service.await_log("ready")["port"]
            with programs.gateway(port, f"--max-connections={IDLE + 100}", "--idle-timeout-ms=600000") as gateway:
                port = gateway.await_log("listening")["port"]
                programs.await_ping(port)
                median, slow = latencies(port)
                before = process_figures.resident(gateway.process.pid)
                idle.extend(connect(port) for _ in range(IDLE))
                programs.eventually(lambda: process_figures.descriptors(gateway.process.pid) > IDLE, "all are accepted")
                each = (process_figures.resident(gateway.process.pid) - before) / IDLE
                assert each < 32 * 1024
                median_then, slow_then = latencies(port)
                assert median_then < 3 * median + 5
                while idle:
                    idle.pop().close()
                recovery = faults.seconds_until(lambda: process_figures.descriptors(gateway.process.pid) < 100, "all are gone")
                report.add(f"{IDLE:,} idle connections", f"200; p50 {median_then:.1f} ms (before: {median:.1f}), p99 {slow_then:.1f} ms ({slow:.1f}); {each / 1024:.1f} KB each",
                           "; ".join(faults.messages_of(gateway)) or "nothing", recovery)
                assert gateway.stop() == 0
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
