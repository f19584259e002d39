"""Compares answers of two servers to the same texts."""

import json
import re
from dataclasses import dataclass, field

PROBABILITY = re.compile(rb'("probability":)-?[0-9.]+(?:[eE][-+]?[0-9]+)?')


def shape(body):
    """The body with the digits of its probability blanked out."""
    return PROBABILITY.sub(rb"\1#", body)


@dataclass
class Differences:
    """What came out of comparing answers; `examples` names the first few texts that differ."""

    texts: int = 0
    statuses: int = 0
    shapes: int = 0
    labels: int = 0
    content_types: int = 0
    worst: float = 0.0
    examples: list = field(default_factory=list)

    def same(self, tolerance):
        return not (self.statuses or self.shapes or self.labels or self.content_types) and self.worst <= tolerance


def compare(texts, reference, ours):
    """Both answer lists hold (status, content type, body), in the order of `texts`."""
    found = Differences()
    for text, expected, got in zip(texts, reference, ours, strict=True):
        found.texts += 1
        before = (found.statuses, found.shapes, found.labels, found.content_types)
        found.content_types += expected[1] != got[1]
        if expected[0] != got[0]:
            found.statuses += 1
        else:
            found.shapes += shape(expected[2]) != shape(got[2])
            _compare_predictions(json.loads(expected[2]), json.loads(got[2]), found)
        if before != (found.statuses, found.shapes, found.labels, found.content_types) and len(found.examples) < 5:
            found.examples.append(f"{text[:60]!r}: {expected} / {got}")
    return found


def _compare_predictions(expected, got, found):
    if "prediction" not in expected or "prediction" not in got:
        return
    found.labels += expected["prediction"]["label"] != got["prediction"]["label"]
    found.worst = max(found.worst, abs(expected["prediction"]["probability"] - got["prediction"]["probability"]))
