import types
import unittest

import numpy

from peers import PEERS, REFERENCE, peer
from peers.engine import PaddedEngine, batches_of, padded


def encoding(*ids):
    return types.SimpleNamespace(ids=list(ids), attention_mask=[1] * len(ids), type_ids=[0] * len(ids))


class FakeEngine(PaddedEngine):
    """A text is a list of numbers; its logits are their sum and minus that. Notes the shapes it was given."""

    def __init__(self):
        self.names, self.pad_id, self.problem_type, self.shapes = ["input_ids", "attention_mask"], 9, None, []
        self.tokenizer = types.SimpleNamespace(encode_batch=lambda texts: [encoding(*map(int, text.split())) for text in texts])

    def logits(self, arrays):
        self.shapes.append(arrays["input_ids"].shape)
        sums = (arrays["input_ids"] * arrays["attention_mask"]).sum(axis=1).astype(numpy.float32)
        return numpy.stack([sums, -sums], axis=1)


class EngineTest(unittest.TestCase):

    def test_batches_are_sorted_by_length(self):
        self.assertEqual([[1, 2], [3, 0], [4]], batches_of([2, 9, 5, 3, 1], 2))

    def test_padding_is_masked(self):
        arrays = padded([encoding(4, 5, 6), encoding(7)], ["input_ids", "attention_mask"], pad_id=9)
        self.assertEqual([[4, 5, 6], [7, 9, 9]], arrays["input_ids"].tolist())
        self.assertEqual([[1, 1, 1], [1, 0, 0]], arrays["attention_mask"].tolist())

    def test_pads_to_a_fixed_shape(self):
        arrays = padded([encoding(4)], ["input_ids", "token_type_ids"], pad_id=9, rows=2, length=3)
        self.assertEqual([[4, 9, 9]] * 2, arrays["input_ids"].tolist())
        self.assertEqual([[0, 0, 0]] * 2, arrays["token_type_ids"].tolist())

    def test_answers_come_in_the_order_of_the_texts_whatever_the_batch(self):
        texts = ["1", "0 0 1 1", "0 3", "-1 0 0", "2"]
        alone = FakeEngine().scores(texts, 1)
        engine = FakeEngine()
        numpy.testing.assert_array_equal(alone, engine.scores(texts, 2))
        self.assertEqual([(2, 4), (2, 2), (1, 1)], engine.shapes)
        self.assertTrue((alone.argmax(axis=1) == [0, 0, 0, 1, 0]).all())

    def test_names_lead_to_engines(self):
        self.assertIn(REFERENCE, PEERS)
        self.assertEqual({"precision": "bf16"}, peer("Verdict bf16").settings)
        with self.assertRaises(KeyError):
            peer("nobody")


if __name__ == "__main__":
    unittest.main()
