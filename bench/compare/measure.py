"""Measures one engine: first answer, single texts, one at a time, batches."""

import statistics
import time
from dataclasses import dataclass, field

import figures

SINGLE_LEAST, SINGLE_MOST, SINGLE_SECONDS = 3, 50, 2.0  # repetitions of a single text: as many as fit, within bounds
WARM_UP_TEXTS = 32  # or a quarter of all, if that is less
PASS_SECONDS = 2.0  # passes over all texts are repeated for this long: a single one of some milliseconds would say little


@dataclass
class Measured:
    """What came out of one start of an engine."""

    first_answer: float                           # clock() when it was there
    figures: dict = field(default_factory=dict)   # name: value, all comparable between engines
    by_batch: dict = field(default_factory=dict)  # batch size: texts per second
    answers: object = None                        # [texts, labels], of the best batch size


def repeat_single(engine, text, clock):
    """Median milliseconds of one text alone."""
    engine.scores([text], engine.batches[0])
    times, begun = [], clock()
    while len(times) < SINGLE_LEAST or (len(times) < SINGLE_MOST and clock() - begun < SINGLE_SECONDS):
        before = clock()
        engine.scores([text], engine.batches[0])
        times.append(1000 * (clock() - before))
    return statistics.median(times)


def one_at_a_time(engine, texts, clock):
    """Milliseconds of each text, asked one after the other. Of a quick engine the second pass counts: some prepare for each
    length that is new to them."""
    for _ in range(2):
        times, begun = [], clock()
        for text in texts:
            before = clock()
            engine.scores([text], engine.batches[0])
            times.append(1000 * (clock() - before))
        if clock() - begun > PASS_SECONDS:
            break
    return times


def throughput(engine, texts, batch, clock):
    """(texts per second of the median pass, answers)."""
    engine.scores(texts[:max(1, min(WARM_UP_TEXTS, len(texts) // 4))], batch)
    times = []
    while sum(times) < PASS_SECONDS:
        before = clock()
        answers = engine.scores(texts, batch)
        times.append(clock() - before)
    return len(texts) / statistics.median(times), answers


def measure(engine, texts, singles, batches=None, clock=time.monotonic):
    """`singles` is {tokens: text}; `batches` are the sizes to try, unless all of the engine's. The engine stays open."""
    engine.scores(texts[:1], engine.batches[0])
    found = Measured(first_answer=clock())
    engine.warm_up()
    for tokens, text in singles.items():
        found.figures[f"ms_{tokens}"] = repeat_single(engine, text, clock)
    times = one_at_a_time(engine, texts, clock)
    found.figures["median_ms"] = statistics.median(times)
    found.figures["p99_ms"] = figures.percentile(times, 99)
    for batch in batches or engine.batches:
        found.by_batch[batch], answers = throughput(engine, texts, batch, clock)
        if batch == figures.best_batch(found.by_batch):
            found.answers = answers
    found.figures["texts_per_second"] = max(found.by_batch.values())
    found.figures["memory_mb"] = engine.memory_bytes() / 1e6
    found.figures |= engine.facts()
    return found
