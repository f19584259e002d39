"""Reads the Banking77 folder: train.csv and test.csv (columns text, category) and categories.json (a list of names)."""

import csv
import json
import pathlib
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Split:
    """Texts and the index of each one's category."""

    texts: list
    labels: list

    def __len__(self):
        return len(self.texts)


def read_categories(folder):
    """The category names; a label is an index into this list."""
    names = json.loads((pathlib.Path(folder) / "categories.json").read_text(encoding="utf-8"))
    if len(set(names)) != len(names):
        raise ValueError("categories.json: a category appears twice")
    return names


def read_split(folder, name, categories):
    """Reads `name`.csv. Raises ValueError for a category that categories.json does not list."""
    index = {category: i for i, category in enumerate(categories)}
    path = pathlib.Path(folder) / f"{name}.csv"
    texts, labels = [], []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["category"] not in index:
                raise ValueError(f"{path}: unknown category {row['category']!r}")
            texts.append(row["text"].strip())
            labels.append(index[row["category"]])
    return Split(texts, labels)


def hold_out(split, fraction, seed):
    """Splits into (kept, held out); the held-out part has `fraction` of the rows, chosen by `seed`."""
    order = list(range(len(split)))
    random.Random(seed).shuffle(order)
    cut = len(order) - round(len(order) * fraction)
    pick = lambda rows: Split([split.texts[i] for i in rows], [split.labels[i] for i in rows])
    return pick(order[:cut]), pick(order[cut:])
