"""A linear classifier over TF-IDF of words and letter groups: quick to train, strong on 10,000 short texts, and so a good teacher."""

import math
import re
from collections import Counter

import torch

WORD = re.compile(r"[a-z0-9']+|[£$€?!]")


def features(text):
    """Words, pairs of words, and groups of three to five letters within a word, each as a string."""
    words = WORD.findall(text.lower())
    found = ["w:" + w for w in words]
    found += [f"b:{a} {b}" for a, b in zip(words, words[1:])]
    for word in words:
        padded = f" {word} "
        found += ["c:" + padded[i:i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    return found


class Teacher:
    """Call `fit` once; `logits` then judges any text."""

    def __init__(self, num_labels, generator):
        self._num_labels = num_labels
        self._generator = generator

    def fit(self, texts, labels, epochs=10, batch=64, rate=0.01, decay=1e-6):
        documents = [Counter(features(text)) for text in texts]
        frequency = Counter(feature for document in documents for feature in document)
        kept = sorted(feature for feature, count in frequency.items() if count >= 2)
        self._index = {feature: i for i, feature in enumerate(kept)}
        self._idf = [math.log((1 + len(texts)) / (1 + frequency[feature])) + 1 for feature in kept]
        self._weights = torch.nn.EmbeddingBag(len(kept), self._num_labels, mode="sum")
        torch.nn.init.zeros_(self._weights.weight)
        optimizer = torch.optim.Adam(self._weights.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, total_iters=epochs * math.ceil(len(texts) / batch))
        rows = [self._row(document) for document in documents]
        targets = torch.tensor(labels)
        for _ in range(epochs):
            for chosen in torch.randperm(len(texts), generator=self._generator).split(batch):
                logits = self._forward([rows[i] for i in chosen.tolist()])
                loss = torch.nn.functional.cross_entropy(10 * logits, targets[chosen], label_smoothing=0.05)
                loss = loss + decay * self._weights.weight.square().sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()

    @torch.no_grad()
    def logits(self, texts):
        """A [texts, labels] tensor, to be read through a softmax."""
        return 10 * self._forward([self._row(Counter(features(text))) for text in texts])

    def _row(self, document):
        found = [(self._index[f], (1 + math.log(n)) * self._idf[self._index[f]]) for f, n in document.items() if f in self._index]
        norm = math.sqrt(sum(value * value for _, value in found)) or 1.0
        return [i for i, _ in found], [value / norm for _, value in found]

    def _forward(self, rows):
        offsets = [0]
        for indices, _ in rows[:-1]:
            offsets.append(offsets[-1] + len(indices))
        indices = torch.tensor([i for row, _ in rows for i in row], dtype=torch.long)
        values = torch.tensor([v for _, row in rows for v in row], dtype=torch.float)
        return self._weights(indices, torch.tensor(offsets), per_sample_weights=values)
