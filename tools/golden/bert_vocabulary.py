"""A 30,522-entry WordPiece vocabulary laid out like bert-base-uncased's, built by enumeration: no download, no randomness."""

import itertools
import re

import questions

SIZE = 30522
FIRST_CHARACTER = 999
SPECIAL = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}

# Blocks whose characters get entries of their own, alone and with ##.
RANGES = (
    (0x21, 0x40), (0x5B, 0x7E), (0xA1, 0xAC), (0xAE, 0xBF), (0xDF, 0xDF), (0xE6, 0xE6), (0xF0, 0xF0), (0xF8, 0xF8), (0xFE, 0xFE),
    (0x111, 0x111), (0x131, 0x131), (0x142, 0x142), (0x153, 0x153), (0x251, 0x2AF), (0x2B0, 0x2B8), (0x3B1, 0x3C9), (0x430, 0x45F),
    (0x561, 0x586), (0x5D0, 0x5EA), (0x621, 0x63A), (0x641, 0x64A), (0x660, 0x669), (0x905, 0x939), (0x93E, 0x940), (0x985, 0x9B9),
    (0xE01, 0xE2E), (0xE30, 0xE3A), (0xE40, 0xE4E), (0xF40, 0xF47), (0x10D0, 0x10F0), (0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2),
    (0x1200, 0x1230), (0x13A0, 0x13F4), (0x1D00, 0x1D2B), (0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x208E), (0x20A0, 0x20BF),
    (0x2153, 0x215E), (0x2190, 0x21A9), (0x2200, 0x2240), (0x2460, 0x246F), (0x2500, 0x2520), (0x25A0, 0x25CF), (0x2605, 0x266F),
    (0x3001, 0x3015), (0x3041, 0x3093), (0x30A1, 0x30FC), (0x4E00, 0x4EFF), (0xFF01, 0xFF20), (0x1F600, 0x1F64F),
)
COMMON = """the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were there one all
we can her has its been if would who will more when no so out said what up about into than them some could him time other my do then new now me over
like our only your after also any may these most make people way well because even first last long just see how where why much too back down before
very get go going come want need know think look find give tell use work call try ask feel seem leave keep let begin help show hear play run move live
believe hold bring happen write provide sit stand lose pay meet include continue set learn change lead understand watch follow stop create speak read
allow add spend grow open walk win offer remember love consider appear buy wait serve die send expect build stay fall cut reach kill remain bank money
account payment cash charge fee limit statement balance rate currency euro dollar pound yen deposit loan credit debit visa mastercard apple google pin
password phone number email address code lost stolen broken wrong right missing late early today tomorrow yesterday week month year hour minute day
night morning monday tuesday wednesday thursday friday saturday sunday please thank thanks hello hi sorry yes question answer problem issue error""".split()
ENDINGS = ("s", "es", "ed", "er", "ers", "ing", "ings", "ly", "ness", "able", "tion", "ment", "al", "ive", "ous", "ish", "ful", "less", "ate")
ONSETS = ("", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "ch", "cr", "fl", "gr", "pl", "sh", "st", "th", "tr")
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
CODAS = ("", "n", "r", "s", "t", "l", "m", "ck", "nd", "st")


def _grammar_words():
    templates = (questions.THINGS, questions.PROBLEMS, questions.OPENINGS, questions.ENDINGS, questions.REQUESTS, questions.PLACES,
                 questions.WEEKDAYS)
    for template in itertools.chain(*templates):
        yield from re.findall(r"[a-z]+", re.sub(r"\{\w+\}", " ", template.lower()))


def _syllables():
    return ["".join(parts) for parts in itertools.product(ONSETS, NUCLEI, CODAS)]


def _candidates():
    """Entries after the special ones, most wanted first, repetitions included."""
    characters = [chr(code) for first, last in RANGES for code in range(first, last + 1)]
    yield from characters
    yield from ("##" + char for char in characters)
    words = COMMON + sorted(set(_grammar_words()))
    yield from words
    yield from (word + ending for word in words for ending in ENDINGS[:5])
    yield from ("##" + ending for ending in ENDINGS)
    yield from ("##" + syllable for syllable in _syllables())
    yield from (syllable for syllable in _syllables())
    yield from ("1" + digits for digits in map("{:02}".format, range(100)))
    yield from map(str, range(1900, 2031))
    yield from (first + second for first, second in itertools.product(_syllables(), ("ten", "ra", "mo", "li", "dy", "ver", "son", "ka", "ton")))


def vocabulary():
    """The list of entries in the order of their ids."""
    unused = map("[unused{}]".format, itertools.count())
    entries = [SPECIAL.get(i) or next(unused) for i in range(FIRST_CHARACTER)]
    known = set(entries)
    for candidate in _candidates():
        if len(entries) == SIZE:
            return entries
        if candidate and candidate != "##" and candidate not in known:
            known.add(candidate)
            entries.append(candidate)
    raise ValueError(f"only {len(entries)} entries for a vocabulary of {SIZE}")
