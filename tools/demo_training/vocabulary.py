"""Trains the WordPiece vocabulary and wraps it as a Hugging Face BertTokenizer."""

from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizer

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MAX_TOKENS = 512


def _extra_characters():
    """Characters that the training texts may lack: a text in another script then becomes letters, not one [UNK]."""
    ranges = (
        (0x21, 0x40), (0x5B, 0x60), (0x61, 0x7E),                       # ASCII without capitals
        (0xA1, 0xAC), (0xAE, 0xBF), (0x3B1, 0x3C9), (0x430, 0x44F),     # Latin-1 signs, Greek, Cyrillic
        (0x5D0, 0x5EA), (0x621, 0x63A), (0x641, 0x64A),                 # Hebrew, Arabic
        (0x905, 0x939), (0x3041, 0x3093), (0x30A1, 0x30F3),             # Devanagari, Hiragana, Katakana
        (0x2010, 0x2026), (0x20A0, 0x20BF),                             # dashes and quotes, currency signs
    )
    chars = [chr(c) for first, last in ranges for c in range(first, last + 1)]
    return chars + list("ßæøđłıœðþ")


def train_vocabulary(texts, size):
    """The vocabulary as a list in the order of ids: special tokens, learned pieces, then single characters and their ## forms."""
    trainer = BertWordPieceTokenizer(lowercase=True)
    trainer.train_from_iterator(texts, vocab_size=size, min_frequency=2, special_tokens=SPECIAL_TOKENS, show_progress=False)
    learned = [token for token, _ in sorted(trainer.get_vocab().items(), key=lambda item: item[1])]
    known = set(learned)
    extra = []
    for char in _extra_characters():
        extra += [piece for piece in (char, "##" + char) if piece not in known and (char.isalnum() or not piece.startswith("##"))]
        known.update(extra[-2:])
    return learned + extra


def make_tokenizer(vocabulary):
    """A lower-casing BertTokenizer over the vocabulary, limited to MAX_TOKENS."""
    return BertTokenizer(vocab={token: i for i, token in enumerate(vocabulary)}, do_lower_case=True, model_max_length=MAX_TOKENS)
