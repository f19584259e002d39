"""A record of a text file or golden file (tests/golden/README.md) as texts."""


def expand(record):
    """(text, text_pair or None) of a record; [unit, count] stands for a repeated unit."""
    text = record["text"] if "text" in record else _repeat(record["text_repeat"])
    if "text_pair_repeat" in record:
        return text, _repeat(record["text_pair_repeat"])
    return text, record.get("text_pair")


def _repeat(unit_and_count):
    unit, count = unit_and_count
    return unit * count
