#!/usr/bin/env python3
"""Writes what the peers run out of a model directory: tokenizer.json, ONNX in fp32 and int8, OpenVINO's format. Run once per
model, before anything is measured, in a process of its own: none of it counts as start or memory of an engine.

ONNX comes from torch's older exporter: ONNX Runtime's own optimizer fuses its attention, and that of the newer one it does not
(torch 2.15, onnxruntime 1.31). The graphs in fp32 are checked against PyTorch's logits before they are used.
"""

import argparse
import json
import pathlib
import sys
import warnings

import numpy
import onnxruntime
import openvino
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools/golden"))
import make_golden  # noqa: E402
import questions  # noqa: E402

OPSET = 17
TOLERANCE = 2e-3  # of a logit in fp32; a wrong graph is wrong by more
FUSED_AS_BERT = ("bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta")
GOLDEN_ASKED, GOLDEN_KEPT = 64, 24
NO_LIMIT = 1_000_000  # transformers writes 1e30 for "the tokenizer knows no limit"


class Logits(torch.nn.Module):
    """The model as a function of its inputs by position, which is what the exporter wants."""

    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names
        self.eval()

    def forward(self, *inputs):
        return self.model(**dict(zip(self.names, inputs))).logits


def token_limit(config, tokenizer):
    """Most tokens of a text. Position ids of RoBERTa's family begin after the padding id."""
    positions = getattr(config, "max_position_embeddings", NO_LIMIT)
    if config.model_type in ("roberta", "camembert", "xlm-roberta"):
        positions -= config.pad_token_id + 1
    return int(min(tokenizer.model_max_length, positions, NO_LIMIT))


def sample(names, rows, length, vocabulary, seed):
    """Inputs of a padded batch: its last row is two tokens shorter."""
    stream = numpy.random.RandomState(seed)
    mask = numpy.ones((rows, length), numpy.int64)
    if rows > 1:
        mask[-1, -2:] = 0
    values = {"input_ids": stream.randint(5, vocabulary, (rows, length)).astype(numpy.int64), "attention_mask": mask,
              "token_type_ids": numpy.zeros((rows, length), numpy.int64)}
    return {name: values[name] for name in names}


def is_right(path, model, names):
    """Whether a graph computes what PyTorch does, at sizes it was not exported with."""
    session = onnxruntime.InferenceSession(str(path))
    longest = min(100, getattr(model.config, "max_position_embeddings", 100) - 2)  # RoBERTa's begin with two that count nothing
    for seed, (rows, length) in enumerate(((1, 16), (3, 7), (2, longest))):
        inputs = sample(names, rows, length, model.config.vocab_size, seed)
        with torch.inference_mode():
            expected = model(**{name: torch.from_numpy(value) for name, value in inputs.items()}).logits.numpy()
        if numpy.abs(session.run(None, inputs)[0] - expected).max() > TOLERANCE:
            return False
    return True


def export_onnx(model, names, path):
    """The plain graph, any batch, any length."""
    inputs = sample(names, 2, 9, model.config.vocab_size, 0)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(Logits(model, names), tuple(torch.from_numpy(value) for value in inputs.values()), str(path),
                          input_names=names, output_names=["logits"], opset_version=OPSET, dynamo=False,
                          dynamic_axes={name: {0: "rows", 1: "length"} for name in names})
    if not is_right(path, model, names):
        raise RuntimeError("the exported graph computes something else than PyTorch")


def fuse(plain, model, names, path):
    """ONNX Runtime's fused operators where they compute the same, else the plain graph under that name. Says whether it fused."""
    if model.config.model_type in FUSED_AS_BERT:
        fused = optimizer.optimize_model(str(plain), model_type="bert", num_heads=model.config.num_attention_heads,
                                         hidden_size=model.config.hidden_size, opt_level=0)
        fused.save_model_to_file(str(path))
        if is_right(path, model, names):
            return fused.get_fused_operator_statistics()["Attention"] > 0
    path.write_bytes(plain.read_bytes())
    return False


def write_golden(model_dir, file):
    """Answers for our service to check int8 on before it takes it, those with the widest margins: generated weights have so many
    near ties that no rounding would pass, and what int8 does to answers is told by the table, not here."""
    lines = make_golden.make_golden(model_dir, [{"text": text} for text in questions.questions(GOLDEN_ASKED, 7)], GOLDEN_ASKED)
    margin = lambda line: line["top"][0][1] - (line["top"][1][1] if len(line["top"]) > 1 else 0)
    make_golden.write(file, sorted(lines, key=margin)[-GOLDEN_KEPT:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()

    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    classifier = transformers.AutoModelForSequenceClassification
    model = classifier.from_pretrained(options.model, dtype=torch.float32, attn_implementation="eager").eval()
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if getattr(model.config, "type_vocab_size", 0) > 1 else [])

    export_onnx(model, names, out / "plain.onnx")
    openvino.save_model(openvino.convert_model(out / "plain.onnx"), out / "openvino.xml", compress_to_fp16=False)
    fused = fuse(out / "plain.onnx", model, names, out / "fp32.onnx")
    for kind in ("tensor", "channel"):
        # The fused operators are outside what onnx infers types for; everything unnamed is a float.
        quantize_dynamic(out / "fp32.onnx", out / f"int8_{kind}.onnx", per_channel=kind == "channel", weight_type=QuantType.QInt8,
                         extra_options={"DefaultTensorType": 1})
    (out / "plain.onnx").unlink()
    write_golden(options.model, out / "golden.jsonl")
    facts = {"inputs": names, "limit": token_limit(model.config, tokenizer), "pad_id": tokenizer.pad_token_id or 0,
             "fused": fused, "labels": model.config.num_labels, "problem_type": model.config.problem_type}
    (out / "facts.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
