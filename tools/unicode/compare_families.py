#!/usr/bin/env python3
"""Compares every tokenizer family of services/classifier/text with AutoTokenizer, id by id, on model directories trained for it.

    python tools/unicode/compare_families.py BUILD/bin/tokenize_lines [--only roberta …] [--texts 10000] [--sweep] [--speed CSV]

For each directory of families.py: seeded random texts and pairs (added tokens among them, every script, controls, marks, long
words), with limits. --sweep: every code point alone, inside a word, and among marks, spaces and joiners. --speed: one thread beside
encode_batch_fast, the same texts in the same run, taken from the first column of a CSV file. --corpus: texts to train on besides
random ones. Prints one line per comparison and exits with 1 when anything differs. Needs a release build and the reference packages
(tokenizers, transformers, sentencepiece, protobuf).
"""

import argparse
import csv
import json
import os
import pathlib
import random
import sys
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"

import transformers  # noqa: E402
from compare import CODE_POINTS, Helper, random_requests, reference_answer, report, with_room  # noqa: E402
from families import write_all  # noqa: E402
from hostile_texts import random_text  # noqa: E402

CHUNK = 100_000


def fuzz(binary, directory, tokenizer, count, seed):
    literals = [*tokenizer.get_added_vocab(), "\u2581", "``", "''", "'s", "'ll", "  ", "\r\n", "\u00a9\u200d", "a\u0301"]
    requests = list(with_room(tokenizer, random_requests(random.Random(f"{seed} {directory.name}"), count, literals)))
    found = Helper(binary, directory).answers(requests)
    differences = []
    for request, got in zip(requests, found):
        want = reference_answer(tokenizer, request)
        if got != want:
            differences.append((request, want, got))
    return report(f"fuzz {directory.name} ({type(tokenizer).__name__})", len(requests), differences)


def sweep_texts():
    for code in CODE_POINTS:
        char = chr(code)
        yield char
        yield f"a{char}b 1{char}!"
        yield f"{char}\u0301\u0323 \u0915\u094d{char}\u0301\r\n\u00a9\u200d{char} {char}\u11a8"


def sweep(binary, directory, tokenizer):
    compared, differences, texts = 0, [], sweep_texts()
    helper = Helper(binary, directory)
    while chunk := [text for text, _ in zip(texts, range(CHUNK))]:
        expected = tokenizer.backend_tokenizer.encode_batch_fast(chunk)
        for text, want, got in zip(chunk, expected, helper.answers(chunk)):
            if got.get("ids") != want.ids:
                differences.append((text, want.ids, got))
        compared += len(chunk)
    return report(f"sweep {directory.name}", compared, differences)


def visible_model(source, directory):
    """The same tokenizer with a piece for every character, so that nothing hides behind the unknown token; or as it is."""
    document = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    if document["model"]["type"] != "Unigram":
        return source
    pieces = document["model"]["vocab"]
    present = {piece for piece, _ in pieces}
    pieces += [[chr(code), -30.0 - code % 7] for code in CODE_POINTS if chr(code) not in present]
    directory.mkdir()
    (directory / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    for name in ("tokenizer_config.json", "config.json"):
        (directory / name).write_bytes((source / name).read_bytes())
    return directory


def speed(binary, directory, tokenizer, texts):
    """Texts per second of both, each timed over several rounds after a warm-up; ours through its own clock."""
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    reference = []
    for _ in range(4):
        start = time.perf_counter()
        backend.encode_batch_fast(texts)
        reference.append(time.perf_counter() - start)
    found = Helper(binary, directory).timed(texts)
    ours, theirs = len(texts) / found, len(texts) / min(reference)
    print(f"speed {directory.name}: {ours:,.0f} texts/s, reference {theirs:,.0f}, ratio {ours / theirs:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", help="names of directories")
    parser.add_argument("--texts", type=int, default=10_000, help="random texts per model directory")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=6000, help="of each tokenizer; SentencePiece wants one larger than the characters it sees")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--corpus", type=pathlib.Path)
    parser.add_argument("--speed", type=pathlib.Path)
    parser.add_argument("--models", type=pathlib.Path, help="directories written before; otherwise they are trained anew")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        root = arguments.models or pathlib.Path(workspace) / "models"
        if not arguments.models:
            rng = random.Random(7)
            corpus = [random_text(rng) for _ in range(3000)]
            if arguments.corpus:
                corpus += [row[0] for row in csv.reader(open(arguments.corpus, encoding="utf-8"))][1:3000]
            write_all(root, corpus, arguments.vocabulary)
        failures = 0
        for directory in sorted(root.iterdir()):
            if arguments.only and directory.name not in arguments.only:
                continue
            tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
            if arguments.speed:
                texts = [row[0] for row in csv.reader(open(arguments.speed, encoding="utf-8"))][1:]
                speed(arguments.binary, directory, tokenizer, texts)
                continue
            failures += fuzz(arguments.binary, directory, tokenizer, arguments.texts, arguments.seed)
            if arguments.sweep and (directory / "tokenizer.json").exists():
                visible = visible_model(directory, pathlib.Path(workspace) / f"visible-{directory.name}")
                failures += sweep(arguments.binary, visible, transformers.AutoTokenizer.from_pretrained(visible))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
