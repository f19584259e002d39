import json
import unicodedata
import unittest

from hostile import BLOCKS, hostile
from records import expand


class HostileTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.records = hostile(1000, 5)
        cls.texts = [text for record in cls.records for text in expand(record) if text is not None]

    def test_gives_as_many_different_records_as_asked(self):
        self.assertEqual(1000, len({json.dumps(record, sort_keys=True) for record in self.records}))

    def test_the_seed_decides(self):
        self.assertEqual(self.records, hostile(1000, 5))
        self.assertNotEqual(self.records, hostile(1000, 6))

    def test_every_text_is_encodable(self):
        for text in self.texts:
            text.encode("utf-8")  # raises for a lone surrogate

    def test_covers_every_category_of_unicode(self):
        found = {unicodedata.category(char) for text in self.texts for char in set(text)}
        everything = {unicodedata.category(chr(code)) for code in range(0x110000)} - {"Cs"}
        self.assertEqual(set(), everything - found)

    def test_covers_every_block(self):
        codes = {ord(char) for text in self.texts for char in set(text)}
        self.assertFalse([block for block in BLOCKS if codes.isdisjoint(range(block[0], block[1] + 1))])

    def test_has_empty_long_and_paired_texts(self):
        self.assertIn("", self.texts)
        self.assertGreaterEqual(max(map(len, self.texts)), 1_000_000)
        self.assertGreaterEqual(sum("text_pair" in r or "text_pair_repeat" in r for r in self.records), 20)

    def test_has_special_tokens_inside_texts(self):
        self.assertTrue([t for t in self.texts if "[SEP]" in t and not t.startswith("[SEP]")])

    def test_long_texts_are_stored_short(self):
        self.assertLess(max(len(json.dumps(record)) for record in self.records), 4000)


if __name__ == "__main__":
    unittest.main()
