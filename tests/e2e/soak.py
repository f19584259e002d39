"""Runs `serve` under good and hostile callers for minutes or hours, and fails when memory, descriptors or threads of the two
processes grow. scripts/soak.sh starts it; its CSV, plot and summary lie in the folder that it is given."""

import argparse
import collections
import csv
import json
import pathlib
import random
import sys
import tempfile
import threading
import time

import process_figures
import programs
import soak_plot
from soak_callers import Callers, choose
from stub_modules import make_stubs

# What may be more at the end than after the warm-up. Memory: the allocator's own ups and downs; threads: gRPC starts one more when
# calls come together and lets it go later.
BOUNDS = {"resident_mb": 24, "descriptors": 24, "threads": 4}
WARM_UP = 0.2  # of the whole time
CALM = 15.0  # seconds until nothing is left of callers that have gone


class Load:
    """`rate` requests a second in all, by `workers` threads."""

    def __init__(self, callers, rate, workers=4):
        self.counts = collections.Counter()
        self.wrong = collections.Counter()
        self._kinds = callers.kinds()
        self._pause = workers / rate
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(random.Random(seed),), daemon=True) for seed in range(workers)]
        for thread in self._threads:
            thread.start()

    def _run(self, chance):
        due = time.monotonic()
        while not self._stop.wait(max(0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic() - 1)  # after a standstill it does not make up for all of it
            name, call, expected = choose(self._kinds, chance)
            try:
                outcome = call(chance)
            except Exception as error:  # whatever it is, the caller has no answer
                outcome = repr(error)
            with self._lock:
                self.counts[name] += 1
                if outcome not in expected:
                    self.wrong[f"{name}: {outcome}"] += 1

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(programs.STOP_TIMEOUT)


def median(values):
    return sorted(values)[len(values) // 2]


def growth(rows, process, figure):
    """(after the warm-up, at the end, at most): medians of a tenth of the samples each."""
    values = [row[figure] for row in rows if row["process"] == process]
    tenth = max(1, len(values) // 10)
    warm = int(len(values) * WARM_UP)
    return median(values[warm:warm + tenth]), median(values[-tenth:]), max(values)


def judge(rows, bounds=None):
    """What has grown beyond its bound, a line each."""
    complaints = []
    for process in sorted({row["process"] for row in rows}):
        for figure, bound in (bounds or BOUNDS).items():
            start, end, _ = growth(rows, process, figure)
            if end > start + bound:
                complaints.append(f"{process}: {figure} grew from {start} to {end}, by more than {bound}")
    return complaints


def table(rows):
    lines = ["| process | figure | after the warm-up | at the end | at most |", "|---|---|---|---|---|"]
    names = {"resident_mb": "resident memory, MB", "descriptors": "descriptors", "threads": "threads"}
    for process in sorted({row["process"] for row in rows}):
        for figure in BOUNDS:
            lines.append(f"| `{process}` | {names[figure]} | " + " | ".join(f"{value:g}" for value in growth(rows, process, figure)) + " |")
    return "\n".join(lines)


def descriptors(pids):
    return {process: process_figures.descriptors(pid) for process, pid in pids.items()}


def left_open(pids, before):
    """A line for each process that keeps more descriptors than it had before its callers came."""
    def extra():
        return {process: count - before[process] for process, count in descriptors(pids).items() if count > before[process] + 2}
    deadline = time.monotonic() + CALM
    while extra() and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"{process}: {count} descriptors are left of callers that have gone" for process, count in extra().items()]


def samples(minutes, interval, pids, load, file):
    """A row for each process every `interval` seconds, written as they come."""
    writer = csv.DictWriter(file, ["seconds", "process", *BOUNDS, "requests", "wrong"])
    writer.writeheader()
    rows, begin = [], time.monotonic()
    while (seconds := time.monotonic() - begin) < minutes * 60:
        time.sleep(interval)
        for process, pid in pids.items():
            rows.append({"seconds": round(seconds + interval, 1), "process": process, **process_figures.sample(pid),
                         "requests": sum(load.counts.values()), "wrong": sum(load.wrong.values())})
            writer.writerow(rows[-1])
        file.flush()
    return rows


def soak(minutes, rate, out, stubs, model=programs.MODEL):
    """Runs it. Returns the samples, and a line for everything that went wrong."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open(out / "soak.csv", "w", newline="") as file:
        target = f"unix:{folder}/grpc.sock"
        settings = {"VERDICT_MODEL_DIR": str(model), "VERDICT_HTTP_LISTEN": "127.0.0.1:0", "VERDICT_GRPC_LISTEN": target}
        with programs.Program("verdict-service", "serve", environment=settings, keep=lambda entry: entry["message"] != "request") as program:
            port = program.await_log("listening")["port"]
            programs.await_ping(port)
            service = process_figures.children(program.process.pid)
            pids = {"verdict-gateway": program.process.pid, "verdict-service": next(iter(service))}
            before = descriptors(pids)
            load = Load(Callers(port, target, stubs), rate)
            rows = samples(minutes, min(10, minutes * 60 / 100), pids, load, file)
            load.stop()
            complaints = judge(rows) + left_open(pids, before) + [f"{count} x {outcome}" for outcome, count in load.wrong.most_common()]
            if process_figures.children(program.process.pid) != service:
                complaints.append("the service was replaced")
            if (code := program.stop()) != 0:
                complaints.append(f"serve ended with {code}")
    soak_plot.draw(rows, out / "soak.svg")
    (out / "soak.md").write_text(f"{sum(load.counts.values()):,} requests of {len(load.counts)} kinds in {minutes:g} minutes.\n\n{table(rows)}\n")
    (out / "soak.json").write_text(json.dumps({"minutes": minutes, "requests": load.counts, "complaints": complaints}, indent=2) + "\n")
    return rows, complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--rate", type=float, default=100, help="requests a second")
    parser.add_argument("--out", type=pathlib.Path, default=programs.ROOT / "build/soak")
    parser.add_argument("--model", type=pathlib.Path, default=programs.MODEL)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _, complaints = soak(options.minutes, options.rate, options.out, make_stubs(folder), options.model)
    print((options.out / "soak.md").read_text())
    print("\n".join(complaints) or "nothing has grown, and nothing was lost")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
