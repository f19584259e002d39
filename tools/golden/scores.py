"""How logits become scores, and how a score is written."""

import numpy


def scores_from_logits(logits, problem_type):
    """The rule of transformers' text classification pipeline, in float32 as there."""
    logits = numpy.asarray(logits, dtype=numpy.float32)
    if problem_type == "regression":
        return logits
    if problem_type == "multi_label_classification" or len(logits) == 1:
        return 1.0 / (1.0 + numpy.exp(-logits))
    powers = numpy.exp(logits - logits.max())
    return powers / powers.sum()


def shortest(value):
    """The float whose shortest decimal form is the shortest one that reads back as the same float32."""
    return float(str(numpy.float32(value)))
