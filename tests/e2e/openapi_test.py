"""GET /openapi.json is valid, and true: what it shows is answered as it says, and nothing that it allows breaks the gateway."""

import json
import time
import unittest

import hypothesis
import jsonschema
import openapi_spec_validator
import pytest
import schemathesis
from schemathesis.generation import GenerationMode

import programs
from openapi import Document

PROPERTY_SECONDS = 75.0  # for the property-based run, over all operations


@pytest.fixture(scope="module")
def served():
    """The port of programs of its own: what is tried here may load and unload models."""
    environment = {"VERDICT_MODELS": f"default={programs.MODEL}", "VERDICT_MULTI_MODEL": "true"}
    with programs.serve(environment=environment) as program:
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
                            document.validate(media.get("schema", True), example["value"])


def test_every_example_is_answered_as_documented(document, served, subtests):
    tried = 0
    version = json.loads((programs.MODEL / "metadata.json").read_text())["version"]
    for path, method, operation in document.operations:
        for name, media_type, body, expected in document.requests(operation):
            with subtests.test(f"{method} {path} {name}"), programs.Http(served.port) as connection:
                headers = {**document.headers(operation), **({"Content-Type": media_type} if media_type else {})}
                status, answered, answer = connection.send(method.upper(), document.path(path, operation, version=version), body, **headers)
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


def complaint(document, operation, case, response):
    """What is wrong with the answer to a request; nothing where it is as documented."""
    request = f"{case.method} {case.formatted_path} {case.query} {dict(case.headers)} {str(case.body)[:300]}"
    # A caller that gives the gateway a millisecond gets a 504, and one whose model does not fit a 507; that is as it should be.
    own_doing = (response.status_code == 504 and "x-request-timeout-ms" in case.headers) or response.status_code == 507
    if response.status_code >= 500 and not own_doing:
        return f"{request}: {response.status_code} {response.content[:300]!r}"
    headers = {name.title(): values[0] for name, values in response.headers.items()}
    try:
        document.check_answer(operation, response.status_code, headers, response.content)
    except (AssertionError, jsonschema.ValidationError, ValueError) as error:
        return f"{request}: {str(error)[:500]}"
    return None


def try_operation(document, port, operation, mode):
    """Sends what the document allows, or what it does not, until the operation's time is over. Returns how many requests were answered,
    and the first complaints."""
    tried, complaints = 0, []
    until = time.monotonic() + PROPERTY_SECONDS / len(document.operations) / len(GenerationMode)
    documented = next(entry for path, method, entry in document.operations if (path, method) == (operation.path, operation.method.lower()))

    @hypothesis.settings(max_examples=200, deadline=None, database=None, derandomize=True, phases=[hypothesis.Phase.generate],
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        nonlocal tried
        if time.monotonic() > until or len(complaints) >= 3:
            raise unittest.SkipTest("enough")  # ends the run at once
        response = case.call(base_url=f"http://127.0.0.1:{port}", timeout=programs.STOP_TIMEOUT)
        tried += 1
        complaints.extend(filter(None, [complaint(document, documented, case, response)]))
    try:
        run()
    except unittest.SkipTest:
        pass
    return tried, complaints


def test_no_request_breaks_the_gateway(document, served, subtests):
    schema = schemathesis.openapi.from_dict(document.document)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == len(document.operations)
    tried = dict.fromkeys(GenerationMode, 0)
    for operation in operations:
        for mode in GenerationMode:
            with subtests.test(f"{operation.label}, {mode.value}"):
                try:
                    count, complaints = try_operation(document, served.port, operation, mode)
                except hypothesis.errors.Unsatisfiable:
                    assert mode is GenerationMode.NEGATIVE, "the document allows no request at all"
                    continue
                assert not complaints
                tried[mode] += count
    assert min(tried.values()) > 2 * len(operations), tried
    assert programs.ping(served.port) == 200
