import json
import unittest

try:
    import numpy
    from scores import scores_from_logits, shortest
except ImportError:
    numpy = None


@unittest.skipIf(numpy is None, "needs numpy")
class ScoresTest(unittest.TestCase):

    def test_softmax_for_several_labels(self):
        scores = scores_from_logits([1000.0, 1000.0, -1000.0], None)
        self.assertEqual([0.5, 0.5, 0.0], scores.tolist())

    def test_sigmoid_for_one_label_and_for_many_at_once(self):
        self.assertEqual([0.5], scores_from_logits([0.0], None).tolist())
        self.assertEqual([0.5, 0.5], scores_from_logits([0.0, 0.0], "multi_label_classification").tolist())

    def test_regression_gives_the_logit(self):
        self.assertEqual([-2.5], scores_from_logits([-2.5], "regression").tolist())

    def test_shortest_form_reads_back_as_the_same_float32(self):
        for value in numpy.random.RandomState(1).random_sample(1000).astype(numpy.float32):
            written = json.dumps(shortest(value))
            self.assertEqual(value, numpy.float32(float(written)))
            self.assertLessEqual(len(written), 14)


if __name__ == "__main__":
    unittest.main()
