"""What all engines have in common."""

import json
import os
import pathlib
import sys
from dataclasses import dataclass

import numpy

sys.path += [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("bench/reference", "tools/golden")]
import process_tree  # noqa: E402
from scores import scores_from_logits  # noqa: E402


@dataclass(frozen=True)
class Job:
    """What an engine is to run: a model directory, the folder that export.py made of it, and with how many threads."""

    model: pathlib.Path
    exported: pathlib.Path
    threads: int

    def facts(self):
        return json.loads((self.exported / "facts.json").read_text())


class Engine:
    """Texts in, scores out. Subclasses give scores(); one thread calls."""

    batches = (1, 8, 32)  # sizes to try; the best counts
    started = None        # time.monotonic() when its process was started; None: it lives in the measuring process

    def scores(self, texts, batch):
        """Scores [texts, labels], in the order of the texts, computed in batches of that size."""
        raise NotImplementedError

    def warm_up(self):
        """Whatever an engine does once between its first answer and its work; its figures go into facts()."""

    def facts(self):
        """Figures of its own, by name."""
        return {}

    def memory_bytes(self):
        """Resident memory of the process that computes."""
        return process_tree.pss_bytes(os.getpid())

    def close(self):
        """Ends what it started."""


def batches_of(lengths, batch):
    """Indices of texts in batches of similar length, longest first: the first batch allocates what all others reuse."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    return [order[start:start + batch] for start in range(0, len(order), batch)]


def padded(encodings, names, pad_id, rows=None, length=None):
    """Arrays [rows, length] of int64 by input name. Missing rows repeat the last text."""
    length = length or max(len(encoding.ids) for encoding in encodings)
    encodings = list(encodings) + [encodings[-1]] * ((rows or 0) - len(encodings))
    arrays = {name: numpy.full((len(encodings), length), pad_id if name == "input_ids" else 0, numpy.int64) for name in names}
    for row, encoding in enumerate(encodings):
        values = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        for name, array in arrays.items():
            array[row, :len(encoding.ids)] = values[name]
    return arrays


class PaddedEngine(Engine):
    """Engines that compute padded batches, sorted by length. Subclasses give logits(); texts go through Hugging Face's
    `tokenizers` alone, which is less work than transformers does."""

    def __init__(self, job):
        import tokenizers  # the tests of this file run without it
        facts = job.facts()
        self.names, self.pad_id, self.problem_type = facts["inputs"], facts["pad_id"], facts["problem_type"]
        self.tokenizer = tokenizers.Tokenizer.from_file(str(job.exported / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(facts["limit"])

    def logits(self, arrays):
        """Logits [rows, labels] of one batch, as a numpy array of float32."""
        raise NotImplementedError

    def all_logits(self, batches):
        """Logits of each batch."""
        return [self.logits(arrays) for arrays in batches]

    def inputs(self, encodings):
        """The arrays of one batch."""
        return padded(encodings, self.names, self.pad_id)

    def scores(self, texts, batch):
        encodings = self.tokenizer.encode_batch(texts)
        chosen = batches_of([len(encoding.ids) for encoding in encodings], batch)
        found = self.all_logits([self.inputs([encodings[i] for i in indices]) for indices in chosen])
        results = [None] * len(texts)
        for indices, rows in zip(chosen, found):
            for i, row in zip(indices, rows):
                results[i] = scores_from_logits(row, self.problem_type)
        return numpy.stack(results)
