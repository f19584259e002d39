#!/usr/bin/env python3
"""Writes the tables of docs/metrics.md from what /metrics of a running `serve` says.

    curl -s localhost:8080/metrics | tools/metrics_doc.py [--check]

--check writes nothing and fails when the page differs from what would be written.
"""

import argparse
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs/metrics.md"
BEGIN, END = "<!-- tools/metrics_doc.py writes from here -->\n", "<!-- to here -->\n"
GROUPS = [("verdict_gateway_", "Of the gateway"), ("verdict_service_", "Of the service"), ("", "Of both, by `process`")]
LABELS_WITHOUT_SERIES = {"verdict_certificate_expiry_timestamp_seconds": ["process"]}  # there where there is a certificate


def families(text):
    """(name, type, labels, help) of each metric of Prometheus' text format, in its order."""
    found = {}
    for line in text.splitlines():
        if head := re.match(r"# (HELP|TYPE) (\S+) (.*)", line):
            found.setdefault(head[2], {"labels": LABELS_WITHOUT_SERIES.get(head[2])})[head[1]] = head[3]
        elif sample := re.match(r"(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? \S+$", line):
            family = found.get(sample[1]) or found[line.split("{")[0].split()[0]]
            labels = re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', sample[2] or "")
            if family["labels"] is None:
                family["labels"] = [label for label in labels if label != "le"]
    return [(name, family["TYPE"], family["labels"] or [], family["HELP"]) for name, family in found.items()]


def tables(text):
    left, parts = families(text), []
    for prefix, title in GROUPS:
        rows = [family for family in left if family[0].startswith(prefix)]
        left = [family for family in left if family not in rows]
        parts += [f"### {title}", "| metric | type | labels | |", "|---|---|---|---|"]
        parts += [f"| `{name}` | {kind} | {' '.join(f'`{label}`' for label in labels)} | {what.replace('|', chr(92) + '|')} |"
                  for name, kind, labels, what in rows]
        parts.append("")
    return "\n".join(parts[:-1]) + "\n"


def page(old, text):
    before, rest = old.split(BEGIN)
    return before + BEGIN + tables(text) + END + rest.split(END)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    old = PAGE.read_text()
    new = page(old, sys.stdin.read())
    if not arguments.check:
        PAGE.write_text(new)
    elif new != old:
        sys.exit(f"{PAGE.name} is not what /metrics says; run curl -s localhost:8080/metrics | tools/metrics_doc.py")


if __name__ == "__main__":
    main()
