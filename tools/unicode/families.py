"""Writes small model directories, one per tokenizer class and layout of files, for comparisons and for the unit tests' fixtures.

Their vocabularies are trained here, on whatever texts are given; nothing is taken from any published model.
"""

import io
import json

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def write(directory, files):
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if isinstance(content, bytes):
            (directory / name).write_bytes(content)
        else:
            (directory / name).write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")


def config(name, **settings):
    return dict(tokenizer_class=name, model_max_length=512, **settings)


def word_piece(texts, size, special):
    tokenizer = Tokenizer(models.WordPiece(unk_token=special[1] if "[UNK]" not in special else "[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False))
    return tokenizer


def byte_level(texts, size, special, add_prefix_space=False):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    )
    return tokenizer


def sentence_piece(texts, size, **options):
    out = io.BytesIO()
    lines = [line for text in texts for line in text.split("\n") if line.strip() and "\0" not in line]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, vocab_size=size, model_type="unigram", hard_vocab_limit=False,
        minloglevel=2, num_threads=1, max_sentence_length=100_000, **{"character_coverage": 0.98, **options},
    )  # fmt: skip
    return out.getvalue()


def resaved(directory, target):
    """As save_pretrained leaves it: tokenizer.json and tokenizer_config.json."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    tokenizer.save_pretrained(target)
    (target / "config.json").write_bytes((directory / "config.json").read_bytes())


def lines(vocabulary):
    return "".join(token + "\n" for token, _ in sorted(vocabulary.items(), key=lambda item: item[1]))


def write_word_pieces(root, texts, size):
    vocabulary = lines(word_piece(texts, size, BERT).get_vocab())
    write(root / "distilbert", {"vocab.txt": vocabulary, "tokenizer_config.json": config("DistilBertTokenizer"), "config.json": dict(model_type="distilbert")})
    write(root / "electra", {"vocab.txt": vocabulary, "tokenizer_config.json": config("ElectraTokenizerFast", do_lower_case=False), "config.json": dict(model_type="electra")})
    vocabulary = lines(word_piece(texts, size, ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]).get_vocab())
    write(root / "mpnet_vocab", {"vocab.txt": vocabulary, "tokenizer_config.json": config("MPNetTokenizer"), "config.json": dict(model_type="mpnet")})
    resaved(root / "mpnet_vocab", root / "mpnet")
    vocabulary = lines(word_piece(texts, size, ["<pad>", "<unk>", "<cls>", "<sep>", "<mask>", "<s>", "</s>"]).get_vocab())
    settings = config("FunnelTokenizer", model_input_names=["input_ids", "attention_mask", "token_type_ids"])
    write(root / "funnel", {"vocab.txt": vocabulary, "tokenizer_config.json": settings, "config.json": dict(model_type="funnel")})


def write_byte_levels(root, texts, size):
    model = json.loads(byte_level(texts, size, ROBERTA).to_str())["model"]
    merges = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in model["merges"])
    files = {"vocab.json": model["vocab"], "merges.txt": merges, "config.json": dict(model_type="roberta")}
    write(root / "roberta_files", {**files, "tokenizer_config.json": config("RobertaTokenizer")})
    mask = dict(__type="AddedToken", content="<mask>", lstrip=True, rstrip=False, single_word=False, normalized=False)
    write(root / "roberta_prefix", {**files, "tokenizer_config.json": config("RobertaTokenizerFast", add_prefix_space=True, mask_token=mask)})
    resaved(root / "roberta_prefix", root / "roberta")
    model = json.loads(byte_level(texts, size, BERT).to_str())["model"]
    merges = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in model["merges"])
    files = {"vocab.json": model["vocab"], "merges.txt": merges, "config.json": dict(model_type="deberta")}
    write(root / "deberta", {**files, "tokenizer_config.json": config("DebertaTokenizer")})
    write_modernbert(root / "modernbert", texts, size)


def write_modernbert(directory, texts, size):
    tokenizer = byte_level(texts, size, ["|||IP|||", "<|padding|>"])
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken("  ", normalized=True), AddedToken("   ", normalized=True)])
    tokenizer.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", AddedToken("[MASK]", lstrip=True, normalized=False)])
    ids = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids)
    tokenizer.decoder = decoders.ByteLevel()
    names = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
    write(directory, {"tokenizer.json": tokenizer.to_str(), "tokenizer_config.json": config("PreTrainedTokenizerFast", **names), "config.json": dict(model_type="modernbert")})  # fmt: skip


def write_unigrams(root, texts, size, **options):
    roberta = sentence_piece(texts, size, bos_id=1, eos_id=2, unk_id=0, pad_id=-1, **options)
    for name, kind in (("xlm_roberta", "XLMRobertaTokenizer"), ("camembert", "CamembertTokenizer")):
        files = {"sentencepiece.bpe.model": roberta, "tokenizer_config.json": config(kind), "config.json": dict(model_type=name.replace("_", "-"))}
        write(root / f"{name}_spm", files)
        resaved(root / f"{name}_spm", root / name)
    write(root / "xlm_roberta_no_prefix", {"sentencepiece.bpe.model": roberta, "tokenizer_config.json": config("XLMRobertaTokenizer", add_prefix_space=False), "config.json": dict(model_type="xlm-roberta")})  # fmt: skip
    albert = sentence_piece(texts, size, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols="[CLS],[SEP],[MASK]", user_defined_symbols="(,),\",-,.", pad_piece="<pad>", **options)
    write(root / "albert_spm", {"spiece.model": albert, "tokenizer_config.json": config("AlbertTokenizer"), "config.json": dict(model_type="albert")})
    resaved(root / "albert_spm", root / "albert")
    write(root / "albert_cased", {"spiece.model": albert, "tokenizer_config.json": config("AlbertTokenizer", do_lower_case=False, keep_accents=True), "config.json": dict(model_type="albert")})  # fmt: skip
    deberta = sentence_piece(texts, size, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]", **options)
    write(root / "deberta_v2_spm", {"spm.model": deberta, "tokenizer_config.json": config("DebertaV2Tokenizer"), "config.json": dict(model_type="deberta-v2")})
    resaved(root / "deberta_v2_spm", root / "deberta_v2")
    settings = config("DebertaV2Tokenizer", do_lower_case=True, split_by_punct=True, add_prefix_space=False)
    write(root / "deberta_v2_punct", {"spm.model": deberta, "tokenizer_config.json": settings, "config.json": dict(model_type="deberta-v2")})


def write_written(root, texts, size):
    """tokenizer.json with parts of every kind, obeyed as written."""
    def put(name, tokenizer, **settings):
        names = dict(unk_token="<unk>", **settings)
        write(root / name, {"tokenizer.json": tokenizer.to_str(), "tokenizer_config.json": config("PreTrainedTokenizerFast", **names), "config.json": dict(model_type="bert")})

    special = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=special, end_of_word_suffix="</w>", limit_alphabet=300, show_progress=False))
    put("written_suffix", tokenizer)

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.train_from_iterator([text[:200] for text in texts], trainers.BpeTrainer(vocab_size=size, special_tokens=special + [f"<0x{b:02X}>" for b in range(256)], limit_alphabet=200, max_token_length=12, show_progress=False))
    put("written_fallback", tokenizer)

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, continuing_subword_prefix="##"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Digits()])
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=special, continuing_subword_prefix="##", limit_alphabet=300, show_progress=False))
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), processors.RobertaProcessing(("</s>", 2), ("<s>", 1))])
    put("written_prefix", tokenizer, model_input_names=["input_ids", "token_type_ids"])

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Replace(Regex(" {2,}"), "\u2581")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Metaspace(prepend_scheme="first")])
    tokenizer.train_from_iterator([text for text in texts if text.isascii()], trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token="<unk>", show_progress=False))
    document = json.loads(tokenizer.to_str())
    document["model"]["byte_fallback"] = True
    document["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    put("written_unigram", Tokenizer.from_str(json.dumps(document)))

    tokenizer = byte_level(texts, size, special)
    document = json.loads(tokenizer.to_str())
    document["model"]["ignore_merges"] = True
    document["pre_tokenizer"] = dict(type="Sequence", pretokenizers=[
        dict(type="Split", pattern=dict(Regex="'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"), behavior="Isolated", invert=False),
        dict(type="Split", pattern=dict(String="e"), behavior="MergedWithNext", invert=False),
        dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=False)])  # fmt: skip
    put("written_split", Tokenizer.from_str(json.dumps(document)))

    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.ByteLevel()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\w+|[^\w\s]+"), "contiguous")
    tokenizer.train_from_iterator(texts, trainers.WordLevelTrainer(vocab_size=size, special_tokens=special, show_progress=False))
    put("written_words", tokenizer)


def write_all(root, texts, size, **options):
    """`options` go to the training of SentencePiece models."""
    write_word_pieces(root, texts, size)
    write_byte_levels(root, texts, size)
    write_unigrams(root, texts, size, **options)
    write_written(root, texts, size)
