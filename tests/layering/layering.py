"""Checks the #include lines of the C++ sources against the dependency rule, because headers in /usr/include compile from anywhere;
and that nothing is decided by the wall clock.

    layering.py ROOT        one line per violation, `file:line: what is wrong`; exit status 1 when there is any

The tables below are the rule. Python's standard library is all it takes.
"""

import pathlib
import re
import sys
from typing import Iterable, Iterator, NamedTuple

SERVICE = "services/classifier"
BESIDE = ["text", "model", "batching", "routing", "cache", "metrics", "observers"]  # built on api, and knowing nothing of each other

# What a folder may include from this repository, besides its own files. A row names folders with all below them. The longest row that
# a file falls under is its own; a folder without a row is a mistake.
# Folders under tests/ and bench/ cross all others and are included by none.
FOLDERS = {
    "common": [],
    "process": ["common"],
    "telemetry": ["common", "metrics", "telemetry"],
    "security": ["common", "metrics"],
    "metrics": ["common", "process"],
    f"{SERVICE}/api": ["common", "telemetry"],
    **{f"{SERVICE}/{name}": ["common", "telemetry", f"{SERVICE}/api"] for name in BESIDE},
    f"{SERVICE}/metrics": ["common", "metrics", "telemetry", f"{SERVICE}/api"],
    f"{SERVICE}/kernels": [],
    f"{SERVICE}/engine": ["common", *(f"{SERVICE}/{name}" for name in ["api", "kernels", *BESIDE])],
    f"{SERVICE}/torchscript": ["common", *(f"{SERVICE}/{name}" for name in ["api", "model", "engine"])],
    f"{SERVICE}/repository": ["common", "process", "telemetry", *(f"{SERVICE}/{name}" for name in ["api", *BESIDE, "engine"])],
    f"{SERVICE}/rpc": ["common", "security", "telemetry", *(f"{SERVICE}/{name}" for name in ["api", *BESIDE, "engine", "repository"])],
    SERVICE: ["common", "process", "metrics", "security", "telemetry", SERVICE],
    "gateway/client": ["common", "security", "telemetry"],
    "gateway/http": ["common", "security", "telemetry"],
    "gateway/supervisor": ["common"],
    "gateway/metrics": ["common", "metrics", "telemetry", "gateway/client", "gateway/http"],
    "gateway/json": ["common", "gateway/http"],
    "gateway/records": ["common", "gateway/client", "gateway/http", "gateway/json"],
    "gateway/openapi": ["common", "gateway/http"],
    "gateway/dialects": ["common", "gateway/client", "gateway/http", "gateway/json", "gateway/records", "gateway/openapi"],
    "gateway": ["common", "process", "metrics", "security", "telemetry", "gateway"],
    "tests": ["common", "process", "metrics", "security", "telemetry", "services", "gateway", "tests"],
    "bench": ["common", "process", "metrics", "security", "telemetry", "services", "gateway", "tests/support"],
}
# Test files beside the code may also use these.
FOR_TEST_FILES = ["tests/support", "gateway/testing", "gateway/http/testing", "security/testing"]


class Confined(NamedTuple):
    """Headers that belong in few places."""

    what: str
    header: str  # pattern of the included path
    allowed: str  # pattern of the including file's path


LIBTORCH = r"(torch|ATen|c10|caffe2)/"

CONFINED = [
    Confined("LibTorch headers belong in services/classifier/torchscript", LIBTORCH, rf"{SERVICE}/torchscript/[^/]*|(tests|bench)/.*\.cc"),
    Confined("processor intrinsics belong in services/classifier/kernels", r".*intrin\.h", rf"{SERVICE}/kernels/.*"),
    Confined("sentencepiece cannot share a process with protobuf (docs/adr/2026-11-21-one-provider-for-protobuf-and-abseil.md)",
             r"sentencepiece_", r"(?!)"),
    Confined("OTLP belongs in telemetry", r"telemetry/otlp/.*|opentelemetry/.*", r"telemetry/.*|tests/.*"),
    Confined("socket headers belong in gateway/http, telemetry/otlp, metrics/metrics_listener.cc and process/accept_guard.cc",
             r"boost/(beast|asio)|sys/(socket|epoll)\.h|netinet/|arpa/inet\.h|netdb\.h", r"gateway/http/.*|telemetry/otlp/.*|metrics/metrics_listener\.cc|process/accept_guard\.cc|gateway/.*_test\.cc|.*/testing/.*|(tests|bench)/.*"),
    Confined("child processes belong in gateway/supervisor",
             r"boost/process|spawn\.h|sys/wait\.h", r"gateway/supervisor/.*|.*_test\.cc|tests/.*"),
    Confined("OpenSSL belongs in security/ and in the gateway's http/tls files", r"openssl/",
             r"security/.*|gateway/http/tls_[^/]*|(tests|bench)/.*"),
    Confined("generated stubs and gRPC belong in rpc/, client/, telemetry/otlp, the service's server, common/grpc_status and process/libraries",
             r".*\.pb\.h|grpc(pp)?/|google/protobuf/",
             rf"{SERVICE}/rpc/.*|{SERVICE}/server(_test)?\.(h|cc)|gateway/(client|testing)/.*|telemetry/otlp/.*|(common/grpc_status|process/libraries)(_test)?\.(h|cc)|(tests|bench)/.*"),
    Confined("GoogleTest belongs in test files", r"g(test|mock)/", r".*_test\.cc|.*/testing/.*|tests/.*"),
]

# The wall clock may be set at any time; what is decided by it then is wrong. common/steady_clock.h has the other one.
WALL_CLOCK = re.compile(r"absl::Now\b|system_clock::now\b|\bgettimeofday\b|CLOCK_REALTIME")
MAY_TELL_THE_TIME = re.compile(rf"common/(steady_clock|logging)\.cc|security/wall_clock\.cc|{SERVICE}/repository/load_model\.cc|.*_test\.cc|.*/testing/.*|(tests|bench)/.*")

MOST_LINES = 400  # of a .cc file that no program generated
MOST_COMMON_UNITS = 10

INCLUDE = re.compile(r'\s*#\s*include\s*(?P<open>[<"])(?P<path>[^">]+)[">]')
GENERATED = "// Generated by "


def folder_row(path: str) -> str | None:
    """The row of FOLDERS that a file or header falls under."""
    rows = [row for row in FOLDERS if path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def is_ours(header: str) -> bool:
    return header.split("/")[0] in {row.split("/")[0] for row in FOLDERS}


def check_folders(file: str, header: str) -> str | None:
    row = folder_row(file)
    if row is None:
        return "this folder has no row in tests/layering/layering.py"
    if not is_ours(header):
        return None
    allowed = FOLDERS[row] + (FOR_TEST_FILES if file.endswith("_test.cc") else [])
    if folder_row(header) == row or any(header.startswith(folder + "/") for folder in allowed):
        return None
    return f"{row} must not include {header}"


def check_spelling(quote: str, header: str) -> str | None:
    if quote == '"' and (header.startswith(".") or "/" not in header):
        return f'spell "{header}" from the root of the repository'
    return None


def check_confined(file: str, header: str) -> Iterator[str]:
    for rule in CONFINED:
        if re.match(rule.header, header) and not re.fullmatch(rule.allowed, file):
            yield f"{rule.what}, not {header} here"


def includes(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.match(line):
            yield number, match["open"], match["path"]


def check_file(file: str, text: str) -> Iterator[str]:
    for number, quote, header in includes(text):
        for problem in [check_spelling(quote, header), check_folders(file, header), *check_confined(file, header)]:
            if problem:
                yield f"{file}:{number}: {problem}"
    if not MAY_TELL_THE_TIME.fullmatch(file):
        for number, line in enumerate(text.splitlines(), start=1):
            if WALL_CLOCK.search(line.partition("//")[0]):
                yield f"{file}:{number}: reckon by SteadyNow(); only what tells people the time asks the wall clock"
    lines = text.count("\n")
    if file.endswith(".cc") and lines > MOST_LINES and not text.startswith(GENERATED):
        yield f"{file}:{MOST_LINES + 1}: {lines} lines; a .cc file has at most {MOST_LINES}"


def check_common(sources: dict[str, str]) -> Iterator[str]:
    units = sorted(file for file in sources if re.fullmatch(r"common/[^/]*\.h", file))
    for file in units[MOST_COMMON_UNITS:]:
        yield f"{file}:1: common has {len(units)} units; {MOST_COMMON_UNITS} are the limit"


def check_tree(root: pathlib.Path) -> list[str]:
    sources = {}
    for top in sorted({row.split("/")[0] for row in FOLDERS}):
        for path in sorted([*(root / top).rglob("*.h"), *(root / top).rglob("*.cc")]):
            sources[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
    if not sources:
        return [f"{root}: no C++ source found"]
    problems = [problem for file, text in sources.items() for problem in check_file(file, text)]
    return [*problems, *check_common(sources)]


def main(arguments: Iterable[str]) -> int:
    roots = list(arguments)
    if len(roots) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check_tree(pathlib.Path(roots[0]))
    print("\n".join(problems) or "every #include obeys the dependency rule")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
