"""Restarts under load: what callers notice of them. VERDICT_RESTARTS raises the number of rounds; docs/reliability.md has the figures."""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import statistics
import time

import grpc
import pytest

import programs
from haproxy import haproxy
from lifecycle_test import service_of, state
from load import Load

ROUNDS = int(os.environ.get("VERDICT_RESTARTS", "2"))
LAME_DUCK_MS = 500


def readyz(port):
    try:
        with programs.Http(port, 3.0) as connection:
            return connection.send("GET", "/readyz")[0]
    except OSError:
        return 0


def await_ready(port):
    programs.eventually(lambda: readyz(port) == 200, f"/readyz of {port} says 200")


def report(name, **figures):
    """A line for docs/reliability.md, where VERDICT_REPORT names a file."""
    if file := os.environ.get("VERDICT_REPORT"):
        with open(file, "a", encoding="utf-8") as out:
            out.write(json.dumps({"name": name, **figures}) + "\n")


class Fleet:
    """Two services and two gateways, each gateway in front of both services."""

    def __init__(self):
        ports = programs.free_ports(4)
        self.services, self.gateways = ports[:2], ports[2:]
        self.running = {}

    def start(self, port):
        if port in self.services:
            program = programs.Program("verdict-service", f"--model-dir={programs.MODEL}", f"--grpc-listen=127.0.0.1:{port}",
                                       f"--lame-duck-ms={LAME_DUCK_MS}")
            self.running[port] = program
            program.await_log("ready")
            return
        addresses = ",".join(f"127.0.0.1:{service}" for service in self.services)
        self.running[port] = programs.Program("verdict-gateway", f"--http-listen=127.0.0.1:{port}", f"--service-address={addresses}",
                                              f"--lame-duck-ms={LAME_DUCK_MS}")
        await_ready(port)

    def restart(self, port):
        """Ends when whoever stands in front has found it again, as a roll-out waits before the next one."""
        seen = {gateway: len(self.running[gateway].log) for gateway in self.gateways}
        assert self.running[port].stop() == 0
        self.start(port)
        if port in self.services:
            for gateway in self.gateways:
                self.running[gateway].await_log("a service serves again", after=seen[gateway])

    def __enter__(self):
        for port in (*self.services, *self.gateways):
            self.start(port)
        return self

    def __exit__(self, *_):
        for program in self.running.values():
            program.__exit__()


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="needs haproxy")
def test_a_rolling_restart_of_everything_loses_no_request(tmp_path):
    port, = programs.free_ports(1)
    with Fleet() as fleet, haproxy(tmp_path, port, fleet.gateways) as proxy, Load(port, reconnect=True) as load:
        load.await_answers(100)
        for _ in range(ROUNDS):
            for each in (*fleet.services, *fleet.gateways):
                before = load.answered
                fleet.restart(each)
                proxy.await_ready_servers(len(fleet.gateways))
                load.await_answers(before + 100)
                assert load.failures == []
        load.stop()
    assert load.failures == []
    report("rolling restart", rounds=ROUNDS, restarts=4 * ROUNDS, answered=load.answered, failed=len(load.failures),
           slowest_ms=round(load.slowest * 1000))


def kill_service(serve, port):
    """Seconds from the death of the service below a `serve` until it is ready again."""
    seen = len(serve.log)
    os.kill(service_of(serve), signal.SIGKILL)
    began = time.monotonic()
    serve.await_log("service ended, starting it again", after=seen)
    await_ready(port)
    return time.monotonic() - began


def test_a_service_that_is_killed_loses_no_request():
    times, answered, slowest = [], 0, 0.0
    for _ in range(ROUNDS):
        with programs.serve("--", f"--model-dir={programs.MODEL}") as serve:
            port = serve.await_log("listening")["port"]
            await_ready(port)
            with Load(port, reconnect=True) as load:
                load.await_answers(100)
                times.append(kill_service(serve, port))
                load.await_answers(load.answered + 100)
                load.stop()
            assert load.failures == []
            answered, slowest = answered + load.answered, max(slowest, load.slowest)
            assert serve.stop() == 0
    report("kill -9 under serve", kills=ROUNDS, answered=answered, failed=0, slowest_ms=round(slowest * 1000),
           ready_again_ms={"median": round(statistics.median(times) * 1000), "most": round(max(times) * 1000)})


def test_a_service_that_is_killed_again_and_again_loses_no_request():
    """Each death is followed by a longer pause, up to 5 s: requests wait for as long."""
    times = []
    with programs.serve("--", f"--model-dir={programs.MODEL}") as serve:
        port = serve.await_log("listening")["port"]
        await_ready(port)
        with Load(port, reconnect=True) as load:
            for _ in range(ROUNDS):
                load.await_answers(load.answered + 100)
                times.append(kill_service(serve, port))
            load.await_answers(load.answered + 100)
            load.stop()
        assert load.failures == []
        assert serve.stop() == 0
    report("kill -9 under serve, one after the other", kills=ROUNDS, answered=load.answered, failed=0, slowest_ms=round(load.slowest * 1000),
           ready_again_ms={"median": round(statistics.median(times) * 1000), "most": round(max(times) * 1000)})


def test_a_replica_that_is_killed_is_not_noticed():
    with Fleet() as fleet, Load(fleet.gateways[0], reconnect=True) as load:
        for _ in range(ROUNDS):
            for service in fleet.services:
                load.await_answers(load.answered + 100)
                fleet.running[service].signal(signal.SIGKILL)
                load.await_answers(load.answered + 100)
                fleet.running[service].wait()
                fleet.start(service)
        load.stop()
    assert load.failures == []
    report("kill -9 of a replica", kills=2 * ROUNDS, answered=load.answered, failed=len(load.failures), slowest_ms=round(load.slowest * 1000))


def test_a_service_that_hangs_is_replaced_under_serve():
    with programs.serve("--service-silent-ms=1000", "--", f"--model-dir={programs.MODEL}") as serve:
        port = serve.await_log("listening")["port"]
        await_ready(port)
        first = service_of(serve)
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        with programs.Http(port) as connection:
            assert connection.classify("a")[0] == 200  # by the next one
        report("hung service under serve", answered_after_ms=round((time.monotonic() - began) * 1000), silent_ms=1000)
        assert "answered no health check" in serve.await_log("service does not live, killing it")["why"]
        assert service_of(serve) != first
        assert serve.stop() == 0


def test_a_service_that_hangs_behind_a_gateway_is_told_and_found_again():
    with programs.service() as service:
        port = service.await_log("ready")["port"]
        with programs.gateway(port, "--service-silent-ms=1000", "--service-retry-ms=2000") as gateway:
            port = gateway.await_log("listening")["port"]
            await_ready(port)
            service.signal(signal.SIGSTOP)
            began = time.monotonic()
            with programs.Http(port) as connection:
                assert connection.classify("a")[0] == 503
                report("hung service behind a gateway", refused_after_ms=round((time.monotonic() - began) * 1000), silent_ms=1000,
                       retry_ms=2000)
                assert readyz(port) == 503
                assert connection.send("GET", "/livez")[0] == 200
                began = time.monotonic()
                assert connection.classify("a")[0] == 503
                assert time.monotonic() - began < 1.0, "at once, once it is known"
                service.signal(signal.SIGCONT)
                await_ready(port)
                assert connection.classify("a")[0] == 200
            assert gateway.stop() == 0
        assert service.stop() == 0


def test_probes_tell_start_readiness_and_end_apart():
    with programs.service() as service:
        port = service.await_log("ready")["port"]
        with programs.gateway(port, "--lame-duck-ms=1000", "--drain-timeout-ms=5000") as gateway:
            port = gateway.await_log("listening")["port"]
            await_ready(port)
            gateway.signal()
            gateway.await_log("leaving")
            with programs.Http(port) as connection:
                status, headers, body = connection.send("GET", "/readyz")
                assert (status, headers["Retry-After"], headers["Connection"]) == (503, "1", "close")
                assert body == b"[-]gateway failed: it is shutting down\n[+]service ok\nreadyz check failed\n"
            for path, expected in (("/livez", 200), ("/startupz", 200), ("/ping", 503)):
                with programs.Http(port) as connection:
                    assert connection.send("GET", path)[0] == expected
            with programs.Http(port) as connection:
                assert connection.classify("a")[0] == 200
            assert gateway.wait() == 0


def test_a_second_signal_ends_at_once():
    patient = ["--lame-duck-ms=20000", "--drain-timeout-ms=25000"]
    for program, ready in ((programs.service(*patient), "ready"), (programs.gateway(1, *patient), "listening"),
                           (programs.serve(*patient), "service ready")):
        with program:
            program.await_log(ready)
            program.signal()
            program.await_log("leaving")

            def ended():
                program.signal()  # those that come at once with the first count as one with it
                return program.process.poll() is not None
            programs.eventually(ended, "the second signal ends it", timeout=5.0)
            assert program.wait() == 128 + signal.SIGTERM


PTRACE_ATTACH, PTRACE_DETACH = 16, 17
WALL = 0x40000000  # waitpid looks at threads, too


class Stopped:
    """One thread of a child process, stopped, as no signal can do it: the others go on."""

    def __init__(self, thread):
        self.thread = thread
        self.ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        self.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def __enter__(self):
        if self.ptrace(PTRACE_ATTACH, self.thread, None, None) != 0:
            pytest.skip(f"may not stop a thread here: {os.strerror(ctypes.get_errno())}")
        os.waitpid(self.thread, WALL)
        return self

    def __exit__(self, *_):
        if self.ptrace(PTRACE_DETACH, self.thread, None, None) != 0:
            os.waitpid(self.thread, WALL)  # it has died, and its process is gone only once this is known


def lanes(pid):
    return [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if (task / "comm").read_text().startswith("lane")]


def health(port, service):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda name: b"\n" + bytes([len(name)]) + name.encode(),
                                    response_deserializer=lambda message: message[1])
        return {1: "SERVING", 2: "NOT_SERVING"}[check(service, timeout=10)]


def test_a_model_that_is_stuck_is_told_and_so_is_its_recovery():
    with programs.service("--wedged-after-ms=500", "--threads=1") as service:
        port = service.await_log("ready")["port"]
        assert [health(port, name) for name in ("", "liveness")] == ["SERVING", "SERVING"]
        with programs.gateway(port, "--service-retry-ms=0") as gateway:
            http = gateway.await_log("listening")["port"]
            await_ready(http)
            with programs.Http(http) as connection:
                with Stopped(*lanes(service.process.pid)):
                    connection.connection.request("POST", "/invocations", json.dumps({"text": "a"}), {"Content-Type": "application/json"})
                    service.await_log("a queue does not move; not serving")
                    assert [health(port, name) for name in ("", "liveness")] == ["NOT_SERVING", "NOT_SERVING"]
                    assert readyz(http) == 503
                assert connection.connection.getresponse().status == 200
            service.await_log("the model moves again; serving")
            assert [health(port, name) for name in ("", "liveness")] == ["SERVING", "SERVING"]
            await_ready(http)
        assert service.stop() == 0


def test_serve_replaces_a_service_that_is_stuck():
    with programs.serve("--", f"--model-dir={programs.MODEL}", "--wedged-after-ms=500", "--threads=1") as serve:
        port = serve.await_log("listening")["port"]
        await_ready(port)
        first = service_of(serve)
        with programs.Http(port) as connection:
            with Stopped(*lanes(first)):
                connection.connection.request("POST", "/invocations", json.dumps({"text": "a"}), {"Content-Type": "application/json"})
                assert serve.await_log("service does not live, killing it")["why"] == "it says that it is stuck"
            assert connection.connection.getresponse().status == 200, "by the next one"
        assert service_of(serve) != first
        assert serve.stop() == 0


def test_a_stuck_model_does_not_keep_the_process_from_ending():
    with programs.service("--threads=1", "--drain-timeout-ms=500") as service:
        port = service.await_log("ready")["port"]
        with programs.gateway(port) as gateway:
            http = gateway.await_log("listening")["port"]
            await_ready(http)
            with programs.Http(http) as connection, Stopped(*lanes(service.process.pid)):
                connection.connection.request("POST", "/invocations", json.dumps({"text": "a"}), {"Content-Type": "application/json"})
                service.signal()
                # A process is gone once whoever stops one of its threads lets go of it.
                programs.eventually(lambda: state(service.process.pid) == "Z", "it has ended", timeout=10)
        assert service.wait(10) == 0


def test_a_signal_ends_a_start_that_takes_for_ever(stubs):
    """With several models, some of which answer already, and one whose loading does not go on."""
    models = ",".join(f"m{number}={programs.MODEL}" for number in range(300))
    port, = programs.free_ports(1)
    with programs.Program("verdict-service", f"--models={models}", f"--grpc-listen=127.0.0.1:{port}", "--drain-timeout-ms=3000") as service:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            request = stubs("classifier_pb2").ClassifyRequest(model="m0", inputs=[{"text": "a"}])
            classify = stubs("classifier_pb2_grpc").ClassifierStub(channel).Classify

            def answers():
                try:
                    return classify(request, timeout=5).results
                except grpc.RpcError:
                    return None
            programs.eventually(answers, "the first model answers")
            with Stopped(service.process.pid):  # the thread that loads
                assert health(port, "") == "NOT_SERVING", "still loading"
                began = time.monotonic()
                service.signal()
                service.await_log("draining")
                # At the latest a second after the time to drain: the stopped thread may hold what others need to end by themselves.
                programs.eventually(lambda: len(os.listdir(f"/proc/{service.process.pid}/task")) == 1, "it has ended", timeout=10)
            assert service.wait(5) == 0
            assert time.monotonic() - began < 10
