#!/usr/bin/env python3
"""Writes what transformers answers for a file of texts; the schema is in tests/golden/README.md.

Each text is tokenised and run by itself in fp32, as the transformers pipeline does with a single text: an answer in a batch differs from
that in the seventh decimal, which would use up a part of the tolerance.
"""

import argparse
import gzip
import json
import pathlib
import warnings

import numpy
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from records import expand
from scores import scores_from_logits, shortest

LEAST_MARGIN = 1e-4
RANKED = 5


def tokenize(tokenizer, record):
    """The model's inputs for one record and how many tokens truncation removed."""
    text, pair = expand(record)
    texts = ([text], None if pair is None else [pair])  # as lists: given alone, an empty second text would be taken for none
    inputs = {name: rows[0] for name, rows in tokenizer(*texts, truncation=True).items()}
    whole = tokenizer(*texts, truncation=False)["input_ids"][0]
    return inputs, len(whole) - len(inputs["input_ids"])


@torch.no_grad()
def all_logits(model, encodings):
    """The logits of every encoding, in order, as float32 arrays."""
    found = []
    for inputs, _ in encodings:
        found.append(model(**{key: torch.tensor([value]) for key, value in inputs.items()}).logits[0].float().numpy())
        if len(found) % 200 == 0 or len(found) == len(encodings):
            print(f"{len(found)} of {len(encodings)} texts", flush=True)
    return found


def answer(record, encoding, logits, config):
    """One line of the golden file, or None when the two best labels are too close to tell apart."""
    scores = scores_from_logits(logits, config.problem_type)
    order = numpy.argsort(-scores, kind="stable")
    if len(order) > 1 and scores[order[0]] - scores[order[1]] < LEAST_MARGIN:
        return None
    inputs, dropped = encoding
    return {
        **record, "ids": list(inputs["input_ids"]), "dropped": dropped, "label": str(config.id2label[int(order[0])]),
        "score": shortest(scores[order[0]]), "top": [[int(i), shortest(scores[i])] for i in order[:RANKED]],
    }


def check_pipeline(model, tokenizer, lines, count=60):
    """Compares some lines with what transformers' own pipeline answers; raises AssertionError when they differ."""
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    for line in lines[::max(1, len(lines) // count)]:
        text, pair = expand(line)
        if pair == "":
            continue  # the pipeline drops an empty second text
        got = pipeline({"text": text, "text_pair": pair} if pair is not None else text, truncation=True)
        got = got[0] if isinstance(got, list) else got
        assert str(got["label"]) == line["label"] and abs(got["score"] - line["score"]) < 1e-6, (line, got)


def make_golden(model_dir, records, limit):
    """The golden lines for the first `limit` records that are not near ties."""
    tokenizer = AutoTokenizer.from_pretrained(model_dir)
    model = AutoModelForSequenceClassification.from_pretrained(model_dir, dtype=torch.float32).eval()
    encodings = [tokenize(tokenizer, record) for record in records]
    logits = all_logits(model, encodings)
    lines = [answer(*row, model.config) for row in zip(records, encodings, logits)]
    ties = sum(line is None for line in lines)
    lines = [line for line in lines if line is not None][:limit]
    check_pipeline(model, tokenizer, lines)
    print(f"{len(lines)} answers, {len({line['label'] for line in lines})} labels, {ties} near ties left out")
    return lines


def write(path, lines):
    """Writes JSON lines, compressed when the name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode("ascii")
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path, help="a Hugging Face model directory")
    parser.add_argument("--texts", required=True, type=pathlib.Path, help="what make_texts.py wrote")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the file to write; compressed when it ends in .gz")
    parser.add_argument("--limit", type=int, default=2000, help="stop after this many answers")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    records = [json.loads(line) for line in options.texts.read_text(encoding="ascii").splitlines()]
    write(options.out, make_golden(options.model, records, options.limit))


if __name__ == "__main__":
    main()
