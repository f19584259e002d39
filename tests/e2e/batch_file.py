"""Makes a JSON Lines file of about N megabytes with 37 bad records among good ones.

    batch_file.py MEGABYTES FILE        prints lines, bad records and bytes
"""

import json
import sys

BAD_RECORDS = 37
TEXTS = ["I lost my card yesterday, can I get a new one?", "How do I change my PIN?", "Where is my transfer? It should have arrived on Monday.",
         "Ma carte a été refusée au magasin", "ATM ate my card 🙂", "Why was I charged a fee for withdrawing cash abroad?"]
BAD = [b'{"text": 1}', b'{"text": "cut', b"nonsense", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"{}", b"[]", b'{"inputs": ["a"]}']


def lines(count):
    """`count` lines, the bad ones spread evenly; each with its line end."""
    bad = {round((i + 0.5) * count / BAD_RECORDS): BAD[i % len(BAD)] for i in range(BAD_RECORDS)}
    assert len(bad) == BAD_RECORDS, "too few lines for that many bad ones"
    for number in range(count):
        yield (bad.get(number) or json.dumps({"text": f"{TEXTS[number % len(TEXTS)]} ({number})"}, ensure_ascii=False).encode()) + b"\n"


def lines_for(size):
    """About how many lines have so many bytes."""
    sample = 10_000
    return max(1000, round(size * sample / sum(len(line) for line in lines(sample))))


def main(megabytes, path):
    count, size = lines_for(float(megabytes) * 1e6), 0
    with open(path, "wb") as file:
        for line in lines(count):
            size += file.write(line)
    print(f"{count} lines, {BAD_RECORDS} of them bad, {size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
