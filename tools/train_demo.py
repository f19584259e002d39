#!/usr/bin/env python3
"""Trains models/demo, a small BERT classifier, on Banking77.

The data (CC BY 4.0) is not part of this repository. Give a folder with train.csv, test.csv (columns text, category) and categories.json:
banking_data/ of https://github.com/PolyAI-LDN/task-specific-datasets, or PolyAI/banking77 from the Hugging Face hub in the same form.
Takes about twenty minutes on two cores. The test split is used for the figure in the model card and for nothing else.
"""

import argparse
import pathlib

import torch

from demo_training import data, publish, student
from demo_training.teacher import Teacher
from demo_training.vocabulary import make_tokenizer, train_vocabulary


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, help="the Banking77 folder")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "models" / "demo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=600, help="steps of masked words")
    parser.add_argument("--steps", type=int, default=4000, help="steps of classification")
    parser.add_argument("--pieces", type=int, default=3000, help="learned entries of the vocabulary")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hold-out", type=float, default=0.0,
                        help="keep this share of the training split back and judge by it instead of the test split: for trying settings")
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    categories = data.read_categories(options.data)
    train = data.read_split(options.data, "train", categories)
    if options.hold_out:
        train, judge = data.hold_out(train, options.hold_out, options.seed)
    else:
        judge = data.read_split(options.data, "test", categories)

    print(f"{len(train)} training texts, {len(judge)} to judge by, {len(categories)} categories", flush=True)
    teacher = Teacher(len(categories), torch.Generator().manual_seed(options.seed))
    teacher.fit(train.texts, train.labels)
    print("teacher trained", flush=True)

    vocabulary = train_vocabulary(train.texts, options.pieces)
    tokenizer = make_tokenizer(vocabulary)
    encoder = student.Encoder(tokenizer)
    model = student.make_model(len(vocabulary), categories, options.hidden, options.layers)
    student.warm_up(model, encoder, tokenizer, train.texts, steps=options.warm_up, seed=options.seed)

    def keep(averaged, steps_done):
        facts = {
            **vars(options), "categories": categories, "labels": len(categories), "vocabulary": len(vocabulary), "train": len(train),
            "test": len(judge), "steps_done": steps_done, "accuracy": student.accuracy(averaged, encoder, judge),
            "parameters": sum(p.numel() for p in averaged.parameters()) / 1e6,
        }
        publish.write(options.out, averaged, tokenizer, facts)
        print(f"accuracy {facts['accuracy']:.4f}, written to {options.out}", flush=True)

    student.distill(model, encoder, train, teacher, steps=options.steps, seed=options.seed, keep=keep)


if __name__ == "__main__":
    main()
