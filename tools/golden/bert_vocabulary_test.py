import unittest

from bert_vocabulary import SIZE, SPECIAL, vocabulary


class BertVocabularyTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.entries = vocabulary()

    def test_has_the_size_and_special_ids_of_bert_base_uncased(self):
        self.assertEqual(SIZE, len(self.entries))
        self.assertEqual(SPECIAL, {i: self.entries[i] for i in SPECIAL})

    def test_no_entry_appears_twice_or_is_empty(self):
        self.assertEqual(SIZE, len(set(self.entries)))
        self.assertNotIn("", self.entries)

    def test_no_entry_would_break_a_line_of_vocab_txt(self):
        self.assertFalse([entry for entry in self.entries if entry.split() != [entry]])

    def test_has_words_pieces_and_characters_of_other_scripts(self):
        for entry in ("card", "transfer", "##ing", "##s", "£", "я", "ᄒ", "##한"[:2] + "ᅡ", "中", "あ", "א"):
            self.assertIn(entry, self.entries)


if __name__ == "__main__":
    unittest.main()
