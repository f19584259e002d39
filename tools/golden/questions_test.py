import unittest
from unittest import mock

from questions import questions


class QuestionsTest(unittest.TestCase):

    def test_gives_as_many_different_questions_as_asked(self):
        self.assertEqual(1000, len(set(questions(1000, 1))))

    def test_the_seed_decides(self):
        self.assertEqual(questions(50, 1), questions(50, 1))
        self.assertNotEqual(questions(50, 1), questions(50, 2))

    def test_every_placeholder_is_filled(self):
        self.assertFalse([text for text in questions(2000, 3) if "{" in text or "}" in text])

    def test_says_so_when_the_grammar_is_too_small(self):
        with mock.patch("questions._one", lambda rng: rng.choice("ab")), self.assertRaisesRegex(ValueError, "grammar"):
            questions(3, 1)


if __name__ == "__main__":
    unittest.main()
