#!/usr/bin/env python3
"""Serves one model directory by the Python reference and by Verdict and compares answers, start and memory.

Runs alternate, so that a change of the machine's mood meets both. Traffic stays on loopback, one request at a time. Standard library only;
--python names an interpreter that has bench/reference/requirements.txt. Exit code 1 when an answer differs.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import sys
import time
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).parent / "reference"))
import comparison  # noqa: E402
import process_tree  # noqa: E402
import servers  # noqa: E402

TOLERANCE = 1e-5


@dataclass
class Run:
    """One start of one server."""

    start_s: float        # from the start of the process to the first answer
    first_mb: float       # resident memory of all its processes after the first answer
    last_mb: float        # the same after all texts
    per_text_ms: float    # median time of a text
    answers: list


def measure(start, texts):
    """Starts a server, asks it everything, stops it."""
    with start() as server:
        server.wait_until_ready()
        answers = [server.classify(texts[0])]
        start_s = time.monotonic() - server.started
        first_mb = process_tree.tree_pss_bytes(server.process.pid) / 1e6
        times = []
        for text in texts[1:]:
            before = time.monotonic()
            answers.append(server.classify(text))
            times.append(1000 * (time.monotonic() - before))
        last_mb = process_tree.tree_pss_bytes(server.process.pid) / 1e6
    return Run(start_s, first_mb, last_mb, statistics.median(times), answers)


def table(runs):
    """Medians of the runs per server, as lines of text."""
    rows = (("start to first answer, s", "start_s", 2), ("memory after it (PSS), MB", "first_mb", 0),
            ("memory after all texts (PSS), MB", "last_mb", 0), ("one text, median ms", "per_text_ms", 1))
    names = list(runs)
    lines = ["| median of " + str(len(next(iter(runs.values())))) + " runs | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for title, member, digits in rows:
        values = [statistics.median(getattr(run, member) for run in runs[name]) for name in names]
        lines.append(f"| {title} | " + " | ".join(f"{value:.{digits}f}" for value in values) + " |")
    return lines


def read_texts(path, count):
    """`count` single texts spread over a file of make_texts.py or a golden file; repeated units are written out."""
    records = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    single = [record for record in records if not {"text_pair", "text_pair_repeat"} & record.keys()]
    texts = [record["text"] if "text" in record else record["text_repeat"][0] * record["text_repeat"][1] for record in single]
    step = max(1, len(texts) // count)
    return texts[::step][:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path, help="a Hugging Face model directory")
    parser.add_argument("--gateway", type=pathlib.Path, help="verdict-gateway, with verdict-service where it looks for it; without: the reference alone")
    parser.add_argument("--python", default=sys.executable, help="the interpreter for the reference")
    parser.add_argument("--texts", required=True, type=pathlib.Path, help="texts from tools/golden/make_texts.py, or a golden file")
    parser.add_argument("--count", type=int, default=100, help="how many of the texts to send in each run")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()

    model, texts = options.model.resolve(), read_texts(options.texts, options.count)
    starts = {"Python reference": lambda: servers.start_reference(pathlib.Path(shutil.which(options.python)).absolute(), model)}
    if options.gateway:
        starts["Verdict"] = lambda: servers.start_verdict(options.gateway.resolve(), model)
    runs = {name: [] for name in starts}
    for number in range(options.runs):
        for name, start in starts.items():
            runs[name].append(measure(start, texts))
            print(f"run {number + 1} of {options.runs}, {name}: first answer after {runs[name][-1].start_s:.2f} s", flush=True)
    print("\n".join(table(runs)))
    if not options.gateway:
        return 0
    found = comparison.compare(texts, runs["Python reference"][0].answers, runs["Verdict"][0].answers)
    print(f"{found.texts} texts: {found.statuses} statuses, {found.content_types} content types, {found.shapes} shapes and {found.labels} labels differ; "
          f"greatest difference of a probability {found.worst:.2g}")
    print("\n".join(found.examples))
    return 0 if found.same(TOLERANCE) else 1


if __name__ == "__main__":
    sys.exit(main())
