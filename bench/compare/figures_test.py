import unittest

import figures


class FiguresTest(unittest.TestCase):

    def test_percentiles_are_values_that_occurred(self):
        values = list(range(100, 0, -1))
        self.assertEqual((50, 99, 100, 1), tuple(figures.percentile(values, percent) for percent in (50, 99, 100, 0)))
        self.assertEqual(7, figures.percentile([7], 99))

    def test_medians_are_per_figure(self):
        self.assertEqual({"a": 2, "b": 5}, figures.medians([{"a": 1}, {"a": 9, "b": 5}, {"a": 2}]))
        self.assertEqual({}, figures.medians([]))

    def test_a_ratio_is_above_one_in_our_favour(self):
        self.assertEqual(2, figures.ratio([{"texts_per_second": 10}], [{"texts_per_second": 5}], "texts_per_second"))
        at_16 = "requests_per_second_16"
        self.assertEqual(2, figures.ratio([{at_16: 10}], [{at_16: 5}], at_16))
        self.assertEqual(0.5, figures.ratio([{"median_ms": 10}], [{"median_ms": 5}], "median_ms"))

    def test_ratios_are_taken_within_a_round(self):
        ours = [{"median_ms": 10}, {"median_ms": 20}, {"median_ms": 40}]  # the machine becomes slower and slower
        peer = [{"median_ms": 20}, {"median_ms": 40}, {"median_ms": 80}]
        self.assertEqual(2, figures.ratio(ours, peer, "median_ms"))

    def test_a_peer_with_fewer_rounds_is_compared_in_those(self):
        ours = [{"median_ms": 10}, {"median_ms": 1000}]
        self.assertEqual(3, figures.ratio(ours, [{"median_ms": 30}], "median_ms"))
        self.assertIsNone(figures.ratio(ours, [{}], "median_ms"))
        self.assertIsNone(figures.ratio(ours, [], "median_ms"))

    def test_best_batch(self):
        self.assertEqual(8, figures.best_batch({1: 5.0, 8: 9.0, 32: 7.0}))


class AgreementTest(unittest.TestCase):

    def test_equal_answers(self):
        answers = [[0.9, 0.1], [0.2, 0.8]]
        self.assertEqual(figures.Agreement(2, 0, 0, 0.0), figures.Agreement.between(answers, answers))

    def test_flips_near_a_tie_are_told_apart(self):
        found = figures.Agreement.between([[0.51, 0.49], [0.8, 0.2], [0.7, 0.3]], [[0.49, 0.51], [0.4, 0.6], [0.6, 0.4]])
        self.assertEqual((3, 2, 1), (found.texts, found.flips, found.flips_outside))
        self.assertAlmostEqual(0.4, found.worst)

    def test_a_single_label_flips_at_one_half(self):
        found = figures.Agreement.between([[0.51], [0.9], [0.1]], [[0.49], [0.2], [0.2]])
        self.assertEqual((2, 1), (found.flips, found.flips_outside))

    def test_answers_of_another_shape_are_an_error(self):
        with self.assertRaises(ValueError):
            figures.Agreement.between([[0.5, 0.5]], [[1.0]])


class GflopTest(unittest.TestCase):

    def test_is_what_the_formulas_of_a_layer_take(self):
        config = {"hidden_size": 4, "num_hidden_layers": 3, "intermediate_size": 16}
        one_token = 3 * 2 * (4 * 4 * 4 + 2 * 4 * 16)  # projections and the feed-forward part
        self.assertAlmostEqual(1e-9 * (5 * one_token + 3 * 2 * 2 * 4 * 25), figures.gflop(config, 5, 25))

    def test_is_unknown_for_other_configurations(self):
        self.assertIsNone(figures.gflop({"dim": 768}, 5, 25))


if __name__ == "__main__":
    unittest.main()
