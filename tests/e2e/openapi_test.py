"""GET /openapi.json is valid, and true: what it shows is answered as it says, and nothing that it allows breaks the gateway."""

import json
import time

import hypothesis
import openapi_spec_validator
import pytest
import schemathesis
from schemathesis.checks import CheckContext  # noqa: F401  (its import registers the checks)
from schemathesis.generation import GenerationMode

import programs
from openapi import Document

PROPERTY_SECONDS = 75.0  # for the property-based run, over all operations


@pytest.fixture(scope="module")
def served():
    """The port of programs of its own: what is tried here may load and unload models."""
    with programs.serve() as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


@pytest.fixture(scope="module")
def document(served):
    with programs.Http(served.port) as connection:
        status, headers, body = connection.send("GET", "/openapi.json")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    return Document(json.loads(body))


def test_the_document_is_valid(document):
    openapi_spec_validator.validate(document.document, cls=openapi_spec_validator.OpenAPIV31SpecValidator)


def test_the_examples_are_what_their_schemas_say(document, subtests):
    """Those of requests that are refused show what is wrong, and need not."""
    for path, method, operation in document.operations:
        contents = [("request", document.resolve(operation.get("requestBody", {})).get("content", {}))]
        contents += [(status, document.resolve(response).get("content", {})) for status, response in operation["responses"].items()]
        for where, content in contents:
            for media_type, media in content.items():
                if not media_type.endswith("json"):
                    continue
                examples = {**media.get("examples", {}), **({"": {"value": media["example"]}} if "example" in media else {})}
                for name, example in examples.items():
                    if example.get("x-status", 200) < 400:
                        with subtests.test(f"{method} {path} {where} {name}"):
                            document.validate(media["schema"], example["value"])


def test_every_example_is_answered_as_documented(document, served, subtests):
    tried = 0
    for path, method, operation in document.operations:
        for name, media_type, body, expected in document.requests(operation):
            with subtests.test(f"{method} {path} {name}"), programs.Http(served.port) as connection:
                headers = {**document.headers(operation), **({"Content-Type": media_type} if media_type else {})}
                status, answered, answer = connection.send(method.upper(), document.path(path, operation), body, **headers)
                assert status == expected, answer[:300]
                document.check_answer(operation, status, answered, answer)
                tried += 1
    assert tried >= len(document.operations)


@pytest.mark.parametrize("request_line, status", [("GET /nothing", 404), ("DELETE /invocations", 405), ("GET /docs/other.js", 404)])
def test_what_no_route_answers_is_a_problem(document, served, request_line, status):
    method, path = request_line.split()
    with programs.Http(served.port) as connection:
        answer = connection.send(method, path)
    assert answer[0] == status
    document.validate({"$ref": "#/components/schemas/Problem"}, json.loads(answer[2]))


def is_broken(case, status):
    """A caller that gives the gateway a millisecond gets a 504, and one whose model does not fit a 507; that is as it should be."""
    own_doing = (status == 504 and "x-request-timeout-ms" in case.headers) or status == 507
    return status >= 500 and not own_doing


def try_operation(document, port, operation, mode, until):
    """Sends what the document allows, and what it does not; returns how many requests were answered."""
    tried = 0
    documented = next(entry for path, method, entry in document.operations if (path, method) == (operation.path, operation.method.lower()))

    @hypothesis.settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        nonlocal tried
        if time.monotonic() > until:
            return
        response = case.call(base_url=f"http://127.0.0.1:{port}", timeout=programs.STOP_TIMEOUT)
        assert not is_broken(case, response.status_code), response.content[:300]
        document.check_answer(documented, response.status_code, response.headers_dict, response.content)
        tried += 1
    run()
    return tried


def test_no_request_breaks_the_gateway(document, served, subtests):
    schema = schemathesis.openapi.from_dict(document.document)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == len(document.operations)
    tried = dict.fromkeys(GenerationMode, 0)
    share = PROPERTY_SECONDS / len(operations) / len(GenerationMode)
    for operation in operations:
        for mode in GenerationMode:
            with subtests.test(f"{operation.label}, {mode.value}"):
                try:
                    tried[mode] += try_operation(document, served.port, operation, mode, time.monotonic() + share)
                except hypothesis.errors.Unsatisfiable:
                    assert mode is GenerationMode.NEGATIVE, "the document allows no request at all"
    assert min(tried.values()) > 5 * len(operations), tried
    assert programs.ping(served.port) == 200
