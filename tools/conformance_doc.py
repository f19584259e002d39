"""Writes docs/dialects/conformance.md, every call of the clients that people have and what became of it, from the report of the end-to-end tests:

    scripts/test.sh e2e && python3 tools/conformance_doc.py build/end-to-end.xml
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/dialects/conformance.md"
HEAD = """<!-- Written by tools/conformance_doc.py -->
# Clients and their calls

What `tests/e2e` does to the real programs with the clients that people have, installed from their registries, or, where a contract has no client of its own, with requests as its callers
send them. Where a call is made in several ways, the second column says in how many.
"""
# (tests, who calls, the package that is pinned in tests/e2e/requirements.txt)
CLIENTS = [
    ("sagemaker_client_test", "boto3's `sagemaker-runtime`, through a shim of the platform's paths", "boto3"),
    ("mlflow_test", "MLflow's scoring client", "mlflow-skinny"),
    ("dialects_hf_test.TestHuggingFaceHub", "Hugging Face's hub client", "huggingface-hub"),
    ("dialects_hf_test.TestHuggingFaceToolkit", "Callers of Hugging Face's inference toolkit", None),
    ("dialects_hf_test", "Callers of Hugging Face's hosted API", None),
    ("dialects_hf_test.TestTextEmbeddingsInference", "Callers of text-embeddings-inference", None),
    ("dialects_hf_test.TestTorchServe", "Callers of TorchServe", None),
    ("dialects_hf_test.TestKServe", "Callers of KServe v1 and Vertex AI", None),
    ("open_inference_test", "Triton's client, over HTTP", "tritonclient"),
    ("open_inference_grpc_test", "Triton's client and grpcurl, over gRPC", "tritonclient"),
    ("sentiment_test", "Callers of the sentiment service", None),
    ("grpc_test", "Generated stubs, grpcurl, health and reflection", "grpcio"),
    ("stream_test", "Generated stubs: streams, rich errors, retries", "grpcio"),
    ("examples_test", "The examples in C++, Python and Go", None),
]


def outcomes(report):
    """By class and function, in the report's order: [outcome of each way of the call]."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        outcome = next((name for tag, name in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")) if case.find(tag) is not None), "passed")
        found[case.get("classname")][case.get("name").partition("[")[0]].append(outcome)
    return found


def result(ways):
    counts = collections.Counter(ways)
    return "passed" if set(counts) == {"passed"} else ", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "skipped") if counts[name])


def page(found, pinned):
    """Raises KeyError for tests that are not in the report."""
    parts = [HEAD]
    for name, who, package in CLIENTS:
        if name not in found:
            raise KeyError(f"the report has no {name}")
        version = f" ({package} {pinned[package]})" if package else ""
        parts += [f"## {who}{version}", f"`tests/e2e/{name.partition('.')[0]}.py`", "", "| call | ways | result |", "|---|---:|---|"]
        parts += [f"| {function.removeprefix('test_').replace('_', ' ')} | {len(ways)} | {result(ways)} |" for function, ways in found[name].items()]
        parts.append("")
    return "\n".join(parts)


def versions(requirements):
    return dict(re.findall(r"^([A-Za-z0-9_-]+)(?:\[[^]]*\])?==(\S+)$", requirements, re.MULTILINE))


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    PAGE.write_text(page(outcomes(arguments[0]), versions((ROOT / "tests/e2e/requirements.txt").read_text())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
