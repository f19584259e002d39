"""Writes the table of faults into docs/reliability.md from what their tests have measured:

    pytest … tests/e2e/faults_test.py tests/e2e/faults_network_test.py && python3 tools/faults_doc.py
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- faults: written by tools/faults_doc.py -->", "<!-- end of faults -->"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(rows):
    """The rows by fault, as Markdown."""
    lines = ["| fault | what a client sees | what is logged | all is well again after |", "|---|---|---|---|"]
    lines += [f"| {cell(fault)} | {cell(row['client'])} | {cell(row['logged'])} | {cell(row['recovery'])} |" for fault, row in rows.items()]
    return "\n".join(lines)


def replaced(page, rows):
    """The page with a new table between the two marks. Raises ValueError where they are missing."""
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n{table(rows)}\n{END}", page)


def main():
    rows = json.loads((ROOT / "build/faults.json").read_text())
    page = ROOT / "docs/reliability.md"
    page.write_text(replaced(page.read_text(), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
