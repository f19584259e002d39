"""Tests of languages.py."""

import languages


def test_every_language_occurs_and_the_seed_decides():
    texts = languages.texts(200, 1)
    assert texts == languages.texts(200, 1) != languages.texts(200, 2)
    assert len(texts) == 200
    for code, phrases in languages.PHRASES.items():
        assert len(set(phrases)) == 4, code
        assert any(phrase in text or phrase.upper() in text for phrase in phrases for text in texts), code
