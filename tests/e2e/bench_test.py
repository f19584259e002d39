"""The benchmarks run, and say what their readers read."""

import json
import subprocess

import pytest

import programs

TEXTS = ["I lost my card yesterday", "Why was I charged a fee?", "exchange rate"]


@pytest.fixture
def bench(tmp_path):
    """Runs engine_bench on the demo model; what it printed."""
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS) + "\n")

    def run(*options):
        command = [programs.BINARIES / "engine_bench", programs.MODEL, texts, "--repeats", "1", *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return run


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_engine_bench_measures_every_precision(bench, precision):
    found = json.loads(bench("--precision", precision))
    assert found["precision"] == precision
    assert found["texts"] == len(TEXTS)
    assert found["token_pairs"] > found["tokens"] > 0
    for figure in ("texts_per_second", "median_ms", "ms_16", "limit_gflops", "load_ms"):
        assert found[figure] > 0, figure


def test_engine_bench_shows_where_the_time_goes(bench):
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in bench("--profile").splitlines()]
    shares = {cells[0]: float(cells[1].rstrip(" %")) for cells in lines[2:]}
    assert {"attention: softmax", "layer norm", "embeddings", "product 128 x 512"} <= shares.keys()
    assert shares.pop("all") == 100
    assert sum(shares.values()) == pytest.approx(100, abs=1)


def test_kernels_benchmark_states_the_limit():
    command = [programs.BINARIES / "kernels_benchmark", "--benchmark_filter=fp32/generic/attention.*/rows:1$", "--benchmark_min_time=0.001",
               "--benchmark_format=json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    (one,) = found["benchmarks"]
    assert 0 < one["FLOP/s"] < 2 * one["limit"]
