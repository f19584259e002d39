"""Fixtures: the generated stubs, and one pair of programs that tests share when they do it no harm."""

import importlib
import sys

import grpc
import grpc_tools.protoc
import pytest

import programs


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """The Python modules generated from proto/verdict/v1, by name: stubs("classifier_pb2")."""
    out = tmp_path_factory.mktemp("stubs")
    protos = sorted((programs.ROOT / "proto/verdict/v1").glob("*.proto"))
    arguments = ["protoc", f"-I{programs.ROOT / 'proto'}", f"-I{grpc_tools.protoc._get_resource_file_name('grpc_tools', '_proto')}",
                 f"--python_out={out}", f"--grpc_python_out={out}", *map(str, protos)]
    assert grpc_tools.protoc.main(arguments) == 0
    sys.path.insert(0, str(out))
    return lambda name: importlib.import_module(f"verdict.v1.{name}")


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
