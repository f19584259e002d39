import pathlib
import tempfile
import unittest

import numpy

import workload

WORDS = [f"word{number}" for number in range(1000)]


class WorkloadTest(unittest.TestCase):

    def test_the_texts_never_change(self):
        self.assertEqual("fa7d078d99da764a", workload.digest(workload.mixed_texts(WORDS)))
        self.assertEqual(workload.mixed_texts(WORDS), workload.mixed_texts(WORDS))

    def test_another_seed_gives_other_texts(self):
        self.assertNotEqual(workload.mixed_texts(WORDS, seed=7), workload.mixed_texts(WORDS, seed=8))

    def test_fewer_texts_are_the_first_of_more(self):
        self.assertEqual(workload.mixed_texts(WORDS)[:10], workload.mixed_texts(WORDS, count=10))

    def test_lengths_are_as_described(self):
        lengths = [len(text.split()) for text in workload.mixed_texts(WORDS, count=4000)]
        self.assertAlmostEqual(workload.MEDIAN_WORDS, float(numpy.median(lengths)), delta=2)
        self.assertEqual((workload.FEWEST_WORDS, workload.MOST_WORDS), (min(lengths), max(lengths)))
        inside = [numpy.log(length) for length in lengths if length < workload.MOST_WORDS]
        self.assertAlmostEqual(workload.SIGMA, float(numpy.std(inside)), delta=0.05)

    def test_a_text_has_exactly_the_tokens_that_were_asked_for(self):
        count = lambda text: 2 + sum(len(word) for word in text.split())  # a token per letter, and two special ones
        for wanted in workload.SINGLE_TOKENS:
            self.assertEqual(wanted, count(workload.text_of_tokens(["a", "bcd", "efghi"], count, wanted)))

    def test_an_impossible_number_of_tokens_is_an_error(self):
        with self.assertRaises(ValueError):
            workload.text_of_tokens(["ab"], lambda text: 2 * len(text.split()), 7)

    def test_reads_words_with_their_repetitions(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "train.csv").write_text('text,category\n"my card, my PIN",a\nwhy?,b\n', encoding="utf-8")
            self.assertEqual(["my", "card,", "my", "PIN", "why?"], workload.words_of(folder))

    def test_there_are_words_without_a_folder(self):
        self.assertIn("money", workload.words_of(None))
        self.assertGreater(len(workload.words_of(None)), 100)


class OwnTextsTest(unittest.TestCase):

    def test_are_the_lines_that_say_something(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "texts.txt"
            file.write_text("one text\n\nanother é\n  \n", encoding="utf-8")
            self.assertEqual(["one text", "another é"], workload.own_texts(file))
            file.write_text("\n")
            with self.assertRaisesRegex(ValueError, "texts.txt"):
                workload.own_texts(file)


if __name__ == "__main__":
    unittest.main()
