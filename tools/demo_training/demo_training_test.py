"""Needs torch and transformers for the teacher and the vocabulary; the rest runs on the standard library."""

import json
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from demo_training import data
from demo_training.augment import Augmenter

try:
    import torch
    from demo_training import student
    from demo_training.teacher import Teacher, features
    from demo_training.vocabulary import make_tokenizer, train_vocabulary
except ImportError:
    torch = None


class DataTest(unittest.TestCase):

    def folder(self, rows):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "categories.json").write_text(json.dumps(["lost", "found"]), encoding="utf-8")
        (path / "train.csv").write_text("text,category\n" + rows, encoding="utf-8")
        return path

    def test_reads_texts_with_commas_quotes_and_line_breaks(self):
        folder = self.folder('"Where, ""it"" is\n",lost\nhere,found\n')
        split = data.read_split(folder, "train", data.read_categories(folder))
        self.assertEqual((['Where, "it" is', "here"], [0, 1]), (split.texts, split.labels))

    def test_an_unknown_category_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(ValueError, "stolen"):
            data.read_split(self.folder("a,stolen\n"), "train", ["lost"])

    def test_a_category_listed_twice_is_an_error(self):
        folder = self.folder("")
        (folder / "categories.json").write_text('["a", "a"]', encoding="utf-8")
        with self.assertRaises(ValueError):
            data.read_categories(folder)

    def test_hold_out_loses_nothing_and_keeps_pairs_together(self):
        split = data.Split([str(i) for i in range(100)], list(range(100)))
        kept, held = data.hold_out(split, 0.1, 3)
        self.assertEqual((90, 10), (len(kept), len(held)))
        self.assertEqual(set(split.texts), set(kept.texts) | set(held.texts))
        self.assertTrue(all(int(text) == label for part in (kept, held) for text, label in zip(part.texts, part.labels)))


class AugmenterTest(unittest.TestCase):

    def test_the_seed_decides(self):
        noise = lambda seed: [Augmenter(random.Random(seed)).noise("where is my new card now") for _ in range(5)]
        self.assertEqual(noise(1), noise(1))
        self.assertNotEqual(noise(1), noise(2))

    def test_changes_some_texts_and_never_empties_one(self):
        augmenter = Augmenter(random.Random(1), word_dropout=0.9)
        self.assertTrue(all(augmenter.noise("card") for _ in range(200)))
        self.assertTrue(all(augmenter.splice("one two", "three") for _ in range(200)))

    def test_without_rates_the_text_stays(self):
        augmenter = Augmenter(random.Random(1), word_dropout=0, typo=0, swap=0, frame=0)
        self.assertEqual("my new card", augmenter.noise("my new  card"))

    def test_a_spliced_text_begins_like_one_and_ends_like_the_other(self):
        augmenter = Augmenter(random.Random(1))
        for _ in range(50):
            spliced = augmenter.splice("a b c", "x y z").split()
            heads = [word for word in spliced if word in "abc"]
            self.assertEqual((["a", "b", "c"][:len(heads)], ["x", "y", "z"][len(heads) + 3 - len(spliced):] if len(spliced) > len(heads) else []),
                             (heads, spliced[len(heads):]))


@unittest.skipIf(torch is None, "needs torch and transformers")
class LearningTest(unittest.TestCase):
    TEXTS = ["where is my card", "my card is lost", "exchange rate of the euro", "what rate do i get for euro"] * 8
    LABELS = [0, 0, 1, 1] * 8

    def test_teacher_learns_to_tell_texts_apart(self):
        teacher = Teacher(2, torch.Generator().manual_seed(1))
        teacher.fit(self.TEXTS, self.LABELS, epochs=20, batch=8)
        self.assertEqual([0, 1], teacher.logits(["a lost card", "euro rate?"]).argmax(-1).tolist())
        self.assertEqual((1, 2), tuple(teacher.logits(["日本"]).shape))

    def test_features_are_words_pairs_and_letter_groups(self):
        self.assertEqual({"w:my", "w:pin", "b:my pin"}, {f for f in features("My PIN") if not f.startswith("c:")})
        self.assertIn("c: pi", features("My PIN"))

    def test_vocabulary_reads_other_scripts_letter_by_letter(self):
        vocabulary = train_vocabulary(self.TEXTS, 200)
        self.assertEqual(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], vocabulary[:5])
        self.assertEqual(len(vocabulary), len(set(vocabulary)))
        tokenizer = make_tokenizer(vocabulary)
        self.assertNotIn("[UNK]", tokenizer.tokenize("my card, Ёлка £5 “ñandú” אב"))
        self.assertEqual(512, tokenizer.model_max_length)

    def test_distillation_keeps_a_model_and_learns(self):
        teacher = Teacher(2, torch.Generator().manual_seed(1))
        teacher.fit(self.TEXTS, self.LABELS, epochs=20, batch=8)
        torch.manual_seed(1)
        vocabulary = train_vocabulary(self.TEXTS, 200)
        encoder = student.Encoder(make_tokenizer(vocabulary))
        kept = []
        student.distill(student.make_model(len(vocabulary), ["card", "rate"], hidden=32, layers=1), encoder, data.Split(self.TEXTS, self.LABELS),
                        teacher, steps=200, seed=1, keep=lambda model, steps: kept.append((model, steps)), batch=16)
        self.assertEqual(200, kept[-1][1])
        self.assertGreater(student.accuracy(kept[-1][0], encoder, data.Split(self.TEXTS, self.LABELS)), 0.9)


if __name__ == "__main__":
    unittest.main()
