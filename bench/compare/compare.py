#!/usr/bin/env python3
"""Compares Verdict with every other engine for the CPU: the same texts, the same machine, one run.

Rounds go over all engines in turn, so that a change of the machine's mood meets all. Each start of an engine is a process of its
own. Writes compare.json, compare.md and pictures to --out, and with --docs the page and pictures to docs/.
"""

import argparse
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import numpy

import figures
import http_run
import machine
import models
import peers
import tables
import workload

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT_S = 1800  # of one start of one engine, compilation included
QUICK = {"models": ["bert_base"], "texts": 32, "repeats": 1, "http_seconds": 4.0, "skip_compile": True}
FULL = {"models": list(models.SHAPES), "texts": workload.COUNT, "repeats": 3, "http_seconds": 15.0, "skip_compile": False}


@dataclass
class Job:
    """One model on its way through all engines."""

    name: str
    model: pathlib.Path
    exported: pathlib.Path
    binaries: pathlib.Path
    threads: int
    texts: list
    singles: dict
    http_seconds: float


class Entry:
    """What is known of an engine or a server so far."""

    def __init__(self):
        self.rounds, self.best_batch, self.agreement, self.error = [], None, None, None

    def json(self):
        return {"rounds": self.rounds, "medians": figures.medians(self.rounds), "best_batch": self.best_batch,
                "agreement": self.agreement, "error": self.error}


def say(text):
    print(f"[{time.monotonic() - say.begun:5.0f} s] {text}", file=sys.stderr, flush=True)


say.begun = time.monotonic()


def last_words(run):
    """What a failed child said at last, as one line of a table."""
    lines = [line.strip() for line in (run.stderr + run.stdout).splitlines() if line.strip()]
    last = lines[-1] if lines else f"ended with status {run.returncode}"
    return last.removeprefix("RuntimeError: ").replace("|", "/").replace(f"{ROOT}/", "")[:300]


def child(*command, **settings):
    """Runs a program to its end; what it printed is kept."""
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False, **settings)


def prepare(name, model, out):
    """The folder of exported files, made when the model's files have changed since."""
    folder = out / "exported" / name
    state = {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(model.iterdir()) if path.is_file()}
    stamp = json.dumps([str(model), state, (HERE / "export.py").stat().st_mtime_ns])
    if not (folder / "stamp").exists() or (folder / "stamp").read_text() != stamp:
        say(f"{name}: exporting")
        run = child(sys.executable, "-B", HERE / "export.py", model, folder)
        if run.returncode != 0:
            raise RuntimeError(f"export of {name} failed: {run.stderr}")
        (folder / "stamp").write_text(stamp)
    return folder


def single_texts(words, exported):
    """({tokens: text} of the lengths that the model takes, a function that counts tokens)."""
    import tokenizers  # after the environment is there
    tokenizer = tokenizers.Tokenizer.from_file(str(exported / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    count = lambda text: len(tokenizer.encode(text).ids)
    limit = json.loads((exported / "facts.json").read_text())["limit"]
    return {tokens: workload.text_of_tokens(words, count, tokens) for tokens in workload.SINGLE_TOKENS if tokens <= limit}, count


def run_engine(engine, job, batches, answers):
    """One start of one engine: {"figures", "by_batch"}. Raises RuntimeError with the engine's own words."""
    models.warm_page_cache(job.model)
    models.warm_page_cache(job.exported)
    environment = dict(os.environ, VERDICT_BINARIES=str(job.binaries))
    if not tables.is_ours(engine):  # ours gets --threads, and its own defaults else
        environment |= {"OMP_NUM_THREADS": str(job.threads), "RAYON_NUM_THREADS": str(job.threads)}
    work = {"engine": engine, "model": str(job.model), "exported": str(job.exported), "threads": job.threads, "texts": job.texts,
            "singles": job.singles, "batches": batches, "answers": str(answers), "spawned": time.monotonic()}
    try:
        run = child(sys.executable, "-B", HERE / "engine_run.py", input=json.dumps(work), env=environment)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"not done within {LIMIT_S} s") from None
    if run.returncode != 0:
        raise RuntimeError(last_words(run))
    return json.loads(run.stdout.splitlines()[-1])


def run_in_process(engine, job, out):
    """Our engine without the RPC, by engine_bench; {} of figures."""
    texts = out / "texts.txt"
    texts.write_text("".join(text + "\n" for text in job.texts), encoding="utf-8")
    precision = engine.removeprefix(peers.OURS).removesuffix(IN_PROCESS)
    run = child(job.binaries / "engine_bench", job.model, texts, "--precision", precision, "--threads", str(job.threads))
    if run.returncode != 0:
        raise RuntimeError(last_words(run))
    found = json.loads(run.stdout.splitlines()[-1])
    if gflop := figures.gflop(json.loads((job.model / "config.json").read_text()), found["tokens"], found["token_pairs"]):
        found["gflops"] = gflop * found["tokens_per_second"] / found["tokens"]
    return {"figures": {name: value for name, value in found.items() if isinstance(value, (int, float))}, "by_batch": []}


IN_PROCESS = ", in process"


def engine_names(options):
    """Rows of the table, the reference first."""
    names = [name for name in peers.PEERS if not (options.skip_compile and name == peers.COMPILED)]
    if options.peers:
        names = [name for name in names if name == peers.REFERENCE or any(part in name for part in options.peers)]
    ours = [peers.OURS + precision for precision in options.precision]
    inside = [name + IN_PROCESS for name in ours] if (options.binaries / "engine_bench").exists() else []
    return names + ours + inside


def measure_engines(names, job, options):
    """{name: Entry} after all rounds."""
    entries = {name: Entry() for name in names}
    answers = options.out / "answers"
    answers.mkdir(exist_ok=True)
    for number in range(options.repeats):
        for name, entry in entries.items():
            if entry.error or number >= peers.peer(name).rounds:
                continue
            file, others = answers / f"{job.name} {name} {number}.npy", machine.Others()
            try:
                # The first round finds the best batch size, later ones measure that.
                found = run_in_process(name, job, options.out) if name.endswith(IN_PROCESS) else run_engine(
                    name, job, [entry.best_batch] if entry.best_batch else None, file)
            except RuntimeError as error:
                entry.error = str(error)
                say(f"{job.name}, round {number + 1}, {name}: {error}")
                continue
            entry.rounds.append(found["figures"] | {"others": others.share()})
            if number == 0 and found["by_batch"]:
                entry.best_batch = figures.best_batch(dict(found["by_batch"]))
            rate, median = found["figures"]["texts_per_second"], found["figures"]["median_ms"]
            say(f"{job.name}, round {number + 1}, {name}: {rate:.1f} texts/s, {median:.1f} ms")
    reference = answers / f"{job.name} {peers.REFERENCE} 0.npy"
    for name, entry in entries.items():
        file = answers / f"{job.name} {name} 0.npy"
        if entry.rounds and not name.endswith(IN_PROCESS) and entries[peers.REFERENCE].rounds:
            entry.agreement = asdict(figures.Agreement.between(numpy.load(reference), numpy.load(file)))
    return entries


def measure_servers(names, job, options):
    """{name: Entry} of the HTTP servers."""
    entries = {name: Entry() for name in names}
    for number in range(options.repeats):
        for name, entry in entries.items():
            if entry.error:
                continue
            others = machine.Others()
            try:
                entry.rounds.append(http_run.run(name, job.model, job))
            except (OSError, RuntimeError) as error:
                entry.error = str(error).strip().splitlines()[-1][:300]
                say(f"{job.name}, HTTP round {number + 1}, {name}: {entry.error}")
                continue
            entry.rounds[-1]["others"] = others.share()
            rate = lambda count: entry.rounds[-1][f"requests_per_second_{count}"]
            rates = ", ".join(f"{rate(count):.1f} at {count}" for count in http_run.CONNECTIONS)
            say(f"{job.name}, HTTP round {number + 1}, {name}: requests/s {rates} connections")
    return entries


def compare_model(model, words, texts, options):
    """Everything about one model, as JSON."""
    name = models.title(model)
    directory = models.directory(model, options.out / "models")
    exported = prepare(name, directory, options.out)
    singles, count = single_texts(words, exported)
    job = Job(name, directory, exported, options.binaries, options.threads, texts, singles, options.http_seconds)
    engines = measure_engines(engine_names(options), job, options) if not options.no_engines else {}
    ours = [peers.OURS + precision for precision in options.precision]
    wanted = [http_run.REFERENCE] + [name for name in ours if name not in engines or not engines[name].error]
    servers = measure_servers(wanted, job, options) if not options.no_http else {}
    return {"texts": len(texts), "digest": workload.digest(texts), "tokens": sum(map(count, texts)), "repeats": options.repeats,
            "engines": {engine: entry.json() for engine, entry in engines.items()},
            "http": {server: entry.json() for server, entry in servers.items()}}


def render(results, options):
    """compare.md and pictures; with --docs the same in docs/."""
    import plots  # matplotlib takes a second
    (options.out / "compare.md").write_text(tables.document(results, plots.draw(results, options.out)), encoding="utf-8")
    if options.docs:
        docs = ROOT / "docs"
        (docs / "performance_tables.md").write_text(tables.document(results, plots.draw(results, docs)), encoding="utf-8")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", help=f"of {', '.join(models.SHAPES)}, or model directories")
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16", "int8"],
                        help="of ours; one that the service refuses is said and skipped")
    parser.add_argument("--peers", nargs="+", metavar="PART",
                        help="only peers whose name contains one of these, and the reference")
    parser.add_argument("--skip-compile", action="store_true", default=None,
                        help="leave torch.compile out, which compiles for many minutes")
    parser.add_argument("--no-engines", action="store_true", help="HTTP only")
    parser.add_argument("--no-http", action="store_true", help="engines only")
    parser.add_argument("--texts", type=int, help="how many of the 256 texts")
    parser.add_argument("--texts-file", type=pathlib.Path,
                        help="texts of your own instead, one on each line: how often does an engine change the answers of your model?")
    parser.add_argument("--repeats", type=int, help="rounds")
    parser.add_argument("--http-seconds", type=float, help="of each level of load")
    parser.add_argument("--threads", type=int, default=machine.cores())
    parser.add_argument("--quick", action="store_true", help="one model, 32 texts, one round, no torch.compile")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "build/release/bin",
                        help="where verdict-service and verdict-gateway are")
    parser.add_argument("--banking77", type=pathlib.Path, default=os.environ.get("BANKING77"),
                        help="folder with train.csv, whose words make the texts; without it common English words do [BANKING77]")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--docs", action="store_true", help="write docs/performance_tables.md and docs/images as well")
    parser.add_argument("--add", action="store_true", help="keep what compare.json has of other models, measured here before")
    parser.add_argument("--render", action="store_true", help="measure nothing: tables and pictures from compare.json")
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.binaries, options.out = options.binaries.resolve(), options.out.resolve()
    return options


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a server under load is stopped on the way out
    file = options.out / "compare.json"
    if options.render:
        render(json.loads(file.read_text()), options)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    words = workload.words_of(options.banking77)
    texts = workload.own_texts(options.texts_file) if options.texts_file else workload.mixed_texts(words, options.texts)
    source = "Banking77's" if options.banking77 else "common English"
    what = (f"texts of {options.texts_file.name}" if options.texts_file else
            f"texts of {source} words, lengths log-normal with a median of {workload.MEDIAN_WORDS} words")
    results = {
        "date": datetime.date.today().isoformat(), "load_average": os.getloadavg()[0], "machine": machine.describe(),
        "versions": machine.versions(options.binaries),
        "settings": {"threads": options.threads, "repeats": options.repeats, "http_seconds": options.http_seconds,
                     "connections": list(http_run.CONNECTIONS)},
        "workload": {"what": what},
        "models": {},
    }
    if options.add and file.exists():
        results["models"] = json.loads(file.read_text())["models"]
    for model in options.models:
        results["models"][models.title(model)] = compare_model(model, words, texts, options)
        file.write_text(json.dumps(results, indent=1) + "\n")  # after each model, so that an interrupted run leaves something
        render(results, options)
    print((options.out / "compare.md").read_text())


if __name__ == "__main__":
    main()
