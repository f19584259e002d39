"""The documentation says what is so: its tables, its links, its commands."""

import re
import subprocess
import sys

import pytest

import programs

PAGES = sorted(path for pattern in ("*.md", "docs/**/*.md", "tests/**/*.md", "tools/**/*.md", "models/**/*.md", "examples/**/*.md") for path in programs.ROOT.glob(pattern))


def test_the_configuration_page_is_what_the_programs_say():
    tool = programs.ROOT / "tools/configuration_doc.py"
    result = subprocess.run([sys.executable, tool, programs.BINARIES, "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_the_page_of_clients_has_every_call_and_passed():
    sections = re.split(r"^## ", (programs.ROOT / "docs/dialects/conformance.md").read_text(), flags=re.MULTILINE)[1:]
    by_file = {}
    for section in sections:
        file = re.search(r"`(tests/e2e/\w+\.py)`", section)[1]
        for call, outcome in re.findall(r"^\| (.+) \| \d+ \| (.+) \|$", section, re.MULTILINE):
            assert outcome == "passed", call
            by_file.setdefault(file, set()).add(call)
    for file, calls in by_file.items():
        functions = re.findall(r"^ *def test_(\w+)\(", (programs.ROOT / file).read_text(), re.MULTILINE)
        assert {function.replace("_", " ") for function in functions} == calls, f"{file}: write the page again with tools/conformance_doc.py"


def test_variables_named_in_the_readme_exist():
    known = (programs.ROOT / "docs/configuration.md").read_text()
    readme = (programs.ROOT / "README.md").read_text()
    for name in set(re.findall(r"`((?:VERDICT|SM|SAGEMAKER)_[A-Z_]+)`", readme)):
        assert name in known, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(programs.ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def assert_as_printed(answer, printed):
    """Equal, but for the last decimals of a probability, which depend on the processor."""
    number = re.compile(r"0\.\d+")
    assert number.sub("P", answer) == number.sub("P", printed)
    assert [float(n) for n in number.findall(answer)] == pytest.approx([float(n) for n in number.findall(printed)], abs=1e-5)


def test_the_readmes_requests_work_as_printed(service, gateway):
    readme = (programs.ROOT / "README.md").read_text()
    curl = re.search(r"^curl -s .*$", readme, re.M)[0].replace("localhost:8080", f"127.0.0.1:{gateway.port}")
    answer = subprocess.run(["bash", "-c", curl], check=True, capture_output=True, text=True, cwd=programs.ROOT).stdout
    assert_as_printed(answer, re.search(r"```json\n(.*?)\n```", readme, re.S)[1])
    grpcurl = re.search(r"^scripts/grpcurl.sh .*$", readme, re.M)[0].replace("localhost:50051", f"127.0.0.1:{service.port}")
    answer = subprocess.run(["bash", "-c", grpcurl], check=True, capture_output=True, text=True, cwd=programs.ROOT).stdout
    assert '"label": "lost_or_stolen_card"' in answer


def test_the_example_of_records_is_answered_as_printed(gateway):
    page = (programs.ROOT / "docs/dialects/batch_transform.md").read_text()
    command, printed = re.search(r"```\n(printf .*?)\n```\n```\n(.*?)\n```", page, re.S).groups()
    command = command.replace("localhost:8080", f"127.0.0.1:{gateway.port}")
    answer = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout
    assert_as_printed(answer.strip(), printed.strip())


@pytest.mark.parametrize("command, said", [("inspect", "lost_or_stolen_card"), ("verify", "passed")])
def test_the_readmes_commands_work_as_printed(command, said):
    readme = (programs.ROOT / "README.md").read_text()
    line = re.search(rf"^build/release/bin/verdict-service {command} .*$", readme, re.M)[0]
    line = line.replace("build/release/bin", str(programs.BINARIES))
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=programs.ROOT)
    assert result.returncode == 0, result.stderr
    assert said in result.stdout


def test_inspect_prints_what_the_page_shows():
    page = (programs.ROOT / "docs/your_model.md").read_text()
    command, shown = re.search(r"`(verdict-service inspect \S+)` begins with:\n\n```\n(.*?)```", page, re.S).groups()
    result = subprocess.run(command.replace("verdict-service", str(programs.BINARIES / "verdict-service")).split(), capture_output=True, text=True, cwd=programs.ROOT)
    assert result.returncode == 0, result.stderr
    memory = re.compile(r"\d+ MB (?=resident|at most)")
    assert memory.sub("M MB ", result.stdout).startswith(memory.sub("M MB ", shown))


def test_the_request_for_windows_is_answered(service):
    page = (programs.ROOT / "docs/your_model.md").read_text()
    command = re.search(r"^scripts/grpcurl.sh .*$", page, re.M)[0].replace("localhost:50051", f"127.0.0.1:{service.port}")
    answer = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, cwd=programs.ROOT).stdout
    assert '"windows": 3' in answer and answer.count('"first_token"') == 2  # that of the first is 0, which JSON leaves out


# A family and lines that its inspection prints: each kind of tokenizer, both kinds of files.
@pytest.mark.parametrize("family, lines", [
    ("albert", ["tokenizer       AlbertTokenizer from the files of its class", 'Replace "``" by "\\"", ', "NFKD, StripAccents, Lowercase, Precompiled",
                "  pre_tokenizer WhitespaceSplit, Metaspace \u2581 (prepend always)", "  model         Unigram", "  pair          [CLS] A [SEP] B [SEP]"]),
    ("deberta_v2", ["  normalizer    Lowercase, Replace /\\s{2,}|[\\n\\r\\t]/ by \" \", NFC, Strip right", "Punctuation (Isolated), Metaspace \u2581 (prepend always)"]),
    ("modernbert", ["tokenizer       TokenizersBackend from tokenizer.json", "  normalizer    NFC", "ByteLevel (GPT-2's expression)", "BPE over bytes"]),
    ("roberta", ["tokenizer       RobertaTokenizer from the files of its class", "  normalizer    none", "  text          <s> A </s>", "  pair          <s> A </s> </s> B </s>"]),
])
def test_inspect_names_the_steps_of_the_tokenizer(family, lines):
    result = subprocess.run([programs.BINARIES / "verdict-service", "inspect", programs.ROOT / "tests/golden/families" / family], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for line in lines:
        assert line in result.stdout
