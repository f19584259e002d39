#!/usr/bin/env python3
"""Writes the model directories beside this file and, into each, cases.jsonl: texts with the ids that AutoTokenizer gives them.

    python services/classifier/text/testdata/generate.py

Needs transformers, tokenizers and sentencepiece at the reference versions. The directories:
    tokenizer_json, vocab_txt, both   one BERT tokenizer in the three layouts found in the wild; their cases are equal
    cased                             do_lower_case false
    accents_kept                      lower case, accents kept, ideographs not split
    added_tokens                      added tokens of every kind, ids beyond the vocabulary, renamed special tokens
    older_files                       vocab.txt whose extra tokens stand in special_tokens_map.json and added_tokens.json; CRLF, a blank
                                      and a repeated line
    as_written, with_type_ids         PreTrainedTokenizerFast: tokenizer.json with settings of its own is obeyed; such a class gives the
                                      model no type ids unless model_input_names asks for them
    left, split_special               truncation_side left; split_special_tokens
    distilbert, roberta, …            the other families, with vocabularies trained on random texts (tools/unicode/families.py); those
                                      named written_… are PreTrainedTokenizerFast with parts of every kind
"""

import json
import pathlib
import random
import shutil
import sys
import tempfile

import transformers

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[3] / "tools/unicode"))
import families  # noqa: E402
from hostile_texts import SPECIAL_TOKENS, TRAPS, random_text  # noqa: E402

RANDOM_TEXTS = 120
RANDOM_TEXTS_OF_FAMILY = 60
FAMILIES = (
    "distilbert mpnet mpnet_vocab funnel roberta roberta_files roberta_prefix deberta modernbert xlm_roberta xlm_roberta_spm camembert "
    "camembert_spm albert_spm albert_cased deberta_v2 deberta_v2_punct written_suffix written_fallback written_prefix written_unigram "
    "written_split"
).split()
# A character map of a few rules, some of which show how clusters are looked up.
RULES = {"\r": " ", "\n": " ", "\t": " ", "\u3000": " ", "\u00a0": " ", "\u200b": "", "\ufb01": "fi", "\u2160": "I", "e\u0301": "\u00e9", "\u00bd": "1/2"}
CHARACTERS = (
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIKLMNOPRSTUVWZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~£€§©«»¿–—’“”…、。"
    "éèêüöäßñçåøıİàâùëїйёЙÅẞñ̃αβγδεζηθικλμνξοπρστυφχψωσςΑΣΩабвгдежзиклмнопрстуфхцчшщъыьэюяіїєґПМУ中文北京東字符"
    "かなガギグタワカキク東神樂한국어서울각가אבגדהוזחטשלוםםابتثجحخدذرعيةहिन्दीकषेतरไทยதமிழ্বাংলা①½ⅷǆﬁ😀👍👨❤☺🇩🇪1"
    "\u1100\u1101\u1102\u1103\u1105\u1106\u1107\u1109\u110b\u110c\u110e\u110f\u1110\u1111\u1112\u1161\u1162\u1165\u1166\u1169\u116e\u1173\u1175"
    "\u11a8\u11ab\u11af\u11b7\u11bc\u11c2\u302e\u302f\U0001d157\U0001d158\U0001d165\U0001d16d\u0301\u0307\u094d\u093f\u0940"
)
PIECES = (
    "the of and hello world token ##ization ##izer ##ize un ##aff ##able card pay ##ment ##ments refund pin top up naive cafe café "
    "resume strasse istanbul ##stanbul привет мир елка ##ing ##ed ##s ##er what is this my where how привет ##ет hello## Hello WOR ##LD"
).split()


def vocabulary():
    characters = dict.fromkeys(CHARACTERS)
    return list(dict.fromkeys([*SPECIAL_TOKENS, *PIECES, *characters, *("##" + c for c in characters)]))


def added(content, **flags):
    defaults = dict(single_word=False, lstrip=False, rstrip=False, normalized=True, special=False)
    return dict(content=content, **{**defaults, **flags})


def special_tokens(tokens, names=SPECIAL_TOKENS):
    return [dict(id=tokens.index(name), **added(name, normalized=False, special=True)) for name in names]


def tokenizer_json(tokens, extra=(), **changes):
    """As a fine-tuning job leaves it, with padding and a truncation that are not to be obeyed."""
    cls_id, sep_id = tokens.index("[CLS]"), tokens.index("[SEP]")
    text_a, text_b = dict(Sequence=dict(id="A", type_id=0)), dict(Sequence=dict(id="B", type_id=1))
    cls, sep, sep_b = (dict(SpecialToken=dict(id=name, type_id=kind)) for name, kind in (("[CLS]", 0), ("[SEP]", 0), ("[SEP]", 1)))
    document = dict(
        version="1.0",
        truncation=dict(direction="Right", max_length=512, strategy="LongestFirst", stride=0),
        padding=dict(strategy=dict(Fixed=512), direction="Right", pad_to_multiple_of=None, pad_id=0, pad_type_id=0, pad_token="[PAD]"),
        added_tokens=[*special_tokens(tokens), *extra],
        normalizer=dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True),
        pre_tokenizer=dict(type="BertPreTokenizer"),
        post_processor=dict(
            type="TemplateProcessing",
            single=[cls, text_a, sep],
            pair=[cls, text_a, sep, text_b, sep_b],
            special_tokens={n: dict(id=n, ids=[i], tokens=[n]) for n, i in (("[CLS]", cls_id), ("[SEP]", sep_id))},
        ),
        decoder=dict(type="WordPiece", prefix="##", cleanup=True),
        model=dict(
            type="WordPiece",
            unk_token="[UNK]",
            continuing_subword_prefix="##",
            max_input_chars_per_word=100,
            vocab={token: index for index, token in enumerate(tokens)},
        ),
    )
    return {**document, **changes}


def config(**settings):
    roles = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
    return {**dict(tokenizer_class="BertTokenizer", model_max_length=64), **roles, **settings}


def write(name, **files):
    directory = HERE / name
    directory.mkdir(exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
    for file, content in {"config.json": dict(model_type="bert"), **files}.items():
        data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False, indent=0).encode()
        (directory / file).write_bytes(data)


def write_directories():
    tokens = vocabulary()
    lines = "".join(token + "\n" for token in tokens).encode()
    roles = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
    write("tokenizer_json", **{"tokenizer.json": tokenizer_json(tokens), "tokenizer_config.json": config(do_lower_case=True)})
    write("vocab_txt", **{"vocab.txt": lines, "tokenizer_config.json": config(), "special_tokens_map.json": roles})
    decoder = {str(t.pop("id")): t for t in special_tokens(tokens)}
    write("both", **{"tokenizer.json": tokenizer_json(tokens, normalizer=None), "vocab.txt": lines, "special_tokens_map.json": roles,
                     "tokenizer_config.json": config(added_tokens_decoder=decoder, strip_accents=None, tokenize_chinese_chars=True)})  # fmt: skip
    # The normalizer in tokenizer.json contradicts and does not count.
    write("cased", **{"tokenizer.json": tokenizer_json(tokens), "tokenizer_config.json": config(do_lower_case=False)})
    write("accents_kept", **{"vocab.txt": lines, "tokenizer_config.json": config(strip_accents=False, tokenize_chinese_chars=False)})
    write("left", **{"vocab.txt": lines, "tokenizer_config.json": config(truncation_side="left", model_max_length=int(1e30))})
    write("split_special", **{"vocab.txt": lines, "tokenizer_config.json": config(split_special_tokens=True)})
    write_added_tokens(tokens)
    write_older_files(tokens)
    write_as_written(tokens)


def write_added_tokens(tokens):
    count = len(tokens)
    extra = [
        added("<user>", normalized=False), added("<LEFT>", lstrip=True, normalized=False), added("<RIGHT>", rstrip=True, normalized=False),
        added("<both>", lstrip=True, rstrip=True, normalized=False, special=True), added("word", single_word=True, normalized=False),
        added("Café Noir"), added("ÜBER", single_word=True), added("NewToken", lstrip=True, rstrip=True), added("<user>!", normalized=False),
        added("hello", normalized=False), added("中", single_word=True, normalized=False), added("한"), added(" x ", normalized=False),
    ]  # fmt: skip
    numbered = {str(count + 5 + i): token for i, token in enumerate(extra)}  # not the ids they get
    names = ["[PAD]", "[UNK]", "<s>", "</s>"]
    renamed = [*tokens, "<s>", "</s>"]
    decoder = {str(t.pop("id")): t for t in special_tokens(renamed, names)}
    settings = config(cls_token="<s>", sep_token=dict(__type="AddedToken", **added("</s>", normalized=False, special=True)),
                      mask_token="<mask>", additional_special_tokens=["<extra>"], added_tokens_decoder={**decoder, **numbered})  # fmt: skip
    write("added_tokens", **{"tokenizer.json": tokenizer_json(renamed), "tokenizer_config.json": settings})


def write_older_files(tokens):
    lines = [*tokens, "hello", "", "trailing \t", "\u3000"]
    text = "\r\n".join(lines).encode()
    specials = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]",
                    mask_token=added("[MASK]", lstrip=True, normalized=False), additional_special_tokens=["<extra>", "<more>"])  # fmt: skip
    for key in ("special",):
        specials["mask_token"].pop(key)
    more = {"<more>": len(lines) + 7, "<Extra>": len(lines) + 3, "Fancy Token": len(lines) + 4}
    settings = dict(do_lower_case=True, max_len=48)
    write("older_files", **{"vocab.txt": text, "special_tokens_map.json": specials, "added_tokens.json": more,
                            "tokenizer_config.json": settings})  # fmt: skip


def write_as_written(tokens):
    cls, sep = ["[CLS]", tokens.index("[CLS]")], ["[SEP]", tokens.index("[SEP]")]
    pieces = [token.replace("##", "@@") for token in tokens]
    model = dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="@@", max_input_chars_per_word=12,
                 vocab={token: index for index, token in enumerate(dict.fromkeys(pieces))})  # fmt: skip
    normalizer = dict(type="BertNormalizer", clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    document = tokenizer_json(tokens, [dict(id=9999, **added("<New One>"))], model=model, normalizer=normalizer,
                              post_processor=dict(type="BertProcessing", sep=sep, cls=cls))  # fmt: skip
    settings = config(tokenizer_class="PreTrainedTokenizerFast", do_lower_case=True, additional_special_tokens=["<extra>"])
    write("as_written", **{"tokenizer.json": document, "tokenizer_config.json": settings})
    settings["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
    document["post_processor"] = tokenizer_json(tokens)["post_processor"]
    document["normalizer"], document["added_tokens"] = None, []
    write("with_type_ids", **{"tokenizer.json": document, "tokenizer_config.json": settings})


def write_families():
    rng = random.Random("families")
    known = set(CHARACTERS + " ")
    corpus = ["".join(c for c in random_text(rng) if c in known) for _ in range(400)] + [f"{word} {word}s {word}ing" for word in " ".join(PIECES).replace("##", "").split()] * 3
    with tempfile.TemporaryDirectory() as workspace:
        root = pathlib.Path(workspace)
        rules = root / "rules.tsv"
        rules.write_text("".join(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in RULES.items()))
        families.write_all(root / "models", corpus, 700, normalization_rule_tsv=str(rules))
        for name in FAMILIES:
            shutil.rmtree(HERE / name, ignore_errors=True)
            shutil.copytree(root / "models" / name, HERE / name)


def texts(rng, literals, count):
    yield from (dict(text=text) for text in TRAPS)
    for index in range(count):
        request = dict(text=random_text(rng, literals))
        if index % 4 == 0:
            request["text_pair"] = random_text(rng, literals)
        if index % 3 == 0:
            request["max_tokens"] = rng.randint(3, 24)
            request["policy"] = rng.choice(("head", "tail"))
        yield request


def answer(tokenizer, request):
    batch = [[request["text"]]] + ([[request["text_pair"]]] if "text_pair" in request else [])
    if "max_tokens" in request:  # no fewer than fit the special tokens
        request["max_tokens"] = max(request["max_tokens"], tokenizer.num_special_tokens_to_add("text_pair" in request))
    tokenizer.truncation_side = "left" if request.get("policy") == "tail" else "right"
    limits = dict(truncation=True, max_length=request["max_tokens"]) if "max_tokens" in request else {}
    whole, kept = tokenizer(*batch), tokenizer(*batch, **limits)
    ids = kept["input_ids"][0]
    type_ids = kept["token_type_ids"][0] if "token_type_ids" in kept else [0] * len(ids)  # what the model then takes
    return dict(ids=ids, type_ids=type_ids, tokens_dropped=len(whole["input_ids"][0]) - len(ids))


def write_cases(directory):
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    shared = directory.name in ("tokenizer_json", "vocab_txt", "both")
    rng = random.Random("layouts" if shared else directory.name)
    literals = list(tokenizer.get_added_vocab())
    count = RANDOM_TEXTS
    if directory.name in FAMILIES:
        literals, count = [*literals[:8], "``", "''", "'s", "  ", "\r\n", "\u2581", "e\u0301"], RANDOM_TEXTS_OF_FAMILY
    with open(directory / "cases.jsonl", "w", encoding="utf-8") as out:
        for request in texts(rng, literals, count):
            found = answer(tokenizer, request)
            out.write(json.dumps({**request, **found}, separators=(",", ":")) + "\n")
    print(f"{directory.name}: {type(tokenizer).__name__}, {len(tokenizer)} tokens, {sorted(tokenizer.get_added_vocab().items(), key=lambda i: i[1])}")


def main():
    write_directories()
    write_families()
    for directory in sorted(path for path in HERE.iterdir() if path.is_dir()):
        write_cases(directory)
    layouts = {(HERE / name / "cases.jsonl").read_text() for name in ("tokenizer_json", "vocab_txt", "both")}
    if len(layouts) != 1:
        raise SystemExit("the three layouts do not tokenise identically")


if __name__ == "__main__":
    main()
