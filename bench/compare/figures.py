"""Arithmetic of the comparison: medians over rounds, ratios within a round, agreement of answers. No measuring here."""

import math
import statistics
from dataclasses import dataclass

import numpy

NEAR_TIE = 0.05  # two labels closer than this in the reference may change places without anybody being wrong
HIGHER_IS_BETTER = ("texts_per_second", "requests_per_second")


def percentile(values, percent):
    """The nearest-rank percentile: a value that occurred, no interpolation."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def medians(rounds):
    """{figure: median over the rounds that have it}."""
    names = dict.fromkeys(name for figures in rounds for name in figures)
    return {name: statistics.median(figures[name] for figures in rounds if name in figures) for name in names}


def ratio(ours, peer, figure):
    """How many times better ours is: above 1 in our favour, whichever way the figure counts. None where no round of both has it.

    Rounds are divided one by one before the median, so that a slow minute of the machine cancels out.
    """
    pairs = [(mine[figure], other[figure]) for mine, other in zip(ours, peer) if figure in mine and figure in other]
    if not pairs:
        return None
    better = figure.startswith(HIGHER_IS_BETTER)
    return statistics.median(mine / other if better else other / mine for mine, other in pairs)


def gflop(config, tokens, pairs):
    """What the products of a BERT of this configuration take for `tokens` tokens, of which `pairs` see each other; every layer in
    full, a multiplication and an addition as two. None for a configuration that names its shape in other words."""
    try:
        hidden, layers, intermediate = (config[name] for name in ("hidden_size", "num_hidden_layers", "intermediate_size"))
    except KeyError:
        return None
    return 2e-9 * layers * (tokens * (4 * hidden**2 + 2 * hidden * intermediate) + 2 * hidden * pairs)


def best_batch(texts_per_second):
    """The batch size with the most texts per second."""
    return max(texts_per_second, key=texts_per_second.get)


@dataclass(frozen=True)
class Agreement:
    """How the answers of an engine differ from the reference's."""

    texts: int
    flips: int           # another label first
    flips_outside: int   # of these, where the reference's best two labels are further apart than NEAR_TIE
    worst: float         # greatest difference of a probability

    @staticmethod
    def between(reference, answers):
        """Both are arrays [texts, labels] of scores."""
        reference, answers = numpy.asarray(reference), numpy.asarray(answers)
        if reference.shape != answers.shape:
            raise ValueError(f"answers of shape {answers.shape} for a reference of {reference.shape}")
        if reference.shape[1] == 1:
            flipped = (reference[:, 0] > 0.5) != (answers[:, 0] > 0.5)
            margin = 2 * numpy.abs(reference[:, 0] - 0.5)
        else:
            flipped = reference.argmax(axis=1) != answers.argmax(axis=1)
            two = numpy.sort(reference, axis=1)[:, -2:]
            margin = two[:, 1] - two[:, 0]
        return Agreement(len(reference), int(flipped.sum()), int((flipped & (margin > NEAR_TIE)).sum()),
                         float(numpy.abs(reference - answers).max()))
