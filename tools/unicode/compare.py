#!/usr/bin/env python3
"""Compares the tokenizer of services/classifier/text with transformers' AutoTokenizer, id by id.

    python tools/unicode/compare.py BUILD/services/classifier/text/tokenize_lines [--texts 20000] [--seed 1]

1. Sweep: all code points, alone, inside a word and between combining marks, under every setting of the BERT normalizer, with a
   vocabulary in which every character is a token, so that nothing hides behind [UNK].
2. Fuzz: seeded random texts, pairs and limits on the model directories of services/classifier/text/testdata.

Prints one line per comparison and exits with 1 when anything differs. Needs the two reference packages; a few minutes, release build.
"""

import argparse
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import tokenizers
import transformers
from hostile_texts import MARKS, TRAPS, random_text

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTDATA = ROOT / "services/classifier/text/testdata"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
CHUNK = 50_000


class Helper:
    """A running tokenize_lines."""

    def __init__(self, binary, directory):
        self.binary, self.directory = str(binary), str(directory)

    def answers(self, requests):
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([self.binary, self.directory], input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def timed(self, requests):
        """Seconds for all requests on one thread, reading and writing not counted."""
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([self.binary, self.directory, "--time"], input=lines, capture_output=True, text=True, check=True)
        return float(done.stdout)


def reference_ids(tokenizer, texts):
    """Straight from the backend: transformers adds nothing to the ids of a single text but a lot of time."""
    return [encoding.ids for encoding in tokenizer.backend_tokenizer.encode_batch_fast(texts)]


def write_character_model(directory, **settings):
    """A BERT directory whose vocabulary holds every character, as a word's beginning and as its continuation."""
    names = itertools.chain(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], map(chr, CODE_POINTS), ("##" + chr(c) for c in CODE_POINTS))
    vocabulary = {name: index for index, name in enumerate(dict.fromkeys(names))}
    model = dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=100, vocab=vocabulary)
    document = dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=None,
                    post_processor=None, decoder=None, model=model)  # fmt: skip
    config = dict(tokenizer_class="BertTokenizer", model_max_length=512, **settings)
    for name, content in (("tokenizer.json", document), ("tokenizer_config.json", config), ("config.json", dict(model_type="bert"))):
        (directory / name).write_text(json.dumps(content))


def sweep_texts():
    low, high = "\u0334", "\u0345"
    for code in CODE_POINTS:
        char = chr(code)
        yield char
        yield f"a{char}b"
        # Marks that survive make reordering visible: classes 1 to 240 with U+302E (224) and U+1D165 (216) in their midst.
        yield f"a\u302e{char}\U0001d165{low}{char}{high}\u302f"


def report(name, compared, differences):
    print(f"{name}: {compared} compared, {len(differences)} differ", flush=True)
    for request, expected, found in differences[:5]:
        print(f"  {request!r}\n    reference {expected}\n    found     {found}", flush=True)
    return len(differences)


def sweep(binary, workspace):
    failures = 0
    for lower, strip, chinese in ((True, None, True), (True, False, True), (False, None, True), (False, True, False)):
        directory = workspace / f"characters-{lower}-{strip}-{chinese}"
        directory.mkdir()
        write_character_model(directory, do_lower_case=lower, strip_accents=strip, tokenize_chinese_chars=chinese)
        tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        helper = Helper(binary, directory)
        compared, differences = 0, []
        texts = sweep_texts()
        while chunk := list(itertools.islice(texts, CHUNK * 10)):
            found = helper.answers(chunk)
            for start in range(0, len(chunk), CHUNK):
                expected = reference_ids(tokenizer, chunk[start : start + CHUNK])
                for text, want, got in zip(chunk[start:], expected, found[start:]):
                    if got.get("ids") != want:
                        differences.append((text, want, got))
            compared += len(chunk)
        name = f"sweep do_lower_case={lower} strip_accents={strip} tokenize_chinese_chars={chinese}"
        failures += report(name, compared, differences)
    return failures


def random_requests(rng, count, literals):
    for text in TRAPS:
        yield dict(text=text)
    for _ in range(count):
        request = dict(text=random_text(rng, literals))
        if rng.random() < 0.3:
            request["text_pair"] = random_text(rng, literals)
        if rng.random() < 0.4:
            request["max_tokens"] = rng.randint(3, 40)
            request["policy"] = rng.choice(("head", "tail"))
        yield request


def with_room(tokenizer, requests):
    """The requests with limits that leave room for the special tokens: less is an error here, and no limit at all for transformers."""
    for request in requests:
        if "max_tokens" in request:
            request["max_tokens"] = max(request["max_tokens"], tokenizer.num_special_tokens_to_add("text_pair" in request))
        yield request


def reference_answer(tokenizer, request):
    """What transformers makes of one request; a pair goes in as a batch, where an empty second text stays a second text."""
    batch = [[request["text"]]] + ([[request["text_pair"]]] if "text_pair" in request else [])
    tokenizer.truncation_side = "left" if request.get("policy") == "tail" else "right"
    limits = dict(truncation=True, max_length=request["max_tokens"]) if "max_tokens" in request else {}
    whole, kept = tokenizer(*batch), tokenizer(*batch, **limits)
    ids = kept["input_ids"][0]
    type_ids = kept["token_type_ids"][0] if "token_type_ids" in kept else [0] * len(ids)  # what the model then takes
    return dict(ids=ids, type_ids=type_ids, tokens_dropped=len(whole["input_ids"][0]) - len(ids))


def fuzz(binary, count, seed):
    failures = 0
    for directory in sorted(path.parent for path in TESTDATA.glob("*/tokenizer_config.json")):
        tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        literals = list(tokenizer.get_added_vocab())
        requests = list(with_room(tokenizer, random_requests(random.Random(f"{seed} {directory.name}"), count, literals)))
        found = Helper(binary, directory).answers(requests)
        differences = []
        for request, got in zip(requests, found):
            want = reference_answer(tokenizer, request)
            if got != want:
                differences.append((request, want, got))
        failures += report(f"fuzz {directory.name} ({type(tokenizer).__name__})", len(requests), differences)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=20_000, help="random texts per model directory")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip-sweep", action="store_true")
    arguments = parser.parse_args()
    print(f"tokenizers {tokenizers.__version__}, transformers {transformers.__version__}, {len(MARKS)} marks, seed {arguments.seed}")
    failures = fuzz(arguments.binary, arguments.texts, arguments.seed)
    if not arguments.skip_sweep:
        with tempfile.TemporaryDirectory() as workspace:
            failures += sweep(arguments.binary, pathlib.Path(workspace))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
