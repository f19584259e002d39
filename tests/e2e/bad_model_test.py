"""A model directory that cannot be served: one clear line, exit status 1, and never a crash."""

import json
import shutil
import subprocess

import pytest

import programs


def edit_json(name, **members):
    def change(model):
        content = json.loads((model / name).read_text())
        content.update(members)
        (model / name).write_text(json.dumps({key: value for key, value in content.items() if value is not ...}))
    return change


def write(name, content):
    return lambda model: (model / name).write_bytes(content)


def remove(name):
    return lambda model: (model / name).unlink()


def cut(name, keep):
    def change(model):
        content = (model / name).read_bytes()
        (model / name).write_bytes(content[:keep] if keep >= 0 else content[:len(content) + keep])
    return change


def pickled(model):
    (model / "model.safetensors").rename(model / "pytorch_model.bin")


def to_torchscript(content):
    def change(model):
        (model / "model.safetensors").unlink()
        (model / "model.pt").write_bytes(content)
    return change


# what is wrong: how to make it so, and what the line says
BAD = {
    "no directory": (shutil.rmtree, "no such model directory"),
    "no config.json": (remove("config.json"), "config.json"),
    "no weights": (remove("model.safetensors"), "holds neither model.safetensors nor model.pt"),
    "no tokenizer": (remove("tokenizer.json"), "tokenizer.json"),
    "empty config.json": (write("config.json", b""), "config.json: the file is empty"),
    "half-written config.json": (cut("config.json", 100), "config.json: is not valid JSON"),
    "config.json holds a list": (write("config.json", b"[]"), "config.json: holds no JSON object"),
    "half-written tokenizer.json": (cut("tokenizer.json", 1000), "tokenizer.json"),
    "half-written metadata.json": (cut("metadata.json", 50), "metadata.json"),
    "empty weights": (write("model.safetensors", b""), "model.safetensors"),
    "truncated header": (cut("model.safetensors", 200), "model.safetensors"),
    "truncated data": (cut("model.safetensors", -1), "it is truncated"),
    "weights are something else": (write("model.safetensors", b"PK\x03\x04 not safetensors at all"), "model.safetensors"),
    "pickled weights": (pickled, "safe_serialization=True"),
    "no TorchScript": (to_torchscript(b"not a zip"), "model.pt: is no TorchScript file"),
    "unknown architecture": (edit_json("config.json", model_type="gpt2"), 'model_type: the architecture "gpt2" is not supported'),
    "no architecture": (edit_json("config.json", model_type=...), "config.json: model_type: is missing"),
    "wrong hidden size": (edit_json("config.json", hidden_size=64), "but config.json asks for"),
    "hidden size is text": (edit_json("config.json", hidden_size="big"), "config.json: hidden_size: expected an integer"),
    "too many layers": (edit_json("config.json", num_hidden_layers=3), "bert.encoder.layer.2.attention.self.query.weight is missing"),
    "heads do not divide": (edit_json("config.json", num_attention_heads=7), "config.json: num_attention_heads: 7 does not divide"),
    "unknown activation": (edit_json("config.json", hidden_act="mish"), 'config.json: hidden_act: "mish" is not supported'),
    "too few labels": (edit_json("config.json", id2label={"0": "a"}), "tensor classifier.weight has shape"),
    "unknown problem_type": (edit_json("config.json", problem_type="ranking"), "config.json: problem_type"),
    "label ids are words": (edit_json("config.json", id2label={"one": "a"}), "config.json: id2label"),
    "no room for a token": (edit_json("tokenizer_config.json", model_max_length=1), "model_max_length"),
}


@pytest.mark.parametrize("what", BAD)
def test_the_line_names_file_and_fault(what, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(programs.ROOT / "models/demo", model)
    change, said = BAD[what]
    change(model)
    result = subprocess.run([programs.BINARIES / "verdict-service", f"--model-dir={model}", "--grpc-listen=127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1, result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    entry = json.loads(lines[0])
    assert entry["message"] == "cannot start"
    assert said in entry["error"]


def test_serve_ends_with_the_service(tmp_path):
    with programs.Program("verdict-service", "serve", "--http-listen=127.0.0.1:0", environment={"SM_MODEL_DIR": str(tmp_path / "none")}) as program:
        assert program.wait() == 1
        assert any("no such model directory" in entry.get("error", "") for entry in program.log)
