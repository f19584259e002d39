"""Needs torch and transformers; skipped without them."""

import json
import pathlib
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "golden"))
try:
    import torch
    import transformers
    import export_torchscript
    import make_bert_base
except ImportError:
    torch = None


@unittest.skipIf(torch is None, "needs torch and transformers")
class ExportTorchScriptTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = pathlib.Path(folder.name) / "source"
        self.out = pathlib.Path(folder.name) / "out"
        make_bert_base.write_model(self.source, make_bert_base.MICRO)

    def other_family(self, config_class, model_class, **sizes):
        """Replaces the weights by those of another architecture; the tokenizer stays."""
        torch.manual_seed(1)
        config = config_class(vocab_size=5000, num_labels=5, pad_token_id=0, **sizes)
        model_class(config).save_pretrained(self.source)

    def test_bundle_answers_like_the_original_with_either_attention(self):
        for attention in ("eager", "sdpa"):
            names, difference = export_torchscript.export(self.source, self.out, attention, 1e-5)
            self.assertEqual(["input_ids", "attention_mask", "token_type_ids"], names)
            self.assertLessEqual(difference, 1e-5)
            self.assertEqual({"config.json", "metadata.json", "model.pt", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
                              "vocab.txt"}, {file.name for file in self.out.iterdir()})

    def test_other_families(self):
        sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
        self.other_family(transformers.ElectraConfig, transformers.ElectraForSequenceClassification, embedding_size=16, **sizes)
        export_torchscript.export(self.source, self.out, "sdpa", 1e-5)
        self.other_family(transformers.RobertaConfig, transformers.RobertaForSequenceClassification, max_position_embeddings=513, **sizes)
        export_torchscript.export(self.source, self.out, "sdpa", 1e-5)
        self.other_family(transformers.DistilBertConfig, transformers.DistilBertForSequenceClassification, dim=32, n_layers=2, n_heads=2, hidden_dim=64)
        export_torchscript.export(self.source, self.out, "sdpa", 1e-5)

    def test_refuses_a_module_that_baked_in_its_example(self):
        class Fixed(torch.nn.Module):

            def forward(self, ids, mask, types):
                return torch.zeros(ids.shape[0], 3) if ids.shape[1] == 16 else ids.float()[:, :3]

        difference, where = export_torchscript.worst_difference(
            lambda ids, mask, types: torch.zeros(ids.shape[0], 3), Fixed(), [("16 tokens", [torch.ones(1, 16).long()] * 3),
                                                                           ("9 tokens", [torch.arange(9).view(1, 9)] * 3)])
        self.assertGreater(difference, 0.1)
        self.assertEqual("9 tokens", where)

    def test_writes_nothing_when_it_refuses(self):
        with self.assertRaisesRegex(ValueError, "nothing was written"):
            export_torchscript.export(self.source, self.out, "sdpa", -1.0)
        self.assertFalse(self.out.exists())

    def test_a_failing_forward_is_an_infinite_difference(self):
        def fail(*arguments):
            raise RuntimeError("shape mismatch")

        difference, where = export_torchscript.worst_difference(fail, fail, [("any", [torch.ones(1)])])
        self.assertEqual(float("inf"), difference)
        self.assertIn("shape mismatch", where)

    def test_bundle_names_no_source_file_of_this_machine(self):
        export_torchscript.export(self.source, self.out, "sdpa", 1e-5)
        with zipfile.ZipFile(self.out / "model.pt") as bundle:
            self.assertFalse([name for name in bundle.namelist() if name.endswith(".debug_pkl")])
            self.assertFalse([name for name in bundle.namelist() if b"site-packages" in bundle.read(name)])

    def test_config_is_copied_unchanged(self):
        export_torchscript.export(self.source, self.out, "sdpa", 1e-5)
        self.assertEqual(json.loads((self.source / "config.json").read_text()), json.loads((self.out / "config.json").read_text()))


if __name__ == "__main__":
    unittest.main()
