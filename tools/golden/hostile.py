"""Texts that tokenizers stumble over. Code points are drawn from the whole of Unicode, so most texts are nobody's language."""

import random
import unicodedata

SURROGATES = range(0xD800, 0xE000)

# First and last code point of blocks that the rules of BERT treat differently: letters with and without case, scripts with combining
# signs, Hangul (which decomposes), ideographs inside and outside the ranges that get spaces, signs, emoji, planes with few letters.
BLOCKS = (
    (0x00A0, 0x00FF), (0x0100, 0x024F), (0x0250, 0x02FF), (0x0300, 0x036F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x0530, 0x058F),
    (0x0590, 0x05FF), (0x0600, 0x06FF), (0x0700, 0x074F), (0x0780, 0x07BF), (0x0900, 0x097F), (0x0980, 0x09FF), (0x0A00, 0x0A7F),
    (0x0B80, 0x0BFF), (0x0D00, 0x0D7F), (0x0E00, 0x0E7F), (0x0F00, 0x0FFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
    (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1780, 0x17FF), (0x1800, 0x18AF), (0x1C90, 0x1CBF), (0x1D00, 0x1DFF), (0x1E00, 0x1EFF),
    (0x1F00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20CF), (0x20D0, 0x20FF), (0x2100, 0x214F), (0x2190, 0x21FF),
    (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F), (0x2600, 0x27BF), (0x2C60, 0x2C7F), (0x2DE0, 0x2DFF), (0x2E00, 0x2E7F),
    (0x2E80, 0x2FDF), (0x3000, 0x303F), (0x3040, 0x309F), (0x30A0, 0x30FF), (0x3130, 0x318F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xA8E0, 0xA8FF), (0xAB70, 0xABBF), (0xAC00, 0xD7AF), (0xE000, 0xF8FF), (0xF900, 0xFAFF),
    (0xFB00, 0xFB4F), (0xFE00, 0xFE0F), (0xFE20, 0xFE6F), (0xFF00, 0xFFEF), (0xFFF0, 0xFFFF), (0x10400, 0x1044F), (0x10A00, 0x10A5F),
    (0x11000, 0x1107F), (0x118A0, 0x118FF), (0x16E40, 0x16E9F), (0x1D100, 0x1D1FF), (0x1D400, 0x1D7FF), (0x1E900, 0x1E95F),
    (0x1F000, 0x1F2FF), (0x1F300, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x2A6DF), (0x2A700, 0x2B81F), (0x2B820, 0x2B92F),
    (0x2B930, 0x2CEAF), (0x2CEB0, 0x2EBEF), (0x2F800, 0x2FA1F), (0x30000, 0x3134F), (0xE0000, 0xE007F), (0xE0100, 0xE01EF),
    (0xF0000, 0xF00FF), (0x10FF00, 0x10FFFF),
)
SPACES = "\t\n\r\v\f\x1c\x1f\x85\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\0\x01\x07\x1b\x7f\x80\x9f\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\ufffd\ufffe\uffff"
SPECIAL = ("[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[cls]", "[Sep]", "[ SEP ]", "[SEP", "SEP]", "[SEP]]", "[[SEP]", "[unused0]",
           "<s>", "</s>", "<mask>", "##ing", "##", "[MASK][MASK]", "x[SEP]y", "[ＳＥＰ]", "[SEP\u0301]", "<|endoftext|>")
EMOJI = ("👩‍👩‍👧‍👦", "🏳️‍🌈", "🇵🇹🇪🇺", "👍🏽", "☎️", "1️⃣", "🧑🏿‍🚀", "❤️‍🔥", "😀😃😄", "🏴󠁧󠁢󠁳󠁣󠁴󠁿")
PHRASES = (
    "Straße STRASSE ẞ ﬁnance ﬀ ŉ ǅ", "İstanbul ISPARTA ıı i̇", "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ ς", "Привет, мир! Ёлка й", "שלום עולם שָׁלוֹם",
    "السَّلَامُ عَلَيْكُمْ ١٢٣", "नमस्ते दुनिया क्षत्रिय", "สวัสดีชาวโลก", "안녕하세요 세계 각", "こんにちは世界 ガギグ ガギグ ｶﾞ", "你好，世界。銀行卡丟了", "㐀㐁 𠀀𠀁 𪜀 𫝀 𫠠 𬺰 豈 丽",
    "ኣማርኛ ሰላም", "Xin chào thế giới, tiếng Việt", "Ꭰꭰ Ꮳ ᏣᎳᎩ", "ა Ა ᲐᲑᲒ ქართული", "ǆ Ǆ ǅ DŽ", "e\u0301 é e\u0301\u0301\u0301", "Z̸̡̢a̴l̷g̶o̵ ҉", "Å Å Å Ω Ω K K",
    "½ ⅓ ² ³ ₂ Ⅳ ⅳ ① ㈱ ㎏ ™ ℃", "don't can’t it‘s “quoted” «dit» „so“", "a-b–c—d―e−f", "$5 +3 <b> a=b c^d `e` f|g ~h", "50% §3 ¶ † ‡ • … ¿qué? ¡sí!",
    "user@example.com https://example.com/a?b=c&d=%20#e", "C:\\path\\to\\file \\u0041 \\n", "{\"text\": \"x\"}", "'; DROP TABLE cards; --", "<script>alert(1)</script>",
    "a\r\nb\rc\nd", "\ufeffBOM first", "tab\tseparated\tvalues", "NUL\0inside\0a word", "sur\u00adroga\u00adte soft hy\u00adphen", "zero\u200bwidth\u200cjoin\u200ders",
    "\u202eright to left override\u202c", "x\ufffdy", "\ufffd", "\U000f0000\U0010fffd", "\u0378\u0379 \U000e0080", "ﷺ ﷽", "𝓽𝓮𝔁𝓽 𝐁𝐨𝐥𝐝 ｆｕｌｌｗｉｄｔｈ ＡＢＣ", "ⱯɐꞫ Ꞌ",
)


def _scalar(rng):
    while True:
        code = rng.randrange(0x110000)
        if code not in SURROGATES:
            return chr(code)


def _from_block(rng, block):
    return chr(rng.randint(*block))


def _assigned(rng, block):
    """Prefers a code point that Unicode assigns: half of some blocks is empty."""
    for _ in range(8):
        char = _from_block(rng, block)
        if unicodedata.category(char) != "Cn":
            return char
    return char


def _word(rng, block):
    return "".join(_assigned(rng, block) for _ in range(rng.randint(1, 7)))


def _block_text(rng, block):
    words = [_word(rng, block) for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.5:
        words.insert(rng.randrange(len(words) + 1), rng.choice(("card", "Payment", "the", "ATM2", "unbelievably")))
    return rng.choice((" ", " ", "", ",", "\u3000")).join(words)


def _combined(rng):
    """Letters under random combining signs, in an order that normalisation changes."""
    marks = [chr(c) for c in range(0x300, 0x370)] + list("\u0591\u05bc\u064b\u093c\u094d\u09be\u0e38\u3099\u1dc0\u20dd\ufe20\U0001d165")
    return "".join(rng.choice("aeiouAEOUçñкяק한가がｶ") + "".join(rng.choices(marks, k=rng.randint(0, 3))) for _ in range(rng.randint(1, 8)))


def _mixture(rng):
    parts = [rng.choice(PHRASES + SPECIAL + EMOJI) for _ in range(rng.randint(1, 3))]
    parts += [rng.choice(SPACES + INVISIBLE) for _ in range(rng.randint(1, 3))]
    rng.shuffle(parts)
    return "".join(parts)


def _drawn(rng, count):
    """`count` different random texts: each block several times, then the other kinds in turn."""
    kinds = (
        lambda: "".join(_scalar(rng) for _ in range(rng.randint(1, 12))),
        lambda: _combined(rng),
        lambda: _mixture(rng),
        lambda: _block_text(rng, rng.choice(BLOCKS)),
        lambda: rng.choice(SPECIAL).join(rng.choices(PHRASES, k=2)),
        lambda: "".join(rng.choices(SPACES + INVISIBLE + "aé1.", k=rng.randint(1, 10))),
    )
    seen = {}
    for i in range(20 * count):
        if len(seen) == count:
            break
        seen.setdefault(_block_text(rng, BLOCKS[i % len(BLOCKS)]) if i < 4 * len(BLOCKS) else kinds[i % len(kinds)]())
    return list(seen)


def _fixed():
    texts = ["", " ", "\t\r\n", "\0", "\0\x01\u200b", "\u00a0\u3000", "\ufeff", ".", "a", "A", "0"]
    texts += list(PHRASES) + list(SPECIAL) + list(EMOJI)
    texts += ["a" * n for n in (99, 100, 101, 200)] + ["é" * 100, "é" * 101, "e\u0301" * 100, "한" * 34, "한" * 50, "中" * 150, "İ" * 101]
    return [{"text": text} for text in texts]


def _long():
    """More tokens than any of our models takes, written in the short form."""
    units = (("word ", 600), ("card ", 510), ("card ", 511), ("a", 1_000_000), ("my card did not arrive. ", 5_000), ("!", 2_000),
             ("中文", 400), ("[SEP] ", 700), ("\u0301", 5_000), (" ", 100_000), ("unbelievable\n", 5_000), ("👩‍👩‍👧‍👦", 300), ("ab\0", 60))
    return [{"text_repeat": list(unit)} for unit in units]


def _pairs(rng):
    firsts = [rng.choice(PHRASES + SPECIAL) for _ in range(12)]
    pairs = [{"text": first, "text_pair": rng.choice(PHRASES + EMOJI)} for first in firsts]
    pairs += [{"text": "", "text_pair": ""}, {"text": "premise", "text_pair": ""}, {"text": "", "text_pair": "hypothesis"},
              {"text": "a [SEP] b", "text_pair": "[CLS] c"}]
    for first, second in ((600, 3), (3, 600), (300, 300), (301, 300), (300, 301), (254, 256), (255, 255), (256, 254), (1000, 200), (200, 1000)):
        pairs.append({"text_repeat": ["card ", first], "text_pair_repeat": ["payment ", second]})
    return pairs


def hostile(count, seed):
    """`count` different records: fixed ones, long ones, pairs, then random ones drawn with `seed`."""
    rng = random.Random(seed)
    records = _fixed() + _long() + _pairs(rng)
    known = {record.get("text") for record in records}
    drawn = [text for text in _drawn(rng, count) if text not in known]
    return records + [{"text": text} for text in drawn[:count - len(records)]]
