#!/usr/bin/env python3
"""Writes the texts that golden answers are made for: questions of bank customers, sentences in many languages, then hostile Unicode. Standard library only.

The questions come from a grammar (questions.py) or, with --banking77, from the test split of Banking77, whose texts are under CC BY 4.0
and are not part of this repository: https://github.com/PolyAI-LDN/task-specific-datasets or the Hugging Face dataset PolyAI/banking77.
"""

import argparse
import csv
import json
import pathlib
import random

import hostile
import languages
import questions


def banking77(folder, count, seed):
    """`count` texts of the test split, chosen by `seed`."""
    with (pathlib.Path(folder) / "test.csv").open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    return random.Random(seed).sample(texts, min(count, len(texts)))


def make_records(ordinary, hostile_count, seed, paired=False):
    """The records of a text file: ordinary texts first, each with another one as its pair where `paired`."""
    records = [{"text": text} for text in ordinary]
    if paired:
        records = [{**record, "text_pair": text} for record, text in zip(records, reversed(ordinary))]
    return records + hostile.hostile(hostile_count, seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the file to write, one JSON object per line")
    parser.add_argument("--banking77", type=pathlib.Path, help="take ordinary texts from this folder's test.csv")
    parser.add_argument("--questions", type=int, default=1000, help="how many ordinary texts")
    parser.add_argument("--languages", type=int, default=0, help="how many texts in many languages, after the ordinary ones")
    parser.add_argument("--hostile", type=int, default=1020, help="how many hostile texts; a few more than wanted, since near ties are left out")
    parser.add_argument("--pairs", action="store_true", help="make the ordinary texts pairs of texts")
    parser.add_argument("--seed", type=int, default=20240229)
    options = parser.parse_args()
    ordinary = (banking77(options.banking77, options.questions, options.seed) if options.banking77
                else questions.questions(options.questions, options.seed))
    ordinary = ordinary + languages.texts(options.languages, options.seed)
    records = make_records(ordinary, options.hostile, options.seed, options.pairs)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="ascii")
    print(f"{options.out}: {len(records)} texts")


if __name__ == "__main__":
    main()
