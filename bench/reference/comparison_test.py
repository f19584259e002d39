import unittest

from comparison import compare, shape


def answer(label="1", probability="0.5", status=200, kind="application/json"):
    return status, kind, f'{{"prediction":{{"label":"{label}","probability":{probability}}}}}'.encode()


class ComparisonTest(unittest.TestCase):

    def test_shape_blanks_out_the_probability_only(self):
        self.assertEqual(shape(answer(probability="0.25")[2]), shape(answer(probability="1e-07")[2]))
        self.assertNotEqual(shape(answer(label="1")[2]), shape(answer(label="2")[2]))
        self.assertNotEqual(shape(b'{"probability":0.5}'), shape(b'{"probability": 0.5}'))
        self.assertNotEqual(shape(b'{"probability":0.5}'), shape(b'{"probability":"0.5"}'))

    def test_equal_answers(self):
        found = compare(["a", "b"], [answer(), answer()], [answer(), answer(probability="0.500001")])
        self.assertTrue(found.same(1e-5))
        self.assertFalse(found.same(1e-7))
        self.assertEqual(2, found.texts)

    def test_each_difference_is_counted(self):
        found = compare(list("abcd"), [answer()] * 4, [answer(label="2"), answer(status=400), answer(kind="text/plain"),
                                                      (200, "application/json", b'{"prediction": {"label":"1","probability":0.5}}')])
        self.assertEqual((1, 1, 1, 2), (found.labels, found.statuses, found.content_types, found.shapes))
        self.assertEqual(4, len(found.examples))
        self.assertFalse(found.same(1.0))

    def test_unequal_numbers_of_answers_are_an_error(self):
        with self.assertRaises(ValueError):
            compare(["a", "b"], [answer()] * 2, [answer()])


if __name__ == "__main__":
    unittest.main()
