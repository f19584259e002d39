"""Seeded changes to a text that keep its meaning (noise) or make a plausible new one (splice), so that 10,000 texts go further."""

GREETINGS = ("hi", "hello", "hey", "hi there", "good morning", "excuse me", "please help")
THANKS = ("thanks", "thank you", "please", "please advise", "cheers", "any ideas")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Augmenter:
    """Draws from the `random.Random` that it is given, so that a run can be repeated."""

    def __init__(self, rng, word_dropout=0.1, typo=0.03, swap=0.03, frame=0.08):
        self._rng = rng
        self._word_dropout = word_dropout
        self._typo = typo
        self._swap = swap
        self._frame = frame

    def noise(self, text):
        """Drops, swaps and misspells some words; sometimes adds a greeting or thanks. Never returns an empty text."""
        words = [self._misspell(w) for w in text.split() if self._rng.random() >= self._word_dropout] or text.split()
        for i in range(len(words) - 1):
            if self._rng.random() < self._swap:
                words[i], words[i + 1] = words[i + 1], words[i]
        if self._rng.random() < self._frame:
            words.insert(0, self._rng.choice(GREETINGS) + self._rng.choice((",", "", "!", ".")))
        if self._rng.random() < self._frame:
            words.append(self._rng.choice(THANKS))
        return " ".join(words)

    def splice(self, first, second):
        """The beginning of one text and the end of another: a text without a known label, for the teacher to judge."""
        head, tail = first.split(), second.split()
        cut_head, cut_tail = self._rng.randint(0, len(head)), self._rng.randint(0, len(tail))
        return " ".join(head[:cut_head] + tail[cut_tail:]) or first

    def _misspell(self, word):
        if len(word) < 3 or self._rng.random() >= self._typo:
            return word
        i = self._rng.randrange(len(word) - 1)
        kind = self._rng.randrange(4)
        if kind == 0:
            return word[:i] + word[i + 1:]
        if kind == 1:
            return word[:i] + word[i + 1] + word[i] + word[i + 2:]
        if kind == 2:
            return word[:i] + self._rng.choice(LETTERS) + word[i:]
        return word[:i] + self._rng.choice(LETTERS) + word[i + 1:]
