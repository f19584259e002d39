import json
import pathlib
import tempfile
import unittest
from unittest import mock

import models


class ModelsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_makes_a_directory_once(self):
        made = models.directory("tiny", self.folder)
        config = json.loads((made / "config.json").read_text())
        self.assertEqual((64, 2, 2, 256), tuple(config[key] for key in
                                                ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")))
        with mock.patch.object(models.make_bert_base, "write_model") as write:
            self.assertEqual(made, models.directory("tiny", self.folder))
            write.assert_not_called()

    def test_makes_again_what_was_interrupted(self):
        (self.folder / "tiny").mkdir()
        (self.folder / "tiny/config.json").write_text("{}")
        self.assertTrue((models.directory("tiny", self.folder) / "model.safetensors").exists())

    def test_other_names_are_paths(self):
        (self.folder / "config.json").write_text("{}")
        self.assertEqual(self.folder.resolve(), models.directory(str(self.folder), pathlib.Path("unused")))
        self.assertEqual(self.folder.name, models.title(str(self.folder)))
        with self.assertRaisesRegex(ValueError, "neither one of bert_base, minilm, tiny nor"):
            models.directory("no such model", self.folder)


if __name__ == "__main__":
    unittest.main()
