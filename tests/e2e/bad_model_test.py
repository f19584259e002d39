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
    "no TorchScript": (to_torchscript(b"not a zip"), "model.pt: a TorchScript bundle is a program"),  # not even looked at
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


def edit_tokenizer(path, value):
    """Sets a member of tokenizer.json by its path; ... removes it."""
    def change(model):
        content = json.loads((model / "tokenizer.json").read_text())
        part = content
        for step in path[:-1]:
            part = part[step]
        if value is ...:
            del part[path[-1]]
        else:
            part[path[-1]] = value
        (model / "tokenizer.json").write_text(json.dumps(content))
    return change


def shard(index):
    """One shard, and an index that says `index(the tensors' names)` of it."""
    def change(model):
        weights = (model / "model.safetensors").read_bytes()
        header = json.loads(weights[8:8 + int.from_bytes(weights[:8], "little")])
        (model / "model.safetensors").rename(model / "model-00001-of-00001.safetensors")
        (model / "model.safetensors.index.json").write_text(json.dumps(index([name for name in header if name != "__metadata__"])))
    return change


def both(*changes):
    return lambda model: [change(model) for change in changes]


UNSUPPORTED = "is not supported"
TYPES = {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 7}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 7}}, {"Sequence": {"id": "B", "type_id": 0}}],
         "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}}
# a family of tests/golden/families, what is wrong, how to make it so, and what the line says: the file, the member and the fault
BAD_FAMILIES = [
    ("albert", "more groups than layers", edit_json("config.json", num_hidden_groups=9), "config.json: num_hidden_groups: more groups than layers"),
    ("albert", "half a SentencePiece file", cut("spiece.model", 5000), "spiece.model: "),
    ("albert", "no SentencePiece file", remove("spiece.model"), "has neither tokenizer.json nor spiece.model"),
    ("bert_cased", "no vocabulary", remove("vocab.txt"), "has neither tokenizer.json nor vocab.txt"),
    ("bert_cased", "special token not in the vocabulary", edit_json("tokenizer_config.json", cls_token="<nowhere>"), 'vocab.txt: the vocabulary lacks "<nowhere>", the cls_token'),
    ("bert_cased", "vocabulary in Latin-1", write("vocab.txt", b"[PAD]\n\xe9t\xe9\n"), "vocab.txt: "),
    ("camembert", "a class of other languages", edit_json("tokenizer_config.json", tokenizer_class="T5Tokenizer"), f'tokenizer_config.json: tokenizer_class: "T5Tokenizer" {UNSUPPORTED}'),
    ("camembert", "labels beyond the head", edit_json("config.json", id2label={str(i): str(i) for i in range(9)}), "tensor classifier.out_proj.weight has shape"),
    ("deberta_v2", "unknown attention term", edit_json("config.json", pos_att_type=["c2p", "x2y"]), "config.json: pos_att_type: "),
    ("deberta_v2", "another pooler", edit_json("config.json", pooler_hidden_size=99), "config.json: pooler_hidden_size: "),
    ("deberta_v3", "an even convolution", edit_json("config.json", conv_kernel_size=4), "config.json: conv_kernel_size: "),
    ("deberta_v3", "Unigram without pieces", edit_tokenizer(["model", "vocab"], []), "tokenizer.json: there are no pieces"),
    ("distilbert", "heads do not divide", edit_json("config.json", n_heads=5), "config.json: n_heads: 5 does not divide"),
    ("electra", "unknown model of words", edit_tokenizer(["model", "type"], "Magic"), f'tokenizer.json: model.type: "Magic" {UNSUPPORTED}'),
    ("electra", "no vocabulary in the model", edit_tokenizer(["model", "vocab"], ...), "tokenizer.json: model.vocab: "),
    ("electra", "types the model has not", both(edit_tokenizer(["post_processor"], TYPES), edit_json("tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", model_input_names=["token_type_ids"])),
     "tokenizer.json: the special tokens around a text (A [SEP]:7) do not fit the model: "),
    ("modernbert", "unknown normalizer", edit_tokenizer(["normalizer"], {"type": "Nmt"}), f'tokenizer.json: normalizer.type: "Nmt" {UNSUPPORTED}'),
    ("modernbert", "unknown pre-tokenizer", edit_tokenizer(["pre_tokenizer"], {"type": "UnicodeScripts"}), f'tokenizer.json: pre_tokenizer.type: "UnicodeScripts" {UNSUPPORTED}'),
    ("modernbert", "an expression nobody knows", edit_tokenizer(["pre_tokenizer"], {"type": "Split", "pattern": {"Regex": "(a|b)+c"}, "behavior": "Isolated", "invert": False}),
     f'tokenizer.json: pre_tokenizer.pattern.Regex: "(a|b)+c" {UNSUPPORTED}'),
    ("modernbert", "unknown post-processor", edit_tokenizer(["post_processor", "type"], "Magic"), f'tokenizer.json: post_processor.type: "Magic" {UNSUPPORTED}'),
    ("modernbert", "dropout draws lots", edit_tokenizer(["model", "dropout"], 0.1), "tokenizer.json: model.dropout: "),
    ("modernbert", "a merge of no tokens", edit_tokenizer(["model", "merges"], [["no such", "token"]]), "tokenizer.json: "),
    ("modernbert", "another pooling", edit_json("config.json", classifier_pooling="max"), "config.json: classifier_pooling: "),
    ("mpnet", "no layers", edit_json("config.json", num_hidden_layers=0), "config.json: num_hidden_layers: expected an integer between 1"),
    ("roberta", "no merges", remove("merges.txt"), "merges.txt: No such file"),
    ("roberta", "a merge of three", write("merges.txt", b"#version: 0.2\na b c\n"), "merges.txt: line 2: expected two tokens"),
    ("roberta", "a negative id", edit_json("vocab.json", **{"<s>": -5}), 'vocab.json: "<s>": expected an id between 0'),
    ("roberta", "a padding token without id", edit_json("config.json", pad_token_id="one"), "config.json: pad_token_id: expected an integer"),
    ("roberta_fast", "special token nowhere", edit_json("tokenizer_config.json", sep_token="<nowhere>"), 'tokenizer.json: the vocabulary lacks "<nowhere>", the sep_token'),
    ("xlm_roberta", "scores are text", edit_tokenizer(["model", "vocab", 5, 1], "high"), "tokenizer.json: model.vocab"),
    ("xlm_roberta", "a character map of nonsense", edit_tokenizer(["normalizer"], {"type": "Precompiled", "precompiled_charsmap": "!!"}), "precompiled_charsmap: is not base64"),
    ("xlm_roberta", "a tensor nobody has", shard(lambda names: {"weight_map": {name: "model-00001-of-00001.safetensors" for name in [*names, "extra"]}}),
     "model.safetensors.index.json: weight_map: extra: is not in model-00001-of-00001.safetensors"),
    ("xlm_roberta", "a shard outside", shard(lambda names: {"weight_map": {name: "../model.safetensors" for name in names}}), "is no file of this directory"),
    ("xlm_roberta", "a missing shard", shard(lambda names: {"weight_map": {name: "model-00002-of-00002.safetensors" for name in names}}), "model-00002-of-00002.safetensors"),
    ("xlm_roberta", "an index of nothing", shard(lambda names: {}), "model.safetensors.index.json: weight_map: expected an object"),
]


def assert_refused(model, said):
    result = subprocess.run([programs.BINARIES / "verdict-service", f"--model-dir={model}", "--grpc-listen=127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1, result.stderr
    options, *lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert options["message"] == "options"
    assert len(lines) == 1, lines
    entry = lines[0]
    assert entry["message"] == "cannot start"
    assert said in entry["error"]


@pytest.mark.parametrize("what", BAD)
def test_the_line_names_file_and_fault(what, tmp_path):
    change, said = BAD[what]
    shutil.copytree(programs.ROOT / "models/demo", tmp_path / "model")
    change(tmp_path / "model")
    assert_refused(tmp_path / "model", said)


@pytest.mark.parametrize("family, change, said", [pytest.param(family, change, said, id=f"{family}, {what}") for family, what, change, said in BAD_FAMILIES])
def test_the_line_names_file_and_fault_of_a_family(family, change, said, tmp_path):
    shutil.copytree(programs.ROOT / "tests/golden/families" / family, tmp_path / "model")
    change(tmp_path / "model")
    assert_refused(tmp_path / "model", said)


def test_serve_ends_with_the_service(tmp_path):
    with programs.Program("verdict-service", "serve", "--http-listen=127.0.0.1:0", environment={"SM_MODEL_DIR": str(tmp_path / "none")}) as program:
        assert program.wait() == 1
        assert any("no such model directory" in entry.get("error", "") for entry in program.log)
