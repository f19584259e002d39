#!/usr/bin/env python3
"""Writes tiny seeded models of every architecture and the logits that transformers computes with them.

For each case a folder with config.json and model.safetensors, as save_pretrained leaves them, and answers.jsonl: token ids, type ids and
logits, one sequence a line. No tokenizer: these answers are about the arithmetic alone. Needs torch and transformers.
"""

import argparse
import json
import pathlib
import shutil

import numpy
import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification

from scores import shortest

VOCABULARY = 100
POSITIONS = 160
LENGTHS = (1, 2, 3, 7, 16, 33, 64, 100, 150)

BERT = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": POSITIONS,
        "vocab_size": VOCABULARY, "num_labels": 5}
ROBERTA = BERT | {"max_position_embeddings": POSITIONS + 2, "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5}
DEBERTA = BERT | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "layer_norm_eps": 1e-7}
MODERN = {name: BERT[name] for name in ("hidden_size", "num_attention_heads", "intermediate_size", "vocab_size", "num_labels")} | {
    "num_hidden_layers": 5, "max_position_embeddings": POSITIONS, "pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1,
    "eos_token_id": 2, "local_attention": 12}

# folder: (model_type, members of config.json, type of the weights in the file)
CASES = {
    "albert": ("albert", BERT | {"embedding_size": 16, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2}, "float16"),
    "bert": ("bert", BERT, "float32"),
    "bert_one_type": ("bert", BERT | {"type_vocab_size": 1, "hidden_act": "gelu_new"}, "float16"),
    "camembert": ("camembert", ROBERTA, "float16"),
    "deberta_v2_convolution": ("deberta-v2", DEBERTA | {"conv_kernel_size": 3, "conv_act": "gelu", "share_att_key": True, "position_buckets": 16,
                                                        "norm_rel_ebd": "layer_norm", "position_biased_input": False}, "float16"),
    "deberta_v2_early": ("deberta-v2", DEBERTA | {"type_vocab_size": 2, "embedding_size": 16, "max_relative_positions": 40}, "float16"),
    "deberta_v2_one_term": ("deberta-v2", DEBERTA | {"pos_att_type": "p2c", "position_buckets": 8, "pooler_hidden_act": "tanh"}, "float16"),
    "deberta_v3": ("deberta-v2", DEBERTA | {"share_att_key": True, "position_buckets": 32, "norm_rel_ebd": "layer_norm",
                                            "position_biased_input": False, "max_relative_positions": -1}, "bfloat16"),
    "distilbert": ("distilbert", {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": POSITIONS,
                                  "vocab_size": VOCABULARY, "num_labels": 5}, "float16"),
    "distilbert_sinusoidal": ("distilbert", {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48, "max_position_embeddings": POSITIONS,
                                             "vocab_size": VOCABULARY, "num_labels": 1, "sinusoidal_pos_embds": True}, "float32"),
    "electra": ("electra", BERT | {"embedding_size": 16}, "float16"),
    "electra_same_width": ("electra", BERT | {"embedding_size": 32}, "float16"),
    "modernbert": ("modernbert", MODERN, "float16"),
    "modernbert_mean_biases": ("modernbert", MODERN | {"classifier_pooling": "mean", "norm_bias": True, "attention_bias": True, "mlp_bias": True,
                                                       "classifier_bias": True, "global_attn_every_n_layers": 2}, "float16"),
    "mpnet": ("mpnet", BERT | {"max_position_embeddings": POSITIONS + 2}, "float16"),
    "roberta": ("roberta", ROBERTA, "float16"),
    "roberta_other_pad": ("roberta", ROBERTA | {"pad_token_id": 4, "type_vocab_size": 2, "max_position_embeddings": POSITIONS + 5}, "float16"),
    "xlm_roberta": ("xlm-roberta", ROBERTA, "float16"),
}


def fill(model, seed):
    """Seeded weights, wide enough for every part to show in the logits."""
    stream = numpy.random.RandomState(seed)
    with torch.no_grad():
        for name, tensor in sorted(model.state_dict().items()):
            if not tensor.is_floating_point():
                continue
            values = 2 * stream.random_sample(tuple(tensor.shape)) - 1
            if "norm" in name.lower():
                values = 0.2 * values + (1.0 if name.endswith("weight") else 0.0)
            elif tensor.dim() > 1 and "embedding" not in name:
                values *= 2.5 / numpy.sqrt(numpy.prod(tensor.shape[1:]))
            tensor.copy_(torch.from_numpy(values))


def sequences(config, seed):
    """(ids, type ids) of every length; the special ids occur in the middle, too."""
    stream = numpy.random.RandomState(seed)
    types = getattr(config, "type_vocab_size", 1)
    for length in LENGTHS:
        ids = stream.randint(0, VOCABULARY, length).tolist()
        first = stream.randint(0, length + 1)
        yield ids, [0 if i < first or types < 2 else 1 for i in range(length)]


@torch.no_grad()
def logits(model, ids, type_ids):
    """What transformers computes for one sequence, in fp32."""
    inputs = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
    if getattr(model.config, "type_vocab_size", 0) > 0:
        inputs["token_type_ids"] = torch.tensor([type_ids])
    return model(**inputs).logits[0]


def make(folder, model_type, members, dtype, seed):
    """One case; returns the size of its files."""
    if folder.exists():
        shutil.rmtree(folder)
    config = AutoConfig.for_model(model_type, **members)
    model = AutoModelForSequenceClassification.from_config(config).eval()
    fill(model, seed)
    model.to(getattr(torch, dtype)).save_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    lines = []
    for ids, type_ids in sequences(model.config, seed):
        answer = [shortest(value) for value in logits(model, ids, type_ids).numpy()]
        lines.append(json.dumps({"ids": ids, "type_ids": type_ids, "logits": answer}, separators=(",", ":")) + "\n")
    (folder / "answers.jsonl").write_text("".join(lines), encoding="ascii")
    return sum(path.stat().st_size for path in folder.iterdir())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("tests/golden/architectures"))
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="CASE", help=f"all, or some of: {', '.join(CASES)}")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for seed, name in enumerate(CASES):
        if name in options.cases:
            print(f"{name}: {make(options.out / name, *CASES[name], seed)} bytes", flush=True)


if __name__ == "__main__":
    main()
