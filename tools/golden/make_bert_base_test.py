import hashlib
import json
import pathlib
import struct
import tempfile
import unittest

try:
    import numpy
    import make_bert_base
except ImportError:
    numpy = None


@unittest.skipIf(numpy is None, "needs numpy")
class MakeBertBaseTest(unittest.TestCase):

    def make(self, **options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "model"
        task = options.get("task", "single-label")
        make_bert_base.write_model(path, make_bert_base.shape_for("tiny", task), **options)
        return path

    def header(self, folder):
        data = (folder / "model.safetensors").read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        return json.loads(data[8:8 + length]), data[8 + length:]

    def test_writes_the_same_bytes_everywhere(self):
        digest = hashlib.sha256((self.make() / "model.safetensors").read_bytes()).hexdigest()
        self.assertEqual("69fa46244051017efea39f3ddc49acaf7b236fcc350775790b4ba264e45c8e53", digest)

    def test_the_header_describes_the_file(self):
        header, body = self.header(self.make())
        self.assertEqual({"format": "pt"}, header.pop("__metadata__"))
        self.assertEqual(len(body), max(entry["data_offsets"][1] for entry in header.values()))
        first, last = header["classifier.weight"]["data_offsets"]
        weights = numpy.frombuffer(body[first:last], numpy.float32)
        self.assertEqual(7 * 64, weights.size)
        self.assertLess(abs(weights).max(), 4 * (3 / 64)**0.5)
        self.assertGreater(weights.std(), 0.3)

    def test_float16_halves_the_file(self):
        self.assertEqual("F16", self.header(self.make(dtype="float16"))[0]["classifier.bias"]["dtype"])

    def test_config_may_claim_another_dtype(self):
        folder = self.make(config_dtype="float16")
        self.assertEqual("float16", json.loads((folder / "config.json").read_text())["dtype"])
        self.assertEqual("F32", self.header(folder)[0]["classifier.bias"]["dtype"])

    def test_labels_are_integers_beyond_32_bits(self):
        labels = json.loads((self.make() / "config.json").read_text())["id2label"]
        self.assertEqual(0, labels["0"])
        self.assertGreater(labels["6"], 2**32)

    def test_layouts(self):
        expected = {"both": {"tokenizer.json", "vocab.txt"}, "tokenizer-json": {"tokenizer.json"}, "vocab-txt": {"vocab.txt"}}
        for layout, files in expected.items():
            found = {file.name for file in self.make(layout=layout).iterdir()}
            self.assertEqual(files, found & {"tokenizer.json", "vocab.txt"})

    def test_tokenizer_json_has_the_padding_that_must_not_be_obeyed(self):
        tokenizer = json.loads((self.make() / "tokenizer.json").read_text(encoding="utf-8"))
        self.assertEqual({"Fixed": 512}, tokenizer["padding"]["strategy"])
        self.assertEqual(102, tokenizer["model"]["vocab"]["[SEP]"])

    def test_tasks_set_problem_type_and_number_of_labels(self):
        expected = {"one-label": (1, None), "multi-label": (5, "multi_label_classification"), "regression": (1, "regression"), "pair": (3, None)}
        for task, (labels, problem) in expected.items():
            config = json.loads((self.make(task=task) / "config.json").read_text())
            self.assertEqual((labels, problem), (len(config["id2label"]), config.get("problem_type")))


if __name__ == "__main__":
    unittest.main()
