"""What transformers answered, answered again: `verdict-service verify` on every golden set."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import programs

GOLDEN = programs.ROOT / "tests/golden"
MAKE = programs.ROOT / "tools/golden/make_bert_base.py"

BERT_BASE_LINES = slice(0, None, 8)  # of 2,000: all of them take minutes; tools/golden/README.md says how to run them

# name: golden file, arguments of the generator or the directory itself
SETS = {
    "demo": ("demo.jsonl", programs.ROOT / "models/demo"),
    "bert-base": ("bert_base.jsonl", []),
    "tiny": ("tiny.jsonl", ["--tiny"]),
    "tiny from tokenizer.json alone": ("tiny.jsonl", ["--tiny", "--layout", "tokenizer-json"]),
    "tiny from vocab.txt alone": ("tiny.jsonl", ["--tiny", "--layout", "vocab-txt"]),
    "tiny, config.json claims float16": ("tiny.jsonl", ["--tiny", "--config-dtype", "float16"]),
    "one label": ("tiny_one_label.jsonl", ["--tiny", "--task", "one-label"]),
    "multi-label": ("tiny_multi_label.jsonl", ["--tiny", "--task", "multi-label"]),
    "regression": ("tiny_regression.jsonl", ["--tiny", "--task", "regression"]),
    "pairs": ("tiny_pair.jsonl", ["--tiny", "--task", "pair"]),
    "torchscript": ("torchscript_tiny.jsonl", GOLDEN / "torchscript_tiny"),
    **{folder.name: (f"families/{folder.name}/golden.jsonl", folder) for folder in sorted((GOLDEN / "families").iterdir())},
}


def verify(model, golden):
    return subprocess.run([programs.BINARIES / "verdict-service", "--allow-torchscript=true", "verify", model, golden], capture_output=True,
                          text=True, timeout=900)


@pytest.mark.parametrize("name", SETS)
def test_answers_are_those_of_transformers(name, tmp_path):
    golden, source = SETS[name]
    model = source
    if isinstance(source, list):
        model = tmp_path / "model"
        subprocess.run([sys.executable, MAKE, "--out", model, *source], check=True, capture_output=True)
    answers = GOLDEN / golden
    if name == "bert-base":
        answers = tmp_path / golden
        answers.write_text("\n".join((GOLDEN / golden).read_text().splitlines()[BERT_BASE_LINES]))
    result = verify(model, answers)
    print(result.stdout)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"token ids equal +100 %", result.stdout)
    assert re.search(r"labels equal +100 %", result.stdout)


@pytest.mark.parametrize("precision", ["auto", "bf16"])
def test_half_precision_answers_within_its_tolerance(precision):
    command = [programs.BINARIES / "verdict-service", "verify", programs.ROOT / "models/demo", GOLDEN / "demo.jsonl"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "VERDICT_PRECISION": precision})
    if precision == "bf16" and "AVX-512" in result.stderr:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"token ids equal +100 %", result.stdout)


def test_the_tokenizers_limit_counts_where_positions_go_on(tmp_path):
    for family, limit, said in (("modernbert", 128, "128 (model 64, tokenizer 128)"), ("deberta_v3", None, "64 (model 64, tokenizer sets no limit)"),
                                ("roberta_fast", 128, "64 (model 64, tokenizer 128)")):
        shutil.copytree(GOLDEN / "families" / family, tmp_path / family)
        settings = json.loads((tmp_path / family / "tokenizer_config.json").read_text()) | {"model_max_length": limit}
        (tmp_path / family / "tokenizer_config.json").write_text(json.dumps(settings))
        result = subprocess.run([programs.BINARIES / "verdict-service", "inspect", tmp_path / family], capture_output=True, text=True)
        assert f"max tokens      {said}" in result.stdout, result.stdout + result.stderr


def test_a_changed_answer_is_found(tmp_path):
    lines = (GOLDEN / "demo.jsonl").read_text().splitlines()[:3]
    for old, new, said in (('"ids": [', '"ids": [7, ', "token ids differ"), ('"label": "', '"label": "x', "label"), ('"dropped": 0', '"dropped": 1', "token ids differ")):
        compact = old.replace(": ", ":")
        changed = lines[1].replace(old, new) if old in lines[1] else lines[1].replace(compact, new.replace(": ", ":"))
        assert changed != lines[1]
        (tmp_path / "golden.jsonl").write_text("\n".join([lines[0], changed, lines[2]]) + "\n")
        result = verify(programs.ROOT / "models/demo", tmp_path / "golden.jsonl")
        assert result.returncode == 1
        assert said in result.stdout
        assert "FAILED" in result.stdout


@pytest.mark.parametrize("content, said", [("", "holds no golden answer"), ("{\n", "line 1"), ('{"ids": []}\n', "text"), ('{"text": "a", "ids": "x"}\n', "ids")])
def test_what_is_no_golden_answer_is_named(tmp_path, content, said):
    (tmp_path / "golden.jsonl").write_text(content)
    result = verify(programs.ROOT / "models/demo", tmp_path / "golden.jsonl")
    assert result.returncode == 1
    assert said in result.stderr
