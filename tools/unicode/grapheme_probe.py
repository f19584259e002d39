"""Asks `tokenizers` how it cuts text into grapheme clusters.

Only the Precompiled normalizer does, and it shows it in one way: a cluster shorter than six bytes is looked up as a whole, and
replaced as a whole by what its shortest known prefix stands for; any other cluster goes character by character. So a map that
knows nothing but first bytes gives one output per short cluster, and one per character of a long one.
"""

import struct

from tokenizers.normalizers import Precompiled

# As in unicode_data.h; the conjunct roles are added to a class.
OTHER, CONTROL, EXTEND, SPACING_MARK, ZWJ, PREPEND, L, V, T, LV, LVT, PICTOGRAPH = range(12)
CONSONANT, LINKER, CONJUNCT_EXTEND = 16, 32, 64
ACUTE, JOINER, COPYRIGHT, KA, VIRAMA = "\u0301", "\u200d", "\u00a9", "\u0915", "\u094d"


def first_byte_map(outputs):
    """A precompiled map (darts-clone double array, then strings) with one key per byte: what to put for it."""
    units = [0] * 512
    units[0] = 256 << 10
    strings, offsets = b"", {}
    for byte, output in outputs.items():
        if output not in offsets:
            offsets[output] = len(strings)
            strings += output.encode() + b"\0"
        units[256 ^ byte] = byte | 1 << 8 | 256 << 10
        units[byte] = offsets[output] | 1 << 31
    return Precompiled(struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + strings)


class GraphemeProbe:
    def __init__(self):
        self.letter = first_byte_map({ord("a"): "1"})
        self.lead = first_byte_map({byte: "1" for byte in range(0xC2, 0xF5)})
        self.pictograph = first_byte_map({0xC2: "1", 0xE2: "2"})

    def ones(self, text):
        return self.lead.normalize_str(text).count("1")

    def joined(self, first, second):
        """Whether three-byte characters stay together: the mark then stays outside a short cluster of its own."""
        return self.ones(first + second + ACUTE) == 3

    def joins_conjuncts(self):
        return self.joined(KA + VIRAMA, KA) or self.ones(KA + VIRAMA + KA + ACUTE) == 4

    def class_of(self, char):
        if char in "\r\n":
            return CONTROL
        if self.letter.normalize_str("a" + char) == "1":
            return self.extending_class(char)
        if ord(char) >= 0x80 and self.lead.normalize_str(char + "a") == "1":
            return PREPEND
        if self.ones(char + ACUTE + ACUTE) == (1 if ord(char) < 0x80 else 2):
            return CONTROL
        if 0x1100 <= ord(char) < 0xE000 and (hangul := self.hangul_class(char)):
            return hangul
        if self.pictograph.normalize_str(COPYRIGHT + JOINER + char) == "12" + self.pictograph.normalize_str(char):
            return PICTOGRAPH
        if self.joins_conjuncts() and self.ones(KA + VIRAMA + char + ACUTE) == 4 and len(char.encode()) == 3:
            return OTHER + CONSONANT
        return OTHER

    def extending_class(self, char):
        if char == JOINER:
            result = ZWJ
        else:
            # A pictograph, extending characters, a joiner and another pictograph stay together.
            text = COPYRIGHT + char + JOINER + COPYRIGHT + ACUTE
            result = EXTEND if self.ones(text) == 5 else SPACING_MARK
        if self.joins_conjuncts():
            if self.ones(KA + char + KA + ACUTE) == 4:
                result += LINKER
            elif self.ones(KA + VIRAMA + char + KA + ACUTE) == 5:
                result += CONJUNCT_EXTEND
        return result

    def hangul_class(self, char):
        before_v, before_t = self.joined(char, "\u1161"), self.joined(char, "\u11a8")
        if before_v and before_t:
            return V if self.joined("\u1161", char) else LV
        if before_v:
            return L
        if before_t:
            return T if self.joined("\u11a8", char) else LVT
        return 0
