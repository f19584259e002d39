"""The texts that every engine is given: the same on every machine, from a folder of Banking77, which is not in this repository.

numpy's RandomState is used because its stream is frozen; Python's own random.lognormvariate may change with a version.
"""

import csv
import hashlib
import pathlib
import sys

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools/golden"))
from bert_vocabulary import COMMON  # noqa: E402

COUNT = 256
SEED = 7
MEDIAN_WORDS = 45
SIGMA = 0.7
FEWEST_WORDS, MOST_WORDS = 6, 254
SINGLE_TOKENS = (16, 128, 512)


def words_of(folder):
    """All words of Banking77's training texts, repetitions included, so that frequent words are drawn often. Without a folder:
    common English words, which are one token each, so that figures of the two kinds do not compare."""
    if folder is None:
        return list(COMMON)
    with (pathlib.Path(folder) / "train.csv").open(encoding="utf-8", newline="") as lines:
        return [word for row in csv.DictReader(lines) for word in row["text"].split()]


def mixed_texts(words, count=COUNT, seed=SEED):
    """`count` texts of log-normal length; fewer are the first of more."""
    stream = numpy.random.RandomState(seed)
    texts = []
    for _ in range(count):
        length = int(numpy.clip(round(float(stream.lognormal(numpy.log(MEDIAN_WORDS), SIGMA))), FEWEST_WORDS, MOST_WORDS))
        texts.append(" ".join(words[i] for i in stream.randint(0, len(words), length)))
    return texts


def own_texts(file):
    """The lines of a file."""
    texts = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not texts:
        raise ValueError(f"{file} holds no text")
    return texts


def text_of_tokens(words, count_tokens, wanted, seed=SEED):
    """A text of exactly `wanted` tokens; count_tokens(text) says how many a text has, special tokens included."""
    stream = numpy.random.RandomState(seed)
    text = ""
    for _ in range(20 * wanted):
        longer = f"{text} {words[stream.randint(0, len(words))]}".lstrip()
        tokens = count_tokens(longer)
        if tokens <= wanted:
            text = longer
        if tokens == wanted:
            return text
    raise ValueError(f"no text of {wanted} tokens found")


def digest(texts):
    """Tells whether two runs had the same texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
