"""The Python modules generated from proto/verdict/v1."""

import importlib
import sys

import grpc_tools.protoc

import programs


def make_stubs(folder):
    """Generates them into a folder. Returns a function from a module's name to the module: stubs("classifier_pb2")."""
    protos = sorted((programs.ROOT / "proto/verdict/v1").glob("*.proto"))
    arguments = ["protoc", f"-I{programs.ROOT / 'proto'}", f"-I{grpc_tools.protoc._get_resource_file_name('grpc_tools', '_proto')}",
                 f"--python_out={folder}", f"--grpc_python_out={folder}", *map(str, protos)]
    assert grpc_tools.protoc.main(arguments) == 0
    sys.path.insert(0, str(folder))
    return lambda name: importlib.import_module(f"verdict.v1.{name}")
