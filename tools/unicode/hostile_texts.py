"""Texts that tokenizers disagree on: hand-picked traps, and an endless seeded supply of mixtures of them."""

import random

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

WORDS = (
    "the a of to and in is it you that he was for on are with as I his they be at one have this from or had by hot but some what "
    "Hello WORLD unaffable tokenizer card payment refund PIN top-up £20 naïve café résumé Ångström straße İstanbul DİYARBAKIR ΣΟΦΟΣ "
    "ὈΔΥΣΣΕΎΣ Привет МИР ёлка йод Україна 北京 東京タワー かな ガギグ 서울 한국어 각 שָׁלוֹם العَرَبِيَّة हिन्दी क्षेत्र ไทย தமிழ் বাংলা ǅ ﬁne ① ½ Ⅷ"
).split(" ")

# Marks of many combining classes, those among them that survive the stripping of accents, and characters that decompose.
MARKS = [chr(c) for c in (0x300, 0x301, 0x308, 0x315, 0x316, 0x31B, 0x323, 0x327, 0x328, 0x334, 0x335, 0x338, 0x345, 0x35C, 0x360,
                          0x5B0, 0x5BC, 0x5C1, 0x64B, 0x651, 0x670, 0x711, 0x93C, 0x94D, 0xC55, 0xE38, 0xE48, 0xEB8, 0xF71, 0xF72,
                          0x1037, 0x1714, 0x17D2, 0x1A60, 0x1B44, 0x1BAA, 0x1BF2, 0x1DCE, 0x1DFA, 0x20D0, 0x302A, 0x302E, 0x302F,
                          0x3099, 0xA806, 0xA953, 0xA9C0, 0xAAF6, 0xFB1E, 0xFE20, 0x10A0D, 0x10F46, 0x110B9, 0x111C0, 0x11046,
                          0x1133C, 0x1134D, 0x116B6, 0x16AF0, 0x16FF0, 0x1BC9E, 0x1D165, 0x1D166, 0x1D16D, 0x1D17B, 0x1E8D0,
                          0x1E944)]  # fmt: skip
DECOMPOSING = list("éÀőǘǟṩṨấậḝῼᾏΐώЙйї가각힣ﬀΩKÅ;·⫝̸神樂𝅗𝅥𑂚") + [chr(c) for c in (0x344, 0x958, 0xF43, 0xFB2E, 0x1D15E, 0x1D160, 0x2F800, 0x2FA1D)]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + list("¡§«»¿·–—‘’“”„†…‰′※⁇−×÷€£¥©®™°±¬¦、。「」・！？（）٪،؛؟।॥፧᠎‿⁀〰＿゠")
SPACES = list("  \t\n\r") + [chr(c) for c in (0x0B, 0x0C, 0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)]
CONTROLS = [chr(c) for c in (0, 1, 7, 8, 0x1B, 0x1F, 0x7F, 0x80, 0x9F, 0xAD, 0x600, 0x61C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E,
                             0x202A, 0x2060, 0x2066, 0xE000, 0xFEFF, 0xFFF9, 0xFFFC, 0xFFFD, 0xFFFE, 0x110BD, 0xE0001, 0xE0100,
                             0xF0000, 0x10FFFF)]  # fmt: skip
UNASSIGNED = [chr(c) for c in (0x378, 0x530, 0x1C8A, 0x2FE0, 0xA7DC, 0x10D40, 0x1C000, 0x323B0, 0x3FFFE)]
NEWER = [chr(c) for c in (0x8B5, 0x1C80, 0x1C90, 0x2C2F, 0xA7C0, 0xA7DA, 0x10570, 0x16E40, 0x1DF00, 0x1E900, 0x30000, 0x31350, 0x1FAE8)]
IDEOGRAPHS = [chr(c) for c in (0x3400, 0x4DBF, 0x4DC0, 0x4E00, 0x9FA5, 0x9FFF, 0xA000, 0xF900, 0xFAFF, 0x20000, 0x2A6DF, 0x2A700, 0x2B73F,
                               0x2B740, 0x2B81F, 0x2B820, 0x2B91F, 0x2B920, 0x2CEAF, 0x2CEB0, 0x2F800, 0x2FA1F, 0x3007, 0x3042)]  # fmt: skip
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "❤️", "☺", "1️⃣", "🧑🏿‍🚀"]

POOLS = [WORDS, MARKS, DECOMPOSING, PUNCTUATION, SPACES, CONTROLS, UNASSIGNED, NEWER, IDEOGRAPHS, EMOJI]

TRAPS = [
    "", " ", "\t\r\n", "\x00", "\u200b\u200b", "\ufffd", "\u00a0\u3000", "[CLS]", "[SEP] [SEP]", "a[MASK]b", "[mask]", "[ MASK ]",
    "[[MASK]]", "[MASK][MASK]", "[SE\u0301P]", "[SEP\u200b]", "##ing", "# # ing", "a" * 100, "a" * 101, "é" * 100, "é" * 101,
    "e\u0301" * 100, "각" * 34, "각" * 33, "İ", "I\u0307", "iİIı", "ΑΣ ΑΣΑ Σ", "ǅ Ǆ ǆ", "ß ẞ", "ﬁ ﬀ", "Å Å A\u030a", "가 각 힣 ᄀ ᄀ\u1161",
    "a\u0323\u0307 a\u0307\u0323", "q\u302e\u0301\u302f", "\U0001d157\U0001d165\u0327", "\U0001d158\U0001d16d\U0001d165", "क\u094d\u093c",
    "e\u0301\u200de", "e\u0301 \u0301e", "\u0301", "\u0301\u0301a", "中文字符", "中a文b", "㐀䶿䷀", "\U0002b820\U0002b920", "⼀", "don't",
    "$5.00 + €3 = ?", "a_b-c", "x\u2019s", "\u037e\u0387\u1fef", "foo\u00adbar", "co\u00adop\u2011op", "👨‍👩‍👧‍👦 👍🏽", "\ufeffbom", "tab\tsep\x0bvt\x0cff\x85nel",
    "zero\u200dwidth", "\ue000\U000f0000", "\U0010ffff", "a" * 99 + "\u0301" * 50, "\u0344", "\u0f43\u0f72\u0f71", "https://e.x/?q=1&r=[SEP]",
]  # fmt: skip


def random_char(rng):
    """Any character but a surrogate."""
    while True:
        code = rng.choice((0x80, 0x250, 0x3000, 0x10000, 0x20000, 0x110000))
        code = rng.randrange(code)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


def random_text(rng: random.Random, literals=()):
    """A text of up to some 60 pieces from one to four pools, with `literals` (added tokens, say) and anything else strewn in."""
    pools = rng.sample(POOLS, rng.randint(1, 4))
    pieces = []
    for _ in range(rng.choice((1, 3, 8, 20, 60))):
        kind = rng.random()
        if literals and kind < 0.12:
            pieces.append(rng.choice(literals))
        elif kind < 0.2:
            pieces.append(random_char(rng))
        elif kind < 0.35:
            pieces.append(" ")
        else:
            piece = rng.choice(rng.choice(pools))
            pieces.append(piece.swapcase() if rng.random() < 0.1 else piece)
        if rng.random() < 0.01:
            pieces.append(pieces[-1] * rng.randint(20, 120))
    return "".join(pieces)
