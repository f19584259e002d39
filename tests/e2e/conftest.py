"""Fixtures: the generated stubs, and one pair of programs that tests share when they do it no harm."""

import grpc
import pytest

import faults
import programs
from stub_modules import make_stubs


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """The Python modules generated from proto/verdict/v1, by name: stubs("classifier_pb2")."""
    return make_stubs(tmp_path_factory.mktemp("stubs"))


@pytest.fixture(scope="session")
def service():
    with programs.service() as program:
        program.port = program.await_log("ready")["port"]
        yield program


@pytest.fixture(scope="session")
def gateway(service):
    with programs.gateway(service.port) as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


@pytest.fixture
def connection(gateway):
    with programs.Http(gateway.port) as connection:
        yield connection


@pytest.fixture(scope="session")
def channel(service):
    with grpc.insecure_channel(f"127.0.0.1:{service.port}") as channel:
        yield channel


@pytest.fixture
def serve():
    """`verdict-service serve`, ready."""
    with programs.serve() as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


@pytest.fixture(scope="session")
def report():
    """Where the tests of faults write down what they saw."""
    rows = faults.Report()
    yield rows
    rows.write()
