"""PyTorch's compiler at its best: inductor with frozen, packed weights, max-autotune, and a compiled program per fixed shape."""

import os
import tempfile
import time
import types

import numpy
import torch

from peers.engine import padded
from peers.transformers_engine import TransformersEngine

LENGTHS = (16, 32, 64, 128, 256, 512)
ROWS = 8  # the other batch size beside 1; 256 tokens at most, longer texts go alone
LONGEST_IN_ROWS = 256


class CompiledEngine(TransformersEngine):
    """Compiles the shape of the first text to answer it, all others in warm_up()."""

    batches = (1, ROWS)

    def __init__(self, job, precision):
        super().__init__(job, precision)
        import torch._dynamo
        import torch._inductor.config
        self.cache = tempfile.TemporaryDirectory()  # an empty one: the time of compilation is one of the figures
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = self.cache.name
        torch._inductor.config.freezing = True
        torch._inductor.config.max_autotune = True
        torch._dynamo.config.recompile_limit = 4 * len(LENGTHS)
        self.limit = job.facts()["limit"]
        self.lengths = [length for length in LENGTHS if length < self.limit] + [min(self.limit, LENGTHS[-1])]
        self.seen, self.compile_s = set(), 0.0
        self.compiled = torch.compile(self.model, dynamic=False)

    def inputs(self, encodings):
        longest = max(len(encoding.ids) for encoding in encodings)
        length = next(length for length in self.lengths if length >= longest)
        if len(encodings) == 1:
            return padded(encodings, self.names, self.pad_id, 1, length)
        if length > LONGEST_IN_ROWS:
            return [padded([encoding], self.names, self.pad_id, 1, length) for encoding in encodings]
        return padded(encodings, self.names, self.pad_id, ROWS, length)

    def logits(self, arrays):
        if isinstance(arrays, list):
            return numpy.concatenate([self.logits(one) for one in arrays])
        shape, before = arrays["input_ids"].shape, time.monotonic()
        with torch.no_grad():  # weights packed under inference_mode may be slow to use
            found = self.compiled(**{name: torch.from_numpy(array) for name, array in arrays.items()}).logits.float().numpy()
        if shape not in self.seen:
            self.seen.add(shape)
            self.compile_s += time.monotonic() - before
        return found

    def warm_up(self):
        for length in self.lengths:
            text = types.SimpleNamespace(ids=[self.pad_id] * length, attention_mask=[1] * length, type_ids=[0] * length)
            self.logits(self.inputs([text]))
            if length <= LONGEST_IN_ROWS:
                self.logits(self.inputs([text] * ROWS))

    def facts(self):
        return {"compile_s": self.compile_s}

    def close(self):
        self.cache.cleanup()
