"""Several models in one process: by name, in a cascade, loaded and unloaded on request, within a memory limit, and late."""

import json
import pathlib
import shutil
import signal

import grpc
import pytest

import programs

STOLEN = "I lost my card yesterday and need a new one"
ANOTHER = "what is the exchange rate for euros"


def copy_model(folder, name):
    """A copy of the model directory, as a platform puts it there."""
    to = pathlib.Path(folder) / name
    shutil.copytree(programs.MODEL, to)
    return to


def start(*arguments, environment=None):
    return programs.Program("verdict-service", "--grpc-listen=127.0.0.1:0", "--threads=1", *arguments, environment=environment)


class Client:
    """The service's RPCs, over a channel of its own."""

    def __init__(self, port, stubs):
        self.messages, self.models = stubs("classifier_pb2"), stubs("models_pb2")
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.classifier = stubs("classifier_pb2_grpc").ClassifierStub(self.channel)
        self.admin = stubs("models_pb2_grpc").ModelsStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def classify(self, *texts, model=""):
        inputs = [self.messages.TextInput(text=text) for text in texts]
        return self.classifier.Classify(self.messages.ClassifyRequest(model=model, inputs=inputs), timeout=30)

    def load(self, name, path):
        return self.admin.LoadModel(self.models.LoadModelRequest(name=name, path=str(path)), timeout=60)

    def unload(self, name):
        return self.admin.UnloadModel(self.models.UnloadModelRequest(name=name), timeout=60)

    def names(self):
        return [model.name for model in self.admin.ListModels(self.models.ListModelsRequest(), timeout=30).models]


def code_of(call, *arguments, **named):
    """The status code that a call fails with, and its message."""
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments, **named)
    return raised.value.code(), raised.value.details()


@pytest.fixture
def running(stubs):
    """Starts a service and connects to it once it is ready: running(arguments…) -> program, client."""
    programs_, clients = [], []

    def run(*arguments, **named):
        program = start(*arguments, **named)
        programs_.append(program)
        client = Client(program.await_log("ready")["port"], stubs)
        clients.append(client)
        return program, client

    yield run
    for client in clients:
        client.__exit__()
    for program in programs_:
        program.__exit__()


def test_two_models_by_name(running, tmp_path):
    copy_model(tmp_path, "b")
    copy_model(tmp_path, "a")
    program, client = running(f"--models-dir={tmp_path}")
    assert client.names() == ["a", "b"]
    assert client.classify(STOLEN).model == "a"
    assert client.classify(STOLEN, model="b").model == "b"
    assert code_of(client.classify, STOLEN, model="c")[0] == grpc.StatusCode.NOT_FOUND
    ready = [entry["model"] for entry in program.log if entry["message"] == "ready"]
    assert ready == ["a", "b"]
    assert program.stop() == 0


def test_models_of_the_environment(running, tmp_path):
    models = f"x={copy_model(tmp_path, 'one')},y={copy_model(tmp_path, 'two')}"
    _, client = running(environment={"VERDICT_MODELS": models, "VERDICT_DEFAULT_MODEL": "y"})
    assert client.classify(STOLEN).model == "y"


def test_a_cascade_answers_in_one_call(running, tmp_path):
    models = f"--models=general={copy_model(tmp_path, 'general')},low_volume={copy_model(tmp_path, 'low_volume')}"
    _, plain = running(models)
    label = plain.classify(STOLEN).results[0].labels[0].label
    other = plain.classify(ANOTHER).results[0].labels[0]
    assert other.label != label
    cascade = tmp_path / "cascade.json"
    cascade.write_text(json.dumps({"name": "router", "fallback_label": 360001, "steps": [
        {"model": "general", "pass_on_labels": [label]}, {"model": "low_volume", "pass_on_below": 1.0}]}))
    _, client = running(models, f"--cascade={cascade}")
    response = client.classify(STOLEN, ANOTHER)
    outcomes = client.messages.CascadeOutcome
    assert response.model == "router"
    fallback, answered = response.results
    assert answered.labels[0].label == other.label
    assert answered.labels[0].score == other.score
    assert [step.outcome for step in answered.cascade_steps] == [outcomes.Value("CASCADE_OUTCOME_ANSWERED")]
    assert fallback.labels[0].label == "360001"
    assert 0 <= fallback.labels[0].score <= 1
    assert [(step.model, step.label, step.outcome) for step in fallback.cascade_steps] == [
        ("general", label, outcomes.Value("CASCADE_OUTCOME_PASSED_ON_BY_LABEL")),
        ("low_volume", label, outcomes.Value("CASCADE_OUTCOME_PASSED_ON_BY_SCORE")),
        ("", "360001", outcomes.Value("CASCADE_OUTCOME_FALLBACK"))]
    assert client.classify(STOLEN, model="general").results[0].labels[0].label == label
    assert client.names() == ["general", "low_volume", "router"]


def test_a_cascade_without_its_second_model(running, tmp_path):
    cascade = '{"name": "router", "steps": [{"model": "general", "pass_on_below": 1.0}, {"model": "low_volume"}], "fallback_label": "9"}'
    _, client = running(f"--models=general={copy_model(tmp_path, 'general')}", environment={"VERDICT_CASCADE": cascade})
    result = client.classify(STOLEN).results[0]
    assert result.labels[0].label == "9"
    assert result.cascade_steps[1].outcome == client.messages.CascadeOutcome.Value("CASCADE_OUTCOME_NOT_LOADED")


def test_load_list_invoke_unload(running, tmp_path):
    program, client = running(f"--models-root={tmp_path}", environment={"SAGEMAKER_MULTI_MODEL": "true"})
    assert client.names() == []
    assert code_of(client.classify, STOLEN)[0] == grpc.StatusCode.NOT_FOUND
    nested = copy_model(tmp_path / "a", "model")
    model = client.load("a", tmp_path / "a")
    assert (model.name, model.path) == ("a", str(nested.resolve()))
    assert code_of(client.load, "a", tmp_path / "a")[0] == grpc.StatusCode.ALREADY_EXISTS
    assert code_of(client.load, "b", tmp_path / "b")[0] == grpc.StatusCode.NOT_FOUND
    assert code_of(client.load, "b", tmp_path / ".." / "b")[0] == grpc.StatusCode.PERMISSION_DENIED
    assert code_of(client.load, "b", "/etc")[0] == grpc.StatusCode.PERMISSION_DENIED
    assert code_of(client.load, "", tmp_path / "a")[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert client.names() == ["a"]
    assert client.classify(STOLEN, model="a").model == "a"
    client.unload("a")
    assert code_of(client.unload, "a")[0] == grpc.StatusCode.NOT_FOUND
    assert code_of(client.classify, STOLEN, model="a")[0] == grpc.StatusCode.NOT_FOUND
    assert client.names() == []
    assert program.stop() == 0


def anonymous_memory(program):
    """What the process holds beside mapped files, in bytes."""
    status = pathlib.Path(f"/proc/{program.process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:"))


def test_models_beyond_the_memory_are_refused(running, tmp_path):
    directories = [copy_model(tmp_path, str(i)) for i in range(20)]
    on_request = ["--multi-model=true", f"--models-root={tmp_path}"]
    first, probe = running(*on_request)
    before = anonymous_memory(first)
    one = probe.load("0", directories[0]).memory_bytes
    limit = int((before + 8.6 * one) / 0.95)  # a twentieth is kept free, and loading takes a little more than the model
    program, client = running(*on_request, f"--memory-limit-bytes={limit}")
    loaded, refused = [], []
    for i, directory in enumerate(directories):
        try:
            client.load(str(i), directory)
            loaded.append(str(i))
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "left" in error.details()
            refused.append(str(i))
    assert 4 <= len(loaded) <= 9, "about 8; sanitizers take memory of their own"
    client.unload(loaded[0])
    assert client.load("again", directories[int(refused[0])]).name == "again"
    for name in loaded[1:]:
        assert client.classify(STOLEN, model=name).model == name
    for name in client.names():
        client.unload(name)
    assert client.names() == []
    assert anonymous_memory(program) < limit
    assert program.process.poll() is None


def test_a_tight_limit_refuses_the_second(running, tmp_path):
    directories = [copy_model(tmp_path, name) for name in ("a", "b")]
    _, probe = running("--multi-model=true", f"--models-root={tmp_path}")
    estimate = probe.load("a", directories[0]).memory_bytes
    _, client = running("--multi-model=true", f"--models-root={tmp_path}", f"--memory-limit-bytes={estimate // 2}")
    code, message = code_of(client.load, "b", directories[1])
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "does not fit into memory" in message


def test_a_model_that_appears_later(stubs, tmp_path):
    directory = tmp_path / "late"
    with start(f"--model-dir={directory}", "--model-retry-ms=50", "--log-level=debug") as program:
        entry = program.await_log("not ready: a model cannot be loaded yet")
        assert str(directory) in entry["error"]
        staged = copy_model(tmp_path, "staged")
        staged.rename(directory)
        port = program.await_log("ready")["port"]
        assert len([entry for entry in program.log if entry["message"].startswith("not ready")]) == 1
        with Client(port, stubs) as client:
            assert client.classify(STOLEN).model == "default"
        assert program.stop() == 0


def test_a_signal_ends_the_wait_for_a_model(tmp_path):
    with start(f"--model-dir={tmp_path / 'never'}", "--model-retry-ms=20") as program:
        program.await_log("not ready: a model cannot be loaded yet")
        program.signal(signal.SIGTERM)
        assert program.wait() == 0


def test_without_a_retry_the_start_fails_and_names_the_model(tmp_path):
    with start(f"--models=a={tmp_path / 'nothing'},b={programs.MODEL}") as program:
        entry = program.await_log("cannot start")
        assert 'model "a"' in entry["error"]
        assert program.wait() == 1
