import pathlib
import tempfile
import unittest

from make_texts import banking77, make_records


class MakeTextsTest(unittest.TestCase):

    def test_ordinary_texts_come_first(self):
        records = make_records(["one", "two"], 700, 1)
        self.assertEqual([{"text": "one"}, {"text": "two"}], records[:2])
        self.assertEqual(702, len(records))

    def test_pairs_ordinary_texts(self):
        self.assertEqual([{"text": "one", "text_pair": "two"}, {"text": "two", "text_pair": "one"}], make_records(["one", "two"], 700, 1, True)[:2])

    def test_reads_banking77(self):
        with tempfile.TemporaryDirectory() as folder:
            lines = ["text,category", '"Where, please?",card_arrival', '"He said ""no""",lost_card', "third,x"]
            pathlib.Path(folder, "test.csv").write_text("\n".join(lines), encoding="utf-8")
            self.assertEqual({"Where, please?", 'He said "no"', "third"}, set(banking77(folder, 10, 1)))
            self.assertEqual(2, len(banking77(folder, 2, 1)))


if __name__ == "__main__":
    unittest.main()
