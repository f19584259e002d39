#!/usr/bin/env python3
"""Opens one engine, measures it and writes the figures: a process of its own for every start, so that memory is told apart.

Run by compare.py. Reads a JSON job on standard input: engine, model, exported, threads, texts, singles, batches, spawned (the
monotonic clock, which processes share, when this one was started), answers (file to write them to). Prints the figures as the
last line of standard output.
"""

import json
import pathlib
import sys

import numpy

import measure
import peers
from peers.engine import Job


def main():
    job = json.load(sys.stdin)
    engine = peers.open_engine(job["engine"], Job(pathlib.Path(job["model"]), pathlib.Path(job["exported"]), job["threads"]))
    try:
        found = measure.measure(engine, job["texts"], job["singles"], job["batches"])
        started = engine.started or job["spawned"]
    finally:
        engine.close()
    numpy.save(job["answers"], found.answers)
    figures = found.figures | {"start_s": found.first_answer - started}
    print(json.dumps({"figures": figures, "by_batch": list(found.by_batch.items())}))


if __name__ == "__main__":
    main()
