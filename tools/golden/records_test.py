import unittest

from records import expand


class RecordsTest(unittest.TestCase):

    def test_expands_texts_and_pairs(self):
        self.assertEqual(("a", None), expand({"text": "a"}))
        self.assertEqual(("", ""), expand({"text": "", "text_pair": ""}))
        self.assertEqual(("ababab", "cc"), expand({"text_repeat": ["ab", 3], "text_pair_repeat": ["c", 2]}))

    def test_a_record_without_a_text_is_an_error(self):
        with self.assertRaises(KeyError):
            expand({"text_pair": "b"})


if __name__ == "__main__":
    unittest.main()
