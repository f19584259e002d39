"""The benchmarks run, and say what their readers read."""

import json
import subprocess

import grpc
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


def test_the_service_behind_the_gateways_answers_every_text(stubs):
    with programs.Program("gateway_bench_service", "--grpc-listen", "127.0.0.1:0") as service:
        port = service.await_log("ready")["port"]
        with programs.gateway(port) as gateway:
            http_port = gateway.await_log("listening")["port"]
            programs.await_ping(http_port)
            with programs.Http(http_port) as connection:
                status, _, body = connection.classify(TEXTS[0])
                assert (status, json.loads(body)["prediction"]["label"]) == (200, "lost_or_stolen_card")
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            messages = stubs("classifier_pb2")
            request = messages.ClassifyRequest(inputs=[messages.TextInput(text=text) for text in TEXTS])
            response = stubs("classifier_pb2_grpc").ClassifierStub(channel).Classify(request, timeout=30)
            assert len(response.results) == len(TEXTS)
        assert service.stop() == 0
