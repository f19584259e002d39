"""Faults of the service, its disk, its model files, its clock, its memory and its log, with the real programs. Each test says what a
client saw, what was logged, and how soon all was well again."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import exposition
import faults
import process_figures
import programs
from load import Load

LONG = "Where is the card that I ordered two weeks ago? " * 60


def service_of(program):
    return programs.eventually(lambda: next(iter(process_figures.children(program.process.pid)), None), "the service runs")


@contextlib.contextmanager
def serving(*arguments, **options):
    with programs.serve(*arguments, **options) as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


def test_a_hung_service_fails_requests_by_their_deadline_and_goes_on(report):
    with serving() as program, programs.Http(program.port) as connection:
        assert connection.classify("a")[0] == 200
        service = service_of(program)
        faults.freeze(service)
        begin = time.monotonic()
        status = connection.classify("a", x_request_timeout_ms="500")[0]
        waited = time.monotonic() - begin
        assert status == 504
        assert 0.4 < waited < 3
        assert programs.ping(program.port, timeout=5) == 503
        os.kill(service, signal.SIGCONT)
        recovery = faults.seconds_until(lambda: faults.answers(program.port), "answers come again", 10)
        assert service_of(program) == service
        report.add("Service hangs (SIGSTOP, SIGCONT)", f"504 after the request's own {waited * 1000:.0f} ms; `/ping` 503", "; ".join(faults.messages_of(program)), recovery)
        assert program.stop() == 0


def test_a_killed_service_is_started_again(report):
    with serving() as program:
        begin = len(program.log)
        os.kill(service_of(program), signal.SIGKILL)
        seen = set()
        deadline, start = time.monotonic() + 30, time.monotonic()
        with programs.Http(program.port) as connection:
            while time.monotonic() < deadline:
                seen.add(status := connection.classify("a")[0])
                if status == 200 and len(program.log) > begin and "service started" in [entry["message"] for entry in program.log[begin:]]:
                    break
        recovery = time.monotonic() - start
        assert seen <= {200, 502, 503}
        report.add("Service is killed (SIGKILL)", "200, once it is back" if seen == {200} else ", ".join(map(str, sorted(seen - {200}))) + " until it is back", "; ".join(faults.messages_of(program)), recovery)
        assert program.stop() == 0


def test_a_full_disk_for_waiting_answers_is_for_those_who_do_not_read_them(report, tmp_path):
    """Who sends records without reading answers needs room for them; who reads as it sends needs none."""
    with faults.small_disk(tmp_path / "disk", 64) as disk:
        if disk is None:
            pytest.skip("mounting needs root")
        record, count = json.dumps({"text": "card"}).encode() + b"\n", 60_000
        with serving("--body-timeout-ms=2000", environment={"TMPDIR": str(disk)}) as program:
            first = len(program.log)
            with socket.socket() as raw:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # else the kernel holds megabytes of answers for it
                raw.connect(("127.0.0.1", program.port))
                raw.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/jsonlines\r\n"
                            b"Content-Length: %d\r\n\r\n" % (len(record) * count))
                with contextlib.suppress(OSError):
                    raw.sendall(record * count)
                program.await_log("an answer that its caller does not read yet stays in memory: its temporary file takes no more")
                programs.eventually(lambda: any(entry.get("cut_off") for entry in program.log[first:]), "the log says that it was cut off")
            assert process_figures.resident(program.process.pid) < 100e6
            url = f"http://127.0.0.1:{program.port}/invocations"
            run = subprocess.run(["curl", "--silent", "--max-time", "110", "-H", "Content-Type: application/jsonlines", "--data-binary", "@-", url],
                                 input=record * count, capture_output=True, timeout=120, check=False)
            assert (run.returncode, run.stdout.count(b"\n")) == (0, count)
            recovery = faults.seconds_until(lambda: faults.answers(program.port), "others are answered")
            report.add("Disk full: answers that wait for their caller", "who reads while it sends: 200, every record; who does not: cut off after `--body-timeout-ms`",
                       "; ".join(faults.messages_of(program)), recovery)
            assert program.stop() == 0


def test_a_full_disk_for_prepared_weights_costs_a_warning(report, tmp_path):
    with faults.small_disk(tmp_path / "disk", 64) as disk:
        if disk is None:
            pytest.skip("mounting needs root")
        with serving(environment={"VERDICT_PREPARED_WEIGHTS": str(disk)}) as program:
            entry = program.await_log("prepared weights are not kept")
            assert faults.answers(program.port)
            assert list(disk.iterdir()) == [], "nothing half written is left"
            report.add("Disk full: prepared weights", "200", f"{entry['message']}: {entry['error'].rsplit(': ', 1)[-1]}", "not needed")
            assert program.stop() == 0


@contextlib.contextmanager
def with_log_to(stderr):
    """`serve` with its log elsewhere, on a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "VERDICT_MODEL_DIR": str(programs.MODEL), "VERDICT_HTTP_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen([*programs.DIE_WITH_PARENT, programs.BINARIES / "verdict-service", "serve"], env=environment, stderr=stderr)
    try:
        programs.await_ping(port)
        yield port
        process.terminate()
        assert process.wait(programs.STOP_TIMEOUT) == 0
    finally:
        process.kill()
        process.wait()


def test_a_log_on_a_full_disk_is_lost_and_nothing_else(report):
    with open("/dev/full", "wb") as full, with_log_to(full) as port:
        assert all(faults.answers(port) for _ in range(50))
    report.add("Disk full: the log", "200", "nothing: there is no room for it", "at once")


def test_a_log_that_nobody_reads_delays_no_request(report):
    reading, writing = os.pipe()
    try:
        with with_log_to(writing) as port, programs.Http(port) as connection:
            slowest, logged = 0, 0
            while logged < 1 << 20:  # a pipe holds 64 KiB
                path = "/nothing/" + "x" * 4000
                begin = time.monotonic()
                connection.send("GET", path)
                slowest = max(slowest, time.monotonic() - begin)
                logged += 300
                if logged % 30_000 == 0:
                    assert connection.classify("a")[0] == 200
            assert slowest < 2
    finally:
        os.close(reading)
        os.close(writing)
    report.add("Nobody reads the log's pipe", f"200; the slowest took {slowest * 1000:.0f} ms", "lines are dropped until it is read again", "at once")


@pytest.fixture
def open_path():
    """A folder that every user may look into."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        yield pathlib.Path(folder)


def copy_of_model(tmp_path):
    model = tmp_path / "model"
    shutil.copytree(programs.MODEL, model)
    return model


def test_model_files_deleted_while_they_are_mapped_are_served_on(report, tmp_path):
    model = copy_of_model(tmp_path)
    with serving(model=model) as program:
        shutil.rmtree(model)
        assert all(faults.answers(program.port) for _ in range(20))
        report.add("Model directory is deleted under a running service", "200", "nothing", "not needed; the next start needs the files")
        assert program.stop() == 0


def test_a_model_file_cut_short_under_a_running_service_ends_it_and_a_good_one_brings_it_back(report, tmp_path):
    model = copy_of_model(tmp_path)
    weights = model / "model.safetensors"
    whole = weights.read_bytes()
    with serving(model=model) as program:
        os.truncate(weights, 4096)
        statuses = set()
        with contextlib.suppress(AssertionError), programs.Http(program.port) as connection:
            for word in "card money abroad pin transfer refund exchange atm top limit".split():
                statuses.add(connection.classify(f"{word} " * 30)[0])
        programs.eventually(lambda: "service ended, starting it again" in faults.messages_of(program) and "cannot start" in faults.messages_of(program), "it was ended, and says why it cannot start")
        assert any("model.safetensors" in entry.get("error", "") for entry in program.log)
        assert programs.ping(program.port) == 503
        (model / "new").write_bytes(whole)
        (model / "new").rename(weights)
        recovery = faults.seconds_until(lambda: faults.answers(program.port), "it serves again")
        report.add("`model.safetensors` is cut short in place", ", ".join(map(str, sorted(statuses))) + "; `/ping` 503 until it is whole",
                   "service ended, starting it again: signal 7 (Bus error); cannot start, with the file's name", recovery)
        assert program.stop() == 0


def test_an_unreadable_model_is_one_clear_line(report, open_path):
    model = copy_of_model(open_path)
    (model / "model.safetensors").chmod(0)
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] if os.getuid() == 0 else []
    program = programs.Program("verdict-service", f"--model-dir={model}", "--grpc-listen=127.0.0.1:0", prefix=prefix)
    with program:
        assert program.wait() in (1, 126)
        if program.process.returncode == 126:
            pytest.skip("another user may not execute the program here")
        assert "model.safetensors" in program.await_log("cannot start")["error"]
    report.add("Model file unreadable at the start", "nothing listens", "cannot start: the file and the reason; status 1", "by a restart")


def test_a_wall_clock_that_is_set_neither_ends_nor_keeps_a_request(report, tmp_path):
    clock = faults.Clock(tmp_path)
    with serving(environment=clock.environment) as program, Load(program.port, connections=16, text=LONG) as load:
        answered = 0
        for offset in [3600, -3600, 86400 * 400, 0]:
            load.await_answers(answered + 60)
            clock.set(offset)
            answered = load.answered
        load.await_answers(answered + 60)
        load.stop()
        assert load.failures == []
        assert program.log[-1]["time"]
        report.add("Wall clock set by an hour and by a year, both ways, under load", "200", "nothing", "not needed")
        assert program.stop() == 0


def test_a_clock_set_back_does_not_prolong_a_drain(tmp_path):
    clock = faults.Clock(tmp_path)
    with serving("--drain-timeout-ms=1500", environment=clock.environment) as program:
        faults.freeze(service_of(program))
        with programs.Http(program.port) as connection:
            connection.connection.request("POST", "/invocations", '{"text":"a"}')
            program.signal()
            program.await_log("draining")
            clock.set(-3600)
            assert program.wait(20) == 0


def limited(limit, value):
    return ["prlimit", f"--{limit}={value}", "--"]


def test_a_request_beyond_the_gateways_memory_fails_alone(report, service):
    """Bodies are held in memory. Address space stands for memory: a cgroup's limit kills instead, which is the case above."""
    with programs.Program("verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=127.0.0.1:{service.port}",
                          "--max-body-bytes=2000000000", prefix=limited("as", 900_000_000)) as program:
        port = program.await_log("listening")["port"]
        programs.await_ping(port)
        seen = "no answer: the connection is closed"
        with contextlib.suppress(OSError), programs.Http(port) as connection:
            seen = str(connection.send("POST", "/invocations", b'{"text":"' + b"a" * 1_000_000_000)[0])
        assert program.process.poll() is None
        recovery = faults.seconds_until(lambda: faults.answers(port), "others are answered", 10)
        report.add("Memory limit, in the gateway", seen, "; ".join(faults.messages_of(program)), recovery)
        assert program.stop() == 0


def test_a_request_beyond_the_services_memory_fails_alone_or_brings_a_new_service(report):
    with serving() as program:
        service = service_of(program)
        resource.prlimit(service, resource.RLIMIT_AS, (process_figures.address_space(service) + 24_000_000,) * 2)
        with programs.Http(program.port) as connection:
            status = connection.classify("a b " * 5_000_000)[0]
        assert status in (500, 503)
        recovery = faults.seconds_until(lambda: faults.answers(program.port), "others are answered", 20)
        report.add("Memory limit, in the service", str(status), "; ".join(faults.messages_of(program)), recovery)
        assert program.stop() == 0


def test_too_few_descriptors_cost_new_connections_only(report, service):
    with programs.Program("verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=127.0.0.1:{service.port}",
                          prefix=limited("nofile", 64)) as program:
        port = program.await_log("listening")["port"]
        programs.await_ping(port)
        with programs.Http(port) as connection, contextlib.ExitStack() as stack:
            assert connection.classify("a")[0] == 200
            for _ in range(200):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            program.await_log("cannot accept a connection")
            assert all(connection.classify("a")[0] == 200 for _ in range(50)), "who is connected is served"
            before, begin = process_figures.processor_seconds(program.process.pid), time.monotonic()
            first = len(program.log)
            # Nothing happens meanwhile but what it does of itself; so this is measured by the clock.
            programs.eventually(lambda: time.monotonic() > begin + 1.5, "a second and a half")
            busy = (process_figures.processor_seconds(program.process.pid) - before) / (time.monotonic() - begin)
            assert busy < 0.3, "it does not spin"
            assert sum(entry["level"] != "INFO" for entry in program.log[first:]) <= 3, "nor does it fill the log"
        recovery = faults.seconds_until(lambda: faults.answers(port), "new connections are taken again", 10)
        report.add("Too few descriptors (64), in the gateway", "who is connected: 200; others wait to be accepted", "cannot accept a connection", recovery)
        assert program.stop() == 0


def grpc_serves(port, timeout=2):
    # A connection of its own each time.
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=timeout).status == health_pb2.HealthCheckResponse.SERVING
        except grpc.RpcError:
            return False


def test_too_few_descriptors_do_not_make_the_service_deaf(report):
    with programs.Program("verdict-service", f"--model-dir={programs.MODEL}", "--grpc-listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0",
                          prefix=limited("nofile", 64)) as program:
        port = program.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, contextlib.ExitStack() as stack:
            check = health_pb2_grpc.HealthStub(channel).Check
            assert check(health_pb2.HealthCheckRequest(), timeout=5).status == health_pb2.HealthCheckResponse.SERVING
            for _ in range(200):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            program.await_log("a connection is closed: nearly all descriptors are in use")
            metrics_port = program.await_log("listening for scrapes")["port"]
            assert exposition.scrape(metrics_port).value("verdict_service_refused_connections_total") >= 100
            for _ in range(50):
                assert check(health_pb2.HealthCheckRequest(), timeout=5).status == health_pb2.HealthCheckResponse.SERVING
        recovery = faults.seconds_until(lambda: grpc_serves(port), "new connections are taken again", 10)
        report.add("Too few descriptors (64), in the service", "who is connected: answered; others: `UNAVAILABLE`",
                   "a connection is closed: nearly all descriptors are in use", recovery)
        assert program.stop() == 0
