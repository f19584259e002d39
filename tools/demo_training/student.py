"""The small BERT: masked-word warm-up on the training texts, then learning from labels and from the teacher."""

import copy
import math
import random
import time

import torch
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification

from .augment import Augmenter

LOG_EVERY = 100
KEEP_EVERY = 500


def make_model(vocabulary_size, categories, hidden=128, layers=2):
    """A BertForSequenceClassification with fresh weights; the caller seeds torch."""
    config = BertConfig(
        vocab_size=vocabulary_size, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=hidden // 32,
        intermediate_size=4 * hidden, max_position_embeddings=512, pad_token_id=0, hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.0, classifier_dropout=0.2, id2label=dict(enumerate(categories)),
        label2id={name: i for i, name in enumerate(categories)})
    return BertForSequenceClassification(config)


class Encoder:
    """Texts to padded tensors."""

    def __init__(self, tokenizer, longest=64):
        self._tokenizer = tokenizer
        self._longest = longest

    def __call__(self, texts):
        batch = self._tokenizer(list(texts), truncation=True, max_length=self._longest, padding=True, return_tensors="pt")
        return batch["input_ids"], batch["attention_mask"]


class _Progress:
    def __init__(self, phase, steps):
        self._phase, self._steps, self._start, self._sum = phase, steps, time.monotonic(), 0.0

    def step(self, index, loss):
        self._sum += loss
        if (index + 1) % LOG_EVERY == 0 or index + 1 == self._steps:
            seconds = time.monotonic() - self._start
            print(f"{self._phase}: step {index + 1} of {self._steps}, loss {self._sum / (index % LOG_EVERY + 1):.3f}, {seconds:.0f} s", flush=True)
            self._sum = 0.0


def _optimizer(parameters, rate, steps):
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
    warm_up = max(1, steps // 20)
    factor = lambda step: min((step + 1) / warm_up, 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def _step(loss, optimizer, schedule, parameters):
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    schedule.step()


def _similar_lengths(rng, draw, batch, pool=8):
    """Endless batches of what `draw(n)` gives as (text, …) tuples; texts of like length go together, which saves padding."""
    while True:
        drawn = sorted(draw(batch * pool), key=lambda item: len(item[0]))
        starts = list(range(0, len(drawn), batch))
        rng.shuffle(starts)
        for start in starts:
            yield list(zip(*drawn[start:start + batch]))


def warm_up(model, encoder, tokenizer, texts, *, steps, seed, batch=64, rate=1e-3, masked=0.2):
    """Trains the encoder to fill in masked words; the head for it is thrown away."""
    rng = random.Random(seed)
    hidden = model.config.hidden_size
    head = torch.nn.Sequential(torch.nn.Linear(hidden, hidden), torch.nn.GELU(), torch.nn.LayerNorm(hidden))
    words = model.bert.embeddings.word_embeddings.weight
    parameters = list(model.bert.parameters()) + list(head.parameters())
    optimizer, schedule = _optimizer(parameters, rate, steps)
    batches = _similar_lengths(rng, lambda n: [(text,) for text in rng.sample(texts, n)], batch)
    model.train()
    progress = _Progress("warm-up", steps)
    for index in range(steps):
        ids, mask = encoder(next(batches)[0])
        chosen = (torch.rand(ids.shape) < masked) & (ids > 4)
        inputs = torch.where(chosen & (torch.rand(ids.shape) < 0.9), tokenizer.mask_token_id, ids)
        states = model.bert(input_ids=inputs, attention_mask=mask).last_hidden_state
        loss = functional.cross_entropy(head(states[chosen]) @ words.T, ids[chosen])
        _step(loss, optimizer, schedule, parameters)
        progress.step(index, loss.item())


def _draw_examples(rng, split, spliced):
    """A function that draws (text, label) tuples: training texts with noise, and a share of spliced ones whose label is -1."""
    augmenter = Augmenter(rng)

    def draw_one():
        if rng.random() < spliced:
            return augmenter.splice(*rng.sample(split.texts, 2)), -1
        row = rng.randrange(len(split))
        return augmenter.noise(split.texts[row]), split.labels[row]

    return lambda n: [draw_one() for _ in range(n)]


def _targets(teacher, texts, labels):
    """The teacher's probabilities, averaged with the label where there is one."""
    targets = torch.softmax(teacher.logits(texts), dim=-1)
    labels = torch.tensor(labels)
    known = labels >= 0
    targets[known] = 0.5 * targets[known] + 0.5 * functional.one_hot(labels[known], targets.shape[1])
    return targets


def distill(model, encoder, split, teacher, *, steps, seed, keep, batch=64, spliced=0.35, rate=1e-3):
    """Learns from noisy training texts (label and teacher) and spliced ones (teacher alone).

    Calls `keep` with the averaged model and the number of steps done every KEEP_EVERY steps and at the end, so that a run that is stopped leaves something.
    """
    rng = random.Random(seed)
    batches = _similar_lengths(rng, _draw_examples(rng, split, spliced), batch)
    averaged = copy.deepcopy(model).eval()
    parameters = list(model.parameters())
    optimizer, schedule = _optimizer(parameters, rate, steps)
    model.train()
    progress = _Progress("distil", steps)
    for index in range(steps):
        texts, labels = next(batches)
        ids, mask = encoder(texts)
        loss = functional.cross_entropy(model(input_ids=ids, attention_mask=mask).logits, _targets(teacher, texts, labels))
        _step(loss, optimizer, schedule, parameters)
        _average(averaged, model, min(0.995, index / (index + 10)))
        progress.step(index, loss.item())
        if (index + 1) % KEEP_EVERY == 0 or index + 1 == steps:
            keep(averaged, index + 1)


@torch.no_grad()
def _average(averaged, model, keep):
    for mean, value in zip(averaged.parameters(), model.parameters()):
        mean.lerp_(value, 1 - keep)


@torch.no_grad()
def accuracy(model, encoder, split, batch=128):
    """The share of texts whose top label is right."""
    model.eval()
    right = 0
    for start in range(0, len(split), batch):
        ids, mask = encoder(split.texts[start:start + batch])
        best = model(input_ids=ids, attention_mask=mask).logits.argmax(-1)
        right += (best == torch.tensor(split.labels[start:start + batch])).sum().item()
    return right / len(split)
