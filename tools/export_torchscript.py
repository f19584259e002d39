#!/usr/bin/env python3
"""Turns any Hugging Face text classifier into a TorchScript bundle that verdict-service reads.

The bundle is model.pt, whose forward(input_ids, attention_mask[, token_type_ids]) returns the logits [batch, labels], beside the
configuration and tokenizer files of the source directory. Before it is left in place, the reloaded model.pt is compared with the original
on batches of several sizes and lengths; where they differ the export is refused and nothing is written.
"""

import argparse
import io
import pathlib
import shutil
import tempfile
import warnings

import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

COPIED = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json",
          "merges.txt", "spm.model", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "metadata.json", "README.md")
POSITIONS_AFTER_PADDING = ("camembert", "longformer", "mpnet", "roberta", "xlm-roberta")  # positions count from pad_token_id + 1
WRITTEN_BY_THE_WRITER = ("version", ".data/version", ".data/serialization_id")
TEXTS = ("", "card", "Where is my card?", "I paid 12.50 twice and nobody answers. " * 6, "My transfer is pending. " * 400)


class LogitsOnly(torch.nn.Module):
    """The classifier behind a signature of plain tensors."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, return_dict=True).logits


class LogitsOnlyWithTypes(LogitsOnly):
    """The same for families that tell the texts of a pair apart by token types."""

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids, return_dict=True).logits


def load(folder, attention):
    """(tokenizer, model wrapped for tracing, names of its arguments)."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()
    model.config.use_cache = False
    names = ["input_ids", "attention_mask"]
    if "token_type_ids" in tokenizer.model_input_names:
        return tokenizer, LogitsOnlyWithTypes(model), names + ["token_type_ids"]
    return tokenizer, LogitsOnly(model), names


def encode(tokenizer, names, texts, longest):
    """The arguments of forward for a padded batch."""
    batch = tokenizer(list(texts), truncation=True, max_length=longest, padding=True, return_tensors="pt")
    return tuple(batch[name] for name in names)


def longest_input(tokenizer, model):
    """How many tokens the model takes at most; tokenizers without a limit say 1e30."""
    config = model.model.config
    positions = getattr(config, "max_position_embeddings", None) or 512
    if config.model_type in POSITIONS_AFTER_PADDING:
        positions -= config.pad_token_id + 1
    return min(tokenizer.model_max_length, positions)


def batches(tokenizer, names, longest):
    """(description, arguments) pairs: each text alone, all together, and a batch of equal lengths, which needs no padding."""
    for text in TEXTS:
        arguments = encode(tokenizer, names, [text], longest)
        yield f"1 text of {arguments[0].shape[1]} tokens", arguments
    yield f"{len(TEXTS)} texts of mixed lengths", encode(tokenizer, names, TEXTS, longest)
    yield "17 texts of equal lengths", encode(tokenizer, names, [TEXTS[2]] * 17, longest)


@torch.no_grad()
def worst_difference(original, exported, cases):
    """(greatest difference of a probability, description of that batch). A batch that cannot run at all counts as infinite."""
    worst = (0.0, "none")
    for description, arguments in cases:
        try:
            got = torch.softmax(exported(*arguments), -1)
        except RuntimeError as error:
            return float("inf"), f"{description}: {str(error).strip().splitlines()[-1]}"
        expected = torch.softmax(original(*arguments), -1)
        difference = (got - expected).abs().max().item() if got.shape == expected.shape else float("inf")
        if not difference <= worst[0]:
            worst = (difference, description)
    return worst


def trace(wrapped, arguments):
    """A traced module. The example is a padded batch, so that no path for batches without padding is baked in."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(wrapped, arguments, strict=False, check_trace=False, _store_inputs=False)


def write_without_debug_records(traced, path):
    """Saves the module without the records that name source files of the machine which traced it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = torch._C.PyTorchFileReader(io.BytesIO(traced.save_to_buffer()))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in WRITTEN_BY_THE_WRITER:
            record = reader.get_record(name)
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()


def save_and_reload(traced, path):
    """What a reader of the file gets."""
    write_without_debug_records(traced, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.load(str(path)).eval()


def export(source, out, attention, tolerance):
    """Writes the bundle to `out`. Raises ValueError when model.pt would answer differently from the original."""
    tokenizer, wrapped, names = load(source, attention)
    longest = longest_input(tokenizer, wrapped)
    traced = trace(wrapped, encode(tokenizer, names, TEXTS[1:4], longest))
    with tempfile.TemporaryDirectory() as scratch:
        written = pathlib.Path(scratch) / "model.pt"
        reloaded = save_and_reload(traced, written)
        difference, where = worst_difference(wrapped, reloaded, batches(tokenizer, names, longest))
        if not difference <= tolerance:
            raise ValueError(f"model.pt would differ from the original by {difference:.2g} ({where}); nothing was written")
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(written, out / "model.pt")
    for name in COPIED:
        if (source / name).exists() and source.resolve() != out.resolve():
            shutil.copyfile(source / name, out / name)
    return names, difference


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, help="a Hugging Face model directory")
    parser.add_argument("out", type=pathlib.Path, help="the bundle's directory")
    parser.add_argument("--attention", choices=("eager", "sdpa"), default="sdpa", help="sdpa is faster; eager suits models without it")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="refuse when a probability differs by more than this")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    try:
        names, difference = export(options.source, options.out, options.attention, options.tolerance)
    except ValueError as error:
        raise SystemExit(f"export_torchscript: {error}")
    size = (options.out / "model.pt").stat().st_size / 1e6
    print(f"{options.out / 'model.pt'}: forward({', '.join(names)}), {size:.1f} MB, differs from the original by at most {difference:.1g}")


if __name__ == "__main__":
    main()
