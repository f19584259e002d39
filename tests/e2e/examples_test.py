"""The examples build, and do what their pages say, against the real service."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import programs

EXAMPLES = programs.ROOT / "examples"
TEXT = "I lost my card yesterday"
SERVICE_CONFIG = json.loads((programs.ROOT / "docs/service_config.json").read_text())


def run(*command, **settings):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=500, check=False, **settings)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


def build_cpp(folder):
    run("cmake", "-S", EXAMPLES / "cpp", "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug")
    run("cmake", "--build", folder)
    return [folder / "classify"], "--", {}


def build_python(folder):
    run(EXAMPLES / "python/generate.sh", folder, env={**os.environ, "PYTHON": sys.executable})
    return [sys.executable, "-B", EXAMPLES / "python/classify.py"], "--", {"PYTHONPATH": str(folder)}


def build_go(folder):
    """In a copy, so that nothing is left behind in the sources."""
    copy = folder / "go"
    shutil.copytree(EXAMPLES / "go", copy, ignore=shutil.ignore_patterns(".tools", "verdictv1", "classify"))
    settings = {"cwd": copy, "env": {**os.environ, "PROTO": str(programs.ROOT / "proto"), "GOFLAGS": "-mod=readonly -buildvcs=false"}}
    run("./generate.sh", **settings)
    run("go", "vet", ".", **settings)
    run("go", "build", "-o", "classify", ".", **settings)
    return [copy / "classify"], "-", {}


@pytest.fixture(scope="module", params=[build_cpp, build_python, build_go], ids=["cpp", "python", "go"])
def example(request, tmp_path_factory, service):
    """A call of the example: its output, what it says of errors, and its exit code."""
    command, dashes, environment = request.param(tmp_path_factory.mktemp("example"))

    def call(*arguments, address=f"127.0.0.1:{service.port}"):
        words = [word.replace("--", dashes, 1) if word in ("--model", "--lines") else word for word in map(str, arguments)]
        result = subprocess.run([str(word) for word in [*command, address, *words]], capture_output=True, text=True, timeout=120,
                                env={**os.environ, **environment}, check=False)
        return result.stdout, result.stderr, result.returncode
    return call


def test_classifies_the_texts_of_its_command_line(example):
    output, errors, code = example(TEXT, "How do I change my PIN?")
    assert (code, errors) == (0, "")
    rows = [line.split("\t") for line in output.splitlines()]
    assert [row[2] for row in rows] == [TEXT, "How do I change my PIN?"]
    assert rows[0][0] == "lost_or_stolen_card"
    assert rows[1][0] == "change_pin"
    assert all(0 < float(row[1]) <= 1 for row in rows)


def test_streams_the_lines_of_a_file_in_their_order(example, tmp_path):
    lines = [f"my card number {i} is lost" for i in range(1000)]
    (tmp_path / "lines.txt").write_text("\n".join(lines) + "\n")
    output, errors, code = example("--lines", tmp_path / "lines.txt")
    assert (code, errors) == (0, "")
    assert [line.split("\t")[2] for line in output.splitlines()] == lines


def test_says_what_is_wrong(example, tmp_path):
    output, errors, code = example("--model", "nobody", TEXT)
    assert (output, code) == ("", 1)
    assert 'error: no model is named "nobody"' in errors
    assert "reason: verdict MODEL_NOT_FOUND" in errors
    output, errors, code = example()
    assert (output, code) == ("", 1)
    assert "field: inputs: at least one text is needed" in errors
    (tmp_path / "lines.txt").write_text("a\nb\n")
    output, errors, code = example("--model", "nobody", "--lines", tmp_path / "lines.txt")
    assert (output, code) == ("", 1)
    assert errors.count("reason: verdict MODEL_NOT_FOUND") == 2


def test_says_that_nobody_is_there(example):
    output, errors, code = example(TEXT, address="127.0.0.1:1")
    assert (output, code) == ("", 1)
    assert errors.startswith("error: ")


@pytest.mark.parametrize("file, pieces", [("cpp/classify.cc", r'R"\((.*?)\)"'), ("go/main.go", r"serviceConfig = `(.*?)`")])
def test_the_examples_retry_as_the_published_config(file, pieces):
    config = json.loads("".join(re.findall(pieces, (EXAMPLES / file).read_text(), re.S)))
    assert config["retryThrottling"] == SERVICE_CONFIG["retryThrottling"]
    for key in ["timeout", "retryPolicy"]:
        assert config["methodConfig"][0][key] == SERVICE_CONFIG["methodConfig"][0][key]
