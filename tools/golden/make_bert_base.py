#!/usr/bin/env python3
"""Writes a Hugging Face BERT directory with generated weights, as a fine-tuning job leaves it. Needs numpy only.

The weights come from numpy's RandomState.random_sample, whose stream is frozen, and from exact arithmetic, so every machine writes the
same bytes. Answers are meaningless but vary with the text, which is all that comparing two implementations needs.
"""

import argparse
import json
import pathlib
import struct
from dataclasses import dataclass, replace

import numpy

from bert_vocabulary import vocabulary

LAYOUTS = ("both", "tokenizer-json", "vocab-txt")
TASKS = ("single-label", "one-label", "multi-label", "regression", "pair")


@dataclass(frozen=True)
class Shape:
    """Sizes of the model."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    labels: int
    vocabulary: int = 30522
    positions: int = 512


BASE = Shape(hidden=768, layers=12, heads=12, intermediate=3072, labels=40)
TINY = Shape(hidden=64, layers=2, heads=4, intermediate=256, labels=7)
MICRO = Shape(hidden=32, layers=2, heads=2, intermediate=64, labels=7, vocabulary=5000)
SHAPES = {"base": BASE, "tiny": TINY, "micro": MICRO}


def shape_for(size, task):
    """The shape for a task: fewer labels where the task says so."""
    labels = {"one-label": 1, "multi-label": 5, "regression": 1, "pair": 3}.get(task)
    shape = SHAPES[size]
    return replace(shape, labels=labels) if labels else shape


def label_names(count, task):
    """Integers beyond 32 bits for the single-label task, as ticket systems number their groups; else names."""
    if task == "single-label":
        return [0 if i == 0 else 360_000_000_000 + 7_919 * i * i for i in range(count)]
    return [f"label {chr(97 + i)}" for i in range(count)]


def config_json(shape, task, dtype):
    """config.json; integer labels stay JSON integers."""
    names = label_names(shape.labels, task)
    problem = {"multi-label": "multi_label_classification", "regression": "regression"}.get(task)
    return {
        "architectures": ["BertForSequenceClassification"], "attention_probs_dropout_prob": 0.1, "classifier_dropout": None, "dtype": dtype,
        "gradient_checkpointing": False, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": shape.hidden,
        "id2label": {str(i): name for i, name in enumerate(names)}, "initializer_range": 0.02, "intermediate_size": shape.intermediate,
        "label2id": {str(name): i for i, name in enumerate(names)}, "layer_norm_eps": 1e-12, "max_position_embeddings": shape.positions,
        "model_type": "bert", "num_attention_heads": shape.heads, "num_hidden_layers": shape.layers, "pad_token_id": 0,
        "position_embedding_type": "absolute", **({"problem_type": problem} if problem else {}), "transformers_version": "5.23.0",
        "type_vocab_size": 2, "use_cache": True, "vocab_size": shape.vocabulary,
    }


def tensor_plan(shape):
    """(name, shape, half-width of the uniform distribution, centre) of every tensor, in the order in which the stream is consumed.

    The widths let attention outweigh the residual, so that the answer depends on the whole text and not on [CLS] alone.
    """
    h, f = shape.hidden, shape.intermediate
    unit = 3 ** 0.5 / h ** 0.5
    norm = lambda name: [(name + ".weight", (h,), 0.1, 1.0), (name + ".bias", (h,), 0.05, 0.0)]
    dense = lambda name, rows, columns, width: [(name + ".weight", (rows, columns), width, 0.0), (name + ".bias", (rows,), 0.05, 0.0)]
    plan = [("bert.embeddings.word_embeddings.weight", (shape.vocabulary, h), 0.05, 0.0),
            ("bert.embeddings.position_embeddings.weight", (shape.positions, h), 0.02, 0.0),
            ("bert.embeddings.token_type_embeddings.weight", (2, h), 0.02, 0.0)] + norm("bert.embeddings.LayerNorm")
    for layer in range(shape.layers):
        prefix = f"bert.encoder.layer.{layer}."
        for part, width in (("query", 1.2), ("key", 1.2), ("value", 2.5)):
            plan += dense(f"{prefix}attention.self.{part}", h, h, width * unit)
        plan += dense(prefix + "attention.output.dense", h, h, 2.5 * unit) + norm(prefix + "attention.output.LayerNorm")
        plan += dense(prefix + "intermediate.dense", f, h, unit) + dense(prefix + "output.dense", h, f, 0.4 * unit)
        plan += norm(prefix + "output.LayerNorm")
    return plan + dense("bert.pooler.dense", h, h, 1.5 * unit) + dense("classifier", shape.labels, h, 4.0 * unit)


def tensors(shape, seed, dtype):
    """(name, array) pairs, one at a time."""
    stream = numpy.random.RandomState(seed)
    for name, size, width, centre in tensor_plan(shape):
        values = centre + width * (2.0 * stream.random_sample(size) - 1.0)
        yield name, values.astype(numpy.float32).astype(dtype)


def write_safetensors(path, plan, arrays, dtype):
    """The safetensors format: header length, JSON header, tensors end to end."""
    header, offset, item = {"__metadata__": {"format": "pt"}}, 0, numpy.dtype(dtype).itemsize
    for name, size, _, _ in plan:
        end = offset + int(numpy.prod(size)) * item
        header[name] = {"dtype": f"F{8 * item}", "shape": list(size), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, array in arrays:
            out.write(array.tobytes())


def tokenizer_json(entries):
    """tokenizer.json with the padding and truncation that a training run leaves in it: Fixed 512, which inference must not obey."""
    ids = {token: i for i, token in enumerate(entries)}
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    added = [{"id": ids[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
             for t in special]
    token = lambda name, kind=0: {"SpecialToken": {"id": name, "type_id": kind}}
    sequence = lambda name, kind=0: {"Sequence": {"id": name, "type_id": kind}}
    return {
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 512, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 512}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token("[CLS]"), sequence("A"), token("[SEP]")],
            "pair": [token("[CLS]"), sequence("A"), token("[SEP]"), sequence("B", 1), token("[SEP]", 1)],
            "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids},
    }


SPECIAL_TOKENS_MAP = {"cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
TOKENIZER_CONFIG = {"backend": "tokenizers", **SPECIAL_TOKENS_MAP, "do_lower_case": True, "is_local": False, "model_max_length": 512,
                    "strip_accents": None, "tokenize_chinese_chars": True, "tokenizer_class": "BertTokenizer"}


def metadata_json(shape, task):
    """metadata.json as the fine-tuning job of system 1 writes it; the dates are constants so that the bytes never change."""
    names = label_names(shape.labels, task)
    return {"version": "20240229_120000", "training_args": {"epochs": "3", "learning_rate": "2e-05"},
            "label_mapping": {str(i): name for i, name in enumerate(names)}, "model_name": "bert-base-uncased",
            "training_date": "2024-02-29T12:00:00+00:00"}


def write_tokenizer(folder, size, layout):
    """The tokenizer's files in one of the three layouts, with the first `size` entries of the vocabulary."""
    entries = vocabulary()[:size]
    if layout != "vocab-txt":
        write_json(folder / "tokenizer.json", tokenizer_json(entries))
    if layout != "tokenizer-json":
        (folder / "vocab.txt").write_text("".join(entry + "\n" for entry in entries), encoding="utf-8")
        write_json(folder / "special_tokens_map.json", SPECIAL_TOKENS_MAP)
    write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_model(folder, shape, *, task="single-label", layout="both", dtype="float32", config_dtype=None, seed=4):
    """Writes the whole directory. `config_dtype` lets config.json name another dtype than the weights have."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config_json(shape, task, config_dtype or dtype))
    write_json(folder / "metadata.json", metadata_json(shape, task))
    write_tokenizer(folder, shape.vocabulary, layout)
    (folder / "training_args.bin").write_bytes(b"\x80\x02N.")
    write_safetensors(folder / "model.safetensors", tensor_plan(shape), tensors(shape, seed, dtype), dtype)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the directory to write")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--tiny", dest="size", action="store_const", const="tiny", default="base",
                      help="2 layers of 64 instead of bert-base-uncased's 12 of 768")
    size.add_argument("--micro", dest="size", action="store_const", const="micro", help="2 layers of 32, 5,000 entries of the vocabulary")
    parser.add_argument("--task", choices=TASKS, default="single-label")
    parser.add_argument("--layout", choices=LAYOUTS, default="both", help="which tokenizer files to write")
    parser.add_argument("--dtype", choices=("float32", "float16"), default="float32", help="of the tensors in model.safetensors")
    parser.add_argument("--config-dtype", choices=("float32", "float16", "bfloat16"), help="what config.json claims, if not --dtype")
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    write_model(options.out, shape_for(options.size, options.task), task=options.task, layout=options.layout, dtype=options.dtype,
                config_dtype=options.config_dtype, seed=options.seed)
    print(f"{options.out}: {sum(file.stat().st_size for file in options.out.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
