"""Bank customers' questions from a small grammar of our own, so that golden files need no one else's texts."""

import random

THINGS = (
    "my card", "my new card", "the virtual card", "a transfer", "my top-up", "the cash withdrawal", "my refund", "the direct debit",
    "an international payment", "my PIN", "the app", "my account", "the exchange rate", "a card payment", "my identity check",
)
PROBLEMS = (
    "has not arrived", "was declined", "is still pending", "shows the wrong amount", "was charged twice", "does not work abroad",
    "is blocked", "was cancelled without a word", "disappeared from my statement", "took more than {days} days",
    "cost me a fee of {amount}", "is stuck since {weekday}",
)
OPENINGS = (
    "", "Hi, ", "Hello! ", "Please help: ", "I am worried because ", "Not sure whether you know, but ", "URGENT!!! ", "Question: ",
    "Good morning, ", "It seems that ",
)
ENDINGS = (
    ".", "?", ", what should I do?", ". How long will it take?", "... why?", " - can you look into it?", ". I live in {place}.",
    ", and I need {amount} by {weekday}!", ". My reference is {reference}.", " :(",
)
REQUESTS = (
    "How do I change {thing}?", "Where can I see {thing}?", "Can I get {thing} in {place}?", "What is the limit for {thing}?",
    "Is there a fee of {amount} for {thing}?", "Who can use {thing} in {place}?", "When will {thing} be ready?",
    "I want to cancel {thing} before {weekday}", "can i link {thing} to apple pay", "WHY DOES {thing} COST {amount}???",
)
PLACES = ("Lisbon", "München", "Kraków", "São Paulo", "Zürich", "Dublin", "Malmö", "A Coruña", "Tōkyō", "the U.K.", "Côte d'Ivoire")
CURRENCIES = ("£{}", "{} €", "${}", "{} USD", "{} zł", "¥{}", "CHF {}.–")
WEEKDAYS = ("Monday", "tuesday", "Wed.", "THURSDAY", "Friday", "Saturday night", "Sunday")


def _fill(rng, template):
    return template.format(
        thing=rng.choice(THINGS), place=rng.choice(PLACES), weekday=rng.choice(WEEKDAYS), days=rng.randint(2, 21),
        amount=rng.choice(CURRENCIES).format(f"{rng.randint(1, 5000)}.{rng.randint(0, 99):02}"),
        reference=f"{rng.choice('ABCXYZ')}{rng.randint(1000, 999999)}-{rng.randint(1, 99)}")


def _one(rng):
    if rng.random() < 0.3:
        return _fill(rng, rng.choice(OPENINGS) + rng.choice(REQUESTS))
    count = 1 if rng.random() < 0.8 else rng.randint(2, 6)
    clauses = [f"{rng.choice(THINGS)} {rng.choice(PROBLEMS)}" for _ in range(count)]
    return _fill(rng, rng.choice(OPENINGS) + " and ".join(clauses) + rng.choice(ENDINGS))


def questions(count, seed):
    """`count` different questions, the same ones for the same seed."""
    rng = random.Random(seed)
    seen = {}
    for _ in range(50 * count):
        if len(seen) == count:
            return list(seen)
        seen.setdefault(_one(rng))
    raise ValueError(f"the grammar did not give {count} different questions")
