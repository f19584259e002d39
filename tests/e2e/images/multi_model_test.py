"""A multi-model endpoint in a container whose memory holds some of the models only, driven as the platform drives it."""

import json

import pytest

import programs
import random_model
from images.docker import SERVICE, Container, docker

MODELS = 20
FITTING = 8  # how many the limit below holds
LIMIT_MB = 328
TEXT = "I lost my card yesterday, can I get a new one?"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of models as the platform lays them out; readable by the user of the container."""
    root = tmp_path_factory.mktemp("models")
    root.chmod(0o755)
    for i in range(MODELS):
        random_model.write_model(root / f"m{i:02}" / "model", seed=i)
    return root


@pytest.fixture
def endpoint(models):
    options = ["--env=SAGEMAKER_MULTI_MODEL=true", f"--volume={models}:/opt/ml/models:ro", f"--memory={LIMIT_MB}m", f"--memory-swap={LIMIT_MB}m"]
    with Container(SERVICE, "serve", model=None, options=options) as container:
        port = container.await_ready()  # 200 with no model at all
        with programs.Http(port) as connection:
            yield Endpoint(container, connection)


class Endpoint:
    def __init__(self, container, connection):
        self.container, self.connection = container, connection

    def call(self, method, path, body=None):
        status, _, answer = self.connection.send(method, path, None if body is None else json.dumps(body))
        return status, json.loads(answer) if answer else None

    def load(self, name):
        return self.call("POST", "/models", {"model_name": name, "url": f"/opt/ml/models/{name}/model"})

    def invoke(self, name):
        return self.call("POST", f"/models/{name}/invoke", {"text": TEXT})

    def loaded(self):
        return [model["modelName"] for model in self.call("GET", "/models")[1]["models"]]

    def resident_mb(self):
        """Of the service's process."""
        status = open(f"/proc/{self.container.processes()['verdict-service']}/status", encoding="utf-8").read()
        return int(status.split("VmRSS:")[1].split()[0]) / 1000

    def state(self):
        return json.loads(docker("inspect", "--format={{json .State}}", self.container.id).stdout)


def test_models_come_and_go_within_the_memory_that_there_is(endpoint, record_property):
    assert endpoint.call("GET", "/models") == (200, {"models": []})
    empty = endpoint.resident_mb()
    names = [f"m{i:02}" for i in range(MODELS)]
    loaded, refusals = [], 0
    for name in names:
        status, answer = endpoint.load(name)
        while status == 507:
            refusals += 1
            assert answer["type"] == "InsufficientMemoryException" and "memory" in answer["message"]
            oldest = loaded.pop(0)
            assert endpoint.call("DELETE", f"/models/{oldest}")[0] == 200
            assert endpoint.invoke(oldest)[0] == 404
            status, answer = endpoint.load(name)
        assert status == 200, answer
        loaded.append(name)
        assert endpoint.load(name)[0] == 409
        assert endpoint.invoke(name)[0] == 200
        assert endpoint.loaded() == sorted(loaded)
    full = endpoint.resident_mb()
    for name in loaded:
        assert endpoint.invoke(name)[0] == 200, "what stays loaded goes on answering"
        assert endpoint.call("GET", f"/models/{name}")[1] == {"modelName": name, "modelUrl": f"/opt/ml/models/{name}/model"}
    assert len(loaded) == FITTING and refusals == MODELS - FITTING
    for name in loaded:
        assert endpoint.call("DELETE", f"/models/{name}")[0] == 200
        assert endpoint.call("DELETE", f"/models/{name}")[0] == 404
    after = endpoint.resident_mb()
    for what, value in [("empty", empty), ("with all that fit", full), ("after unloading", after)]:
        record_property(f"resident MB, {what}", round(value, 1))
    print(f"resident: {empty:.1f} MB empty, {full:.1f} MB with {len(loaded)} models, {after:.1f} MB after unloading; {refusals} refusals")
    assert after < empty + 0.1 * (full - empty) + 5
    assert endpoint.loaded() == []
    assert endpoint.call("GET", "/ping")[0] == 200
    state = endpoint.state()
    assert state["Running"] and not state["OOMKilled"] and state["Pid"] > 0
    assert not any("killed" in line for line in endpoint.container.logs().splitlines()), "nor was the service alone killed"
