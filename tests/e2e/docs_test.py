"""The documentation says what is so: its tables, its links, its commands."""

import re
import subprocess
import sys

import pytest

import programs

PAGES = sorted(path for pattern in ("*.md", "docs/**/*.md", "tests/**/*.md", "tools/**/*.md", "models/**/*.md") for path in programs.ROOT.glob(pattern))


def test_the_configuration_page_is_what_the_programs_say():
    tool = programs.ROOT / "tools/configuration_doc.py"
    result = subprocess.run([sys.executable, tool, programs.BINARIES, "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


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


@pytest.mark.parametrize("command, said", [("inspect", "lost_or_stolen_card"), ("verify", "passed")])
def test_the_readmes_commands_work_as_printed(command, said):
    readme = (programs.ROOT / "README.md").read_text()
    line = re.search(rf"^build/release/bin/verdict-service {command} .*$", readme, re.M)[0]
    line = line.replace("build/release/bin", str(programs.BINARIES))
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=programs.ROOT)
    assert result.returncode == 0, result.stderr
    assert said in result.stdout
