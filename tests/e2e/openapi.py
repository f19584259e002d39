"""The gateway's OpenAPI document, and whether an answer is one that it allows."""

import json
import re

import jsonschema

BOUNDARY = "4f1c0a9e5b7d2e63"


def form(fields):
    """multipart/form-data."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    return "".join(parts) + f"--{BOUNDARY}--\r\n"


def operations(document):
    """(path, method, operation) of all."""
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


class Document:
    def __init__(self, document):
        self.document = document
        self.operations = operations(document)

    def resolve(self, value):
        """What a reference leads to; other values are their own."""
        while isinstance(value, dict) and "$ref" in value:
            target = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def validate(self, schema, value):
        """Raises jsonschema.ValidationError where the value is not what the schema says."""
        whole = {"allOf": [schema], "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)

    def check_answer(self, operation, status, headers, body):
        """Asserts that an answer is documented: its status, media type, body and the headers that must be there."""
        assert str(status) in operation["responses"], f"{status} is not documented: {body[:300]!r}"
        response = self.resolve(operation["responses"][str(status)])
        media_type = headers.get("Content-Type", "").partition(";")[0]
        content = response.get("content")
        if not content:
            assert body == b"", f"{status} has no body by the document, but {body[:300]!r}"
            return
        assert media_type in content, f"{status} answers {media_type}, documented are {list(content)}"
        if media_type.endswith("json") and "schema" in content[media_type]:
            self.validate(content[media_type]["schema"], json.loads(body))
        for name, header in response.get("headers", {}).items():
            if self.resolve(header).get("required"):
                assert name in headers, f"{status} lacks {name}"

    def path(self, path, operation, **parameters):
        """The path with an example at each of its names; `parameters` go before the document's."""
        for parameter in map(self.resolve, operation.get("parameters", [])):
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], str(parameters.get(parameter["name"], parameter["example"])))
        assert not re.search("[{}]", path), f"{path} has a name without a parameter"
        return path

    def headers(self, operation):
        """The examples of the headers that have one."""
        parameters = map(self.resolve, operation.get("parameters", []))
        return {parameter["name"]: str(parameter["example"]) for parameter in parameters if parameter["in"] == "header" and "example" in parameter}

    def requests(self, operation):
        """(name, media type, body, expected status) of every example of its body; one without a body where it takes none."""
        if "requestBody" not in operation:
            yield "", None, None, operation.get("x-status", 200)
            return
        for media_type, media in self.resolve(operation["requestBody"])["content"].items():
            for name, example in media["examples"].items():
                value, status = example["value"], example.get("x-status", 200)
                if media_type == "multipart/form-data":
                    yield name, f"{media_type}; boundary={BOUNDARY}", form(value), status
                elif media_type.endswith("json"):
                    yield name, media_type, json.dumps(value), status
                else:
                    yield name, media_type, value, status
