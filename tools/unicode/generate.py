#!/usr/bin/env python3
"""Writes services/classifier/text/unicode_data.cc: what the `tokenizers` package does to every single code point.

The package mixes several generations of Unicode data (old tables for categories and decompositions, the newest for white space,
case and regular expressions), so no released Unicode version describes it. This script therefore asks the package itself about all
0x110000 code points and records the answers. Run it again when the reference version changes:

    python tools/unicode/generate.py services/classifier/text/unicode_data.cc

Needs: tokenizers (the version under test; it is written into the output) and Python's unicodedata, which only supplies one
well-known character per combining class to compare with. Surrogates cannot be asked about and never reach the tables.
"""

import platform
import sys
import unicodedata
from concurrent.futures import ProcessPoolExecutor

import tokenizers
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordLevel
from grapheme_probe import GraphemeProbe
from tokenizers import Regex
from tokenizers.normalizers import NFC, NFD, NFKC, NFKD, BertNormalizer, Lowercase, Strip, StripAccents
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel, Digits, Punctuation, Split, Whitespace, WhitespaceSplit

DROPPED, SPACE, PUNCTUATION, NONSPACING_MARK, WORD, IDEOGRAPH, TOKEN_WORD = (1 << bit for bit in range(7))
LETTER, NUMBER, REGEX_SPACE, MARK, NUMERIC, NFC_STABLE, NFKC_STABLE, COMPOSES = (1 << bit for bit in range(8))
HANGUL = range(0xAC00, 0xD7A4)
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def bert_normalizer(**enabled):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BertNormalizer(**{**options, **enabled})


def matcher(**options):
    """A tokenizer that knows one added token, "[X]"."""
    tokenizer = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    tokenizer.add_tokens([AddedToken("[X]", normalized=False, **options)])
    return tokenizer


def combining_references():
    """One character per combining class that the package knows, by ascending class."""
    nfd, highest = NFD(), "\u0345"
    references = {unicodedata.combining(highest): highest}
    for code in range(0x300, 0x1E000):
        char = chr(code)
        if unicodedata.combining(char) and nfd.normalize_str(f"a{highest}{char}") == f"a{char}{highest}":
            references.setdefault(unicodedata.combining(char), char)
    in_order = "".join(char for _, char in sorted(references.items()))
    if nfd.normalize_str("a" + in_order[::-1]) != "a" + in_order:
        raise ValueError("the package orders combining classes otherwise than Python")
    return sorted(references.items())


class Probe:
    """Asks the package about one code point at a time."""

    def __init__(self):
        self.clean = bert_normalizer(clean_text=True)
        self.ideograph = bert_normalizer(handle_chinese_chars=True)
        self.strip = bert_normalizer(strip_accents=True)
        self.lower = bert_normalizer(lowercase=True)
        self.nfd = NFD()
        self.split = BertPreTokenizer()
        self.single_word = matcher(single_word=True)
        self.strip_right = matcher(rstrip=True)
        self.references = combining_references()
        self.nfc, self.nfkc, self.nfkd = NFC(), NFKC(), NFKD()
        self.byte_level = ByteLevel(add_prefix_space=False, use_regex=True)
        self.regex_space = Split(Regex(r"\s"), "removed")
        self.words, self.digits, self.strip_marks = Whitespace(), Digits(individual_digits=True), StripAccents()
        self.same_as_bert = (Lowercase(), Punctuation(), WhitespaceSplit(), Strip(left=True, right=False))
        self.graphemes = GraphemeProbe()

    def flags(self, char):
        flags = 0
        cleaned = self.clean.normalize_str(char)
        pieces = [piece for piece, _ in self.split.pre_tokenize_str(f"a{char}b")]
        if cleaned == "":
            flags |= DROPPED
        if pieces == ["a", "b"]:
            flags |= SPACE
        elif pieces == ["a", char, "b"]:
            flags |= PUNCTUATION
        elif pieces != [f"a{char}b"]:
            raise ValueError(f"U+{ord(char):04X}: unexpected split {pieces}")
        if cleaned not in ("", " " if flags & SPACE else char):
            raise ValueError(f"U+{ord(char):04X}: unexpected cleaning {cleaned!r}")
        if self.nfd.normalize_str(char) == char and self.strip.normalize_str(char) == "":
            flags |= NONSPACING_MARK
        if 1 not in self.single_word.encode(f"{char}[X]").ids:
            flags |= WORD
        if (1 in self.single_word.encode(f"[X]{char}").ids) == bool(flags & WORD):
            raise ValueError(f"U+{ord(char):04X}: a word character on one side only")
        if (self.strip_right.encode(f"[X]{char}").offsets[0][1] == 4) != bool(flags & SPACE):
            raise ValueError(f"U+{ord(char):04X}: rstrip and the pre-tokenizer disagree on white space")
        if self.ideograph.normalize_str(char) == f" {char} ":
            flags |= IDEOGRAPH
        if len(self.words.pre_tokenize_str(f"a{char}b")) == 1:
            flags |= TOKEN_WORD
        self.check_agreement(char, flags)
        return flags

    def check_agreement(self, char, flags):
        """The general parts know no more than BERT's about white space, punctuation and case."""
        lower, punctuation, space, strip = self.same_as_bert
        agree = (
            lower.normalize_str(char) == self.lower.normalize_str(char),
            (len(punctuation.pre_tokenize_str(f"a{char}b")) == 3) == bool(flags & PUNCTUATION),
            (len(space.pre_tokenize_str(f"a{char}b")) == 2) == bool(flags & SPACE),
            (strip.normalize_str(char) == "") == bool(flags & SPACE),
        )
        if not all(agree):
            raise ValueError(f"U+{ord(char):04X}: BERT's parts and the general ones disagree: {agree}")

    def more_flags(self, char):
        flags = 0
        joins = [len(self.byte_level.pre_tokenize_str(f"{other}{char}")) == 1 for other in "a1!"]
        if sum(joins) > 1:
            raise ValueError(f"U+{ord(char):04X}: in two classes of the regular expression")
        if joins[0]:
            flags |= LETTER
        if joins[1]:
            flags |= NUMBER
        if len(self.regex_space.pre_tokenize_str(f"a{char}b")) == 2:
            flags |= REGEX_SPACE
        if bool(flags & REGEX_SPACE) == any(joins):
            raise ValueError(f"U+{ord(char):04X}: the expressions disagree on white space")
        if self.strip_marks.normalize_str(char) == "":
            flags |= MARK
        if len(self.digits.pre_tokenize_str(f"a{char}a")) == 3:
            flags |= NUMERIC
        if self.nfc.normalize_str(char) == char:
            flags |= NFC_STABLE  # loses it further down where it can change beside other characters
        if self.nfkc.normalize_str(char) == char:
            flags |= NFKC_STABLE
        return flags

    def compatibility(self, char):
        """The compatibility decomposition where it is not the canonical one."""
        result = self.nfkd.normalize_str(char)
        return "" if result == self.nfd.normalize_str(char) else result

    def swaps(self, first, second):
        return self.nfd.normalize_str(f"a{first}{second}") == f"a{second}{first}" and first != second

    def combining_class(self, char):
        if self.nfd.normalize_str(char) != char:
            return 0
        low, high = self.references[0][1], self.references[-1][1]
        if not self.swaps(high, char) and not self.swaps(char, low) and char not in (low, high):
            # Either a starter or as high as the highest class; only the latter lets a lower class pass.
            return 0
        for combining, reference in self.references:
            if not self.swaps(char, reference) and not self.swaps(reference, char):
                return combining
        raise ValueError(f"U+{ord(char):04X}: a combining class without a reference")

    def decomposition(self, char):
        result = self.nfd.normalize_str(char)
        return "" if result == char else result

    def lowercase(self, char):
        result = self.lower.normalize_str(char)
        return "" if result == char else result


def probe_range(codes):
    probe = Probe()
    rows = []
    for code in codes:
        char = chr(code)
        record = (probe.flags(char), probe.combining_class(char), probe.more_flags(char), probe.graphemes.class_of(char))
        rows.append((code, record, probe.decomposition(char), probe.lowercase(char), probe.compatibility(char)))
    return rows


def compositions(rows):
    """Sorted (first, second, composed), the pairs that NFC joins. Hangul syllables compose by arithmetic."""
    nfc = NFC()
    whole = {text: chr(code) for code, _, text, *_ in rows if text and nfc.normalize_str(chr(code)) == chr(code)}
    triples = []
    for text, char in sorted(whole.items()):
        if len(text) < 2 or ord(char) in HANGUL:
            continue
        first = text[0] if len(text) == 2 else whole.get(text[:-1])
        if first is None or nfc.normalize_str(first + text[-1]) != char:
            raise ValueError(f"U+{ord(char):04X}: not composed from two characters")
        triples.append((ord(first), ord(text[-1]), ord(char)))
    return sorted(triples)


def settled(record, code, composing):
    """A record whose stable flags hold beside any neighbour."""
    flags, combining, more, grapheme = record
    composes = code in composing or 0x1161 <= code <= 0x1175 or 0x11A8 <= code <= 0x11C2
    if composes:
        more |= COMPOSES
    if composes or combining:
        more &= ~(NFC_STABLE | NFKC_STABLE)
    return flags, combining, more, grapheme


def check_hangul(decompositions):
    """Hangul syllables decompose by arithmetic, so they need no table; this proves it."""
    for code in HANGUL:
        index = code - 0xAC00
        expected = chr(0x1100 + index // 588) + chr(0x1161 + index % 588 // 28)
        expected += chr(0x11A7 + index % 28) if index % 28 else ""
        if decompositions.pop(code, None) != expected:
            raise ValueError(f"U+{code:04X}: not the arithmetic decomposition")


def two_stages(values):
    """The smallest (shift, block numbers, blocks) with values[c] == blocks[(numbers[c >> shift] << shift) + (c & mask)]."""
    best = None
    for shift in range(4, 9):
        size = 1 << shift
        numbers, blocks, seen = [], [], {}
        for start in range(0, len(values), size):
            block = tuple(values[start : start + size])
            if block not in seen:
                seen[block] = len(blocks) // size
                blocks.extend(block)
            numbers.append(seen[block])
        cost = len(numbers) * (1 if max(numbers) < 256 else 2) + len(blocks) * (1 if max(blocks) < 256 else 2)
        if best is None or cost < best[0]:
            best = (cost, shift, numbers, blocks)
    return best[1:]


def array(type_name, name, values):
    lines, line = [], " "
    for value in values:
        text = f" {value},"
        if len(line) + len(text) > 130:
            lines.append(line)
            line = " "
        line += text
    lines.append(line)
    body = "\n".join(lines)
    return f"const {type_name} {name}[{len(values)}] = {{\n{body}\n}};\n"


def integer_type(values):
    return "uint8_t" if max(values) < 256 else "uint16_t"


def table(name, values):
    """A TwoStageTable; numbers and blocks are uint16_t or narrower as the header says."""
    shift, numbers, blocks = two_stages(values)
    print(f"{name}: shift {shift}, {len(numbers)} block numbers, {len(blocks)} entries", file=sys.stderr)
    return (
        array("uint16_t", f"k{name}Blocks", numbers)
        + array(integer_type(blocks) if name == "Property" else "uint16_t", f"k{name}Entries", blocks),
        shift,
    )


def pooled(mapping):
    """Offsets into one pool of [length, code points …]; offset 0 means "maps to itself"."""
    pool, offsets = [0], {}
    values = [0] * 0x110000
    for code, text in sorted(mapping.items()):
        if text not in offsets:
            offsets[text] = len(pool)
            pool.extend([len(text), *map(ord, text)])
        values[code] = offsets[text]
    if len(pool) > 0xFFFF:
        raise ValueError("the pool outgrew 16-bit offsets")
    return values, pool


def main(path):
    chunk = 0x2000
    chunks = [CODE_POINTS[i : i + chunk] for i in range(0, len(CODE_POINTS), chunk)]
    with ProcessPoolExecutor() as executor:
        rows = [row for result in executor.map(probe_range, chunks) for row in result]
    decompositions = {code: text for code, _, text, _, _ in rows if text}
    lowercase = {code: text for code, _, _, text, _ in rows if text}
    compatibility = {code: text for code, _, _, _, text in rows if text}
    check_hangul(decompositions)
    composed = compositions(rows)
    composing = {second for _, second, _ in composed}

    records, properties = {(0, 0, 0, 0): 0}, [0] * 0x110000
    for code, record, *_ in rows:
        properties[code] = records.setdefault(settled(record, code, composing), len(records))
    property_table, property_shift = table("Property", properties)
    decomposition_values, decomposition_pool = pooled(decompositions)
    decomposition_table, decomposition_shift = table("Decomposition", decomposition_values)
    lowercase_values, lowercase_pool = pooled(lowercase)
    lowercase_table, lowercase_shift = table("Lowercase", lowercase_values)
    compatibility_values, compatibility_pool = pooled(compatibility)
    compatibility_table, compatibility_shift = table("Compatibility", compatibility_values)
    longest = max(map(len, [*decompositions.values(), *lowercase.values()]))
    incb = GraphemeProbe().joins_conjuncts()

    with open(path, "w", encoding="utf-8") as out:
        out.write(
            f"""// Generated by tools/unicode/generate.py; do not edit. Reference: tokenizers {tokenizers.__version__}; combining classes by comparison with
// characters of Unicode {unicodedata.unidata_version} (Python {platform.python_version()}). Longest mapping: {longest} code points.
#include "services/classifier/text/unicode_data.h"

// clang-format off
namespace verdict::unicode_data {{

static_assert(kPropertyShift == {property_shift} && kDecompositionShift == {decomposition_shift} && kLowercaseShift == {lowercase_shift} &&
              kCompatibilityShift == {compatibility_shift});
static_assert(kLongestMapping >= {longest});
static_assert(kJoinsConjuncts == {str(incb).lower()});

const CharProperties kPropertyRecords[{len(records)}] = {{{", ".join("{" + ", ".join(map(str, record)) + "}" for record in records)}}};
{property_table}{decomposition_table}{array("char32_t", "kDecompositionPool", decomposition_pool)}{lowercase_table}\
{array("char32_t", "kLowercasePool", lowercase_pool)}{compatibility_table}{array("char32_t", "kCompatibilityPool", compatibility_pool)}\
const size_t kCompositionCount = {len(composed)};
{array("char32_t", "kCompositionFirst", [first for first, _, _ in composed])}\
{array("char32_t", "kCompositionSecond", [second for _, second, _ in composed])}\
{array("char32_t", "kCompositionResult", [result for _, _, result in composed])}
}}  // namespace verdict::unicode_data
"""
        )


if __name__ == "__main__":
    main(sys.argv[1])
