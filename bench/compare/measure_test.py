import unittest

import measure


class FakeEngine:
    """Takes a second per text, and half a second per text in batches of 8."""

    batches = (1, 8)

    def __init__(self):
        self.now, self.calls, self.warmed_after = 0.0, [], None

    def clock(self):
        return self.now

    def scores(self, texts, batch):
        self.calls.append((len(texts), batch))
        self.now += len(texts) * (0.5 if batch == 8 else 1.0)
        return f"answers of {batch}"

    def warm_up(self):
        self.warmed_after = len(self.calls)

    def memory_bytes(self):
        return 3_000_000

    def facts(self):
        return {"compile_s": 7.0}


class MeasureTest(unittest.TestCase):

    def setUp(self):
        self.engine = FakeEngine()

    def test_measures_everything_once(self):
        found = measure.measure(self.engine, ["text"] * 16, {128: "long"}, clock=self.engine.clock)
        self.assertEqual(1.0, found.first_answer)
        self.assertEqual(1, self.engine.warmed_after)
        self.assertEqual({1: 1.0, 8: 2.0}, found.by_batch)
        self.assertEqual("answers of 8", found.answers)
        self.assertEqual({"ms_128": 1000, "median_ms": 1000, "p99_ms": 1000, "texts_per_second": 2.0, "memory_mb": 3.0,
                          "compile_s": 7.0}, found.figures)

    def test_batch_sizes_can_be_chosen(self):
        found = measure.measure(self.engine, ["text"] * 4, {}, batches=[1], clock=self.engine.clock)
        self.assertEqual({1: 1.0}, found.by_batch)
        self.assertNotIn(8, [batch for _, batch in self.engine.calls])

    def test_a_quick_engine_is_measured_warm_and_over_many_passes(self):
        def scores(_, batch):
            self.engine.calls.append(batch)
            self.engine.now += 0.3
        self.engine.scores = scores
        self.assertEqual(10, round(measure.throughput(self.engine, ["text"] * 3, 1, self.engine.clock)[0]))
        self.assertEqual(1 + 7, len(self.engine.calls))  # the warm-up, and as many as fill two seconds
        self.engine.calls.clear()
        self.assertEqual(3, len(measure.one_at_a_time(self.engine, ["text"] * 3, self.engine.clock)))
        self.assertEqual(6, len(self.engine.calls))

    def test_a_slow_engine_is_asked_each_text_once(self):
        measure.one_at_a_time(self.engine, ["text"] * 3, self.engine.clock)
        self.assertEqual(3, len(self.engine.calls))

    def test_a_slow_single_text_is_repeated_a_few_times_a_quick_one_often(self):
        measure.repeat_single(self.engine, "slow", self.engine.clock)
        self.assertEqual(1 + measure.SINGLE_LEAST, len(self.engine.calls))
        quick = FakeEngine()
        quick.scores = lambda texts, batch: quick.calls.append(batch)
        measure.repeat_single(quick, "quick", quick.clock)
        self.assertEqual(1 + measure.SINGLE_MOST, len(quick.calls))


if __name__ == "__main__":
    unittest.main()
