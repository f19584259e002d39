#!/usr/bin/env python3
"""Writes a tiny classifier directory for every family of models: config.json, seeded weights and a tokenizer of the family's own kind.

The tokenizers are trained here on questions.py and hostile.py, so that no file of somebody else's is needed; each directory has the files
that published models of the family have. Needs torch, transformers, tokenizers and sentencepiece.
"""

import argparse
import io
import json
import pathlib
import shutil

import sentencepiece
import tokenizers
import torch
import transformers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from hostile import hostile
from make_architectures import fill
from questions import questions
from records import expand

VOCABULARY = 800
POSITIONS = 64
TOKEN_LIMIT = {"model_max_length": POSITIONS}
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": POSITIONS,
         "num_labels": 5}
ROBERTA = SHAPE | {"max_position_embeddings": POSITIONS + 2, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
DEBERTA = SHAPE | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "layer_norm_eps": 1e-7, "share_att_key": True, "position_buckets": 32,
                   "norm_rel_ebd": "layer_norm", "position_biased_input": False, "type_vocab_size": 0}
MODERN = {name: SHAPE[name] for name in ("hidden_size", "num_attention_heads", "num_labels")} | {
    "num_hidden_layers": 4, "intermediate_size": 48, "max_position_embeddings": POSITIONS, "local_attention": 16, "pad_token_id": 3,
    "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
DISTIL = {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": POSITIONS, "num_labels": 5}


def corpus():
    """What the tokenizers are trained on."""
    texts = questions(3000, 1) + [expand(record)[0][:300] for record in hostile(600, 1)]
    return [text.replace("\0", " ") for text in texts if text.strip()]


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def pieces(lowercase, special):
    """The vocabulary of a WordPiece tokenizer, special tokens first."""
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special, limit_alphabet=300, show_progress=False))
    return [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])]


def wordpiece(folder, tokenizer_class, special=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), do_lower_case=True):
    """vocab.txt and tokenizer_config.json."""
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces(do_lower_case, list(special))), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": tokenizer_class, "do_lower_case": do_lower_case, **TOKEN_LIMIT})


def byte_level(special):
    """A byte-level BPE tokenizer with the special tokens first."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def roberta(folder):
    """vocab.json and merges.txt alone."""
    byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]).model.save(str(folder))
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, **TOKEN_LIMIT})


def roberta_fast(folder):
    """What save_pretrained of transformers 5 leaves of the same."""
    roberta(folder)
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink(missing_ok=True)


def modernbert(folder):
    """tokenizer.json with PreTrainedTokenizerFast, as the published models have it."""
    tokenizer = byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])
    tokenizer.normalizer = normalizers.NFC()
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=list(ids.items()))
    tokenizer.add_special_tokens([tokenizers.AddedToken("[MASK]", lstrip=True, special=True)])
    tokenizer.add_tokens([tokenizers.AddedToken("  ", normalized=True), tokenizers.AddedToken("   ", normalized=True)])
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]",
        "unk_token": "[UNK]", "clean_up_tokenization_spaces": True, "model_input_names": ["input_ids", "attention_mask"], **TOKEN_LIMIT})


def unigram(folder, name, tokenizer_class, trained=None, **settings):
    """A sentencepiece model alone."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=model, vocab_size=VOCABULARY, character_coverage=0.98, minloglevel=2, num_threads=1,
        hard_vocab_limit=False, **(trained or {}))
    (folder / name).write_bytes(model.getvalue())
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": tokenizer_class, **TOKEN_LIMIT, **settings})


def as_saved(folder, *leftovers):
    """Replaces the files by those that save_pretrained of transformers 5 writes."""
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    for name in leftovers:
        (folder / name).unlink(missing_ok=True)


ALBERT = {"bos_id": 2, "eos_id": 3, "unk_id": 1, "pad_id": 0, "bos_piece": "[CLS]", "eos_piece": "[SEP]", "pad_piece": "<pad>", "control_symbols": ["[MASK]"]}
DEBERTA_IDS = {"pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3, "pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"}

# folder: (model_type, members of config.json, what writes the tokenizer)
FAMILIES = {
    "albert": ("albert", SHAPE | {"embedding_size": 16}, lambda f: unigram(f, "spiece.model", "AlbertTokenizer", ALBERT)),
    "bert_cased": ("bert", SHAPE, lambda f: wordpiece(f, "BertTokenizer", do_lower_case=False)),
    "camembert": ("camembert", ROBERTA | {"pad_token_id": 1}, lambda f: unigram(f, "sentencepiece.bpe.model", "CamembertTokenizer")),
    "deberta_v2": ("deberta-v2", DEBERTA, lambda f: unigram(f, "spm.model", "DebertaV2Tokenizer", DEBERTA_IDS, do_lower_case=True, split_by_punct=True)),
    "deberta_v3": ("deberta-v2", DEBERTA, lambda f: (unigram(f, "spm.model", "DebertaV2Tokenizer", DEBERTA_IDS), as_saved(f, "spm.model"))),
    "distilbert": ("distilbert", DISTIL, lambda f: wordpiece(f, "DistilBertTokenizer")),
    "electra": ("electra", SHAPE | {"embedding_size": 16}, lambda f: (wordpiece(f, "ElectraTokenizer"), as_saved(f, "vocab.txt"))),
    "modernbert": ("modernbert", MODERN, modernbert),
    "mpnet": ("mpnet", SHAPE | {"max_position_embeddings": POSITIONS + 2},
              lambda f: wordpiece(f, "MPNetTokenizer", ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"])),
    "roberta": ("roberta", ROBERTA | {"pad_token_id": 1}, roberta),
    "roberta_fast": ("roberta", ROBERTA | {"pad_token_id": 1}, roberta_fast),
    "xlm_roberta": ("xlm-roberta", ROBERTA | {"pad_token_id": 1},
                    lambda f: (unigram(f, "sentencepiece.bpe.model", "XLMRobertaTokenizer"), as_saved(f, "sentencepiece.bpe.model"))),
}


def make(folder, model_type, members, write_tokenizer, set_weights):
    """One family's directory; `set_weights(model, tokenizer)`. Returns the size of its vocabulary."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    config = AutoConfig.for_model(model_type, **members)
    config.save_pretrained(folder)  # AutoTokenizer reads the model's type
    write_tokenizer(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    config.vocab_size = len(tokenizer)
    model = AutoModelForSequenceClassification.from_config(config).eval()
    set_weights(model, tokenizer)
    model.to(torch.float16).save_pretrained(folder)
    return config.vocab_size


@torch.no_grad()
def seeded(model, tokenizer, seed):
    """Seeded weights, and a head under which no label wins everywhere: its mean over ordinary texts is taken away, its spread widened."""
    fill(model, seed)
    logits = torch.cat([model(**tokenizer(text, return_tensors="pt", truncation=True)).logits for text in questions(200, 2)])
    head = next(module for module in model.modules() if isinstance(module, torch.nn.Linear) and module.out_features == model.config.num_labels)
    widen = 2 / logits.std(dim=0)
    head.bias.copy_((head.bias - logits.mean(dim=0)) * widen)
    head.weight.mul_(widen[:, None])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("tests/golden/families"))
    parser.add_argument("families", nargs="*", default=list(FAMILIES), metavar="FAMILY", help=f"all, or some of: {', '.join(FAMILIES)}")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for i, name in enumerate(FAMILIES):
        if name in options.families:
            size = make(options.out / name, *FAMILIES[name], lambda model, tokenizer, seed=100 + i: seeded(model, tokenizer, seed))
            print(f"{name}: {size} tokens", flush=True)


if __name__ == "__main__":
    main()
