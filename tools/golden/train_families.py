#!/usr/bin/env python3
"""Trains the tiny classifier of every family on Banking77, so that answers are compared on models that have learned something, too.

The directories are those of make_families.py, a little wider, with the 77 categories as labels. The data (CC BY 4.0) is not part of this
repository: see tools/train_demo.py. About a minute a family on two cores. Needs what make_families.py needs.
"""

import argparse
import json
import pathlib
import sys

import torch
import transformers

from make_families import FAMILIES, make

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from demo_training import data  # noqa: E402

WIDER = {"hidden_size": 64, "intermediate_size": 128}
WIDER_DISTIL = {"dim": 64, "hidden_dim": 128}
SPREAD = {"initializer_range": 0.1}  # 0.02 is for models ten times as wide
BATCH = 64


def batches(encodings, labels, generator):
    """One epoch: padded batches of texts of all lengths, and their labels."""
    for chosen in torch.randperm(len(labels), generator=generator).split(BATCH):
        yield [encodings[i] for i in chosen], labels[chosen]


def run(model, tokenizer, encodings):
    return model(**tokenizer.pad(encodings, return_tensors="pt")).logits


def train(model, tokenizer, split, epochs, rate, seed):
    """Plain cross entropy without dropout, with a rate that warms up and then falls to nothing."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    encodings = [tokenizer(text, truncation=True) for text in split.texts]
    labels = torch.tensor(split.labels)
    steps = epochs * -(-len(labels) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    for _ in range(epochs):
        for inputs, wanted in batches(encodings, labels, generator):
            loss = torch.nn.functional.cross_entropy(run(model, tokenizer, inputs), wanted)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()


@torch.no_grad()
def accuracy(model, tokenizer, split):
    right = 0
    for start in range(0, len(split), BATCH):
        encodings = [tokenizer(text, truncation=True) for text in split.texts[start:start + BATCH]]
        predicted = run(model, tokenizer, encodings).argmax(dim=1)
        right += int((predicted == torch.tensor(split.labels[start:start + BATCH])).sum())
    return right / len(split)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, help="the Banking77 folder")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/golden/trained"))
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("families", nargs="*", default=list(FAMILIES), metavar="FAMILY", help=f"all, or some of: {', '.join(FAMILIES)}")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    categories = data.read_categories(options.data)
    split, test = (data.read_split(options.data, name, categories) for name in ("train", "test"))
    labels = {"id2label": dict(enumerate(categories)), "label2id": {name: i for i, name in enumerate(categories)}}
    for seed, name in enumerate(FAMILIES):
        if name not in options.families:
            continue
        model_type, members, write_tokenizer = FAMILIES[name]
        wider = {key: value for key, value in (WIDER | WIDER_DISTIL).items() if key in members}
        members = {key: value for key, value in members.items() if key != "num_labels"} | wider | labels
        members |= {} if model_type == "modernbert" else SPREAD
        reached = []

        def learn(model, tokenizer, seed=seed, reached=reached):
            train(model, tokenizer, split, options.epochs, options.rate, seed)
            reached.append(accuracy(model, tokenizer, test))

        make(options.out / name, model_type, members, write_tokenizer, learn)
        training = {"data": "Banking77", "epochs": options.epochs, "accuracy": round(reached[0], 3)}
        (options.out / name / "training.json").write_text(json.dumps(training) + "\n", encoding="ascii")
        print(f"{name}: accuracy {reached[0]:.3f}", flush=True)


if __name__ == "__main__":
    main()
