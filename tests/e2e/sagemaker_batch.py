"""A batch transform job: splits a file into requests, has the container answer them, and puts the answers together again."""

import json
from dataclasses import dataclass

DEFAULT_PAYLOAD_MB = 6


@dataclass(frozen=True)
class Job:
    """SplitType and AssembleWith are Line, BatchStrategy is MultiRecord."""

    content_type: str = "application/jsonlines"
    accept: str = "application/jsonlines"
    max_payload_mb: float = 0      # 0: what the container says, else the platform's default
    join_input: bool = False       # JoinSource=Input


def payload_limit(container, job):
    """Bytes of one request: the job's word goes before the container's /execution-parameters."""
    megabytes = job.max_payload_mb
    if not megabytes:
        answer = container.request("GET", "/execution-parameters")
        told = json.loads(answer.body) if answer.status == 200 else {}
        megabytes = told.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB)
    return int(megabytes * 1024 * 1024)


def lines_of(data):
    """The lines with their ends; only the line feed ends one."""
    return [line + b"\n" for line in data.removesuffix(b"\n").split(b"\n")]


def split(lines, limit):
    """As many lines together as fit; one that does not fit alone ends the job, as it does there."""
    request = b""
    for line in lines:
        if len(line) > limit:
            raise ValueError(f"a record of {len(line)} bytes is larger than MaxPayloadInMB")
        if request and len(request) + len(line) > limit:
            yield request
            request = b""
        request += line
    if request:
        yield request


def joined(job, record, output):
    """A line of the result with JoinSource=Input."""
    if not record.strip():
        return output
    if job.content_type == "text/csv":
        return record.rstrip(b"\n") + b"," + output.rstrip(b"\n") + b"\n"
    return json.dumps(json.loads(record) | {"SageMakerOutput": json.loads(output)}, ensure_ascii=False).encode() + b"\n"


def transform(container, data, job=Job()):
    """The output file of an input file, both as bytes. Raises RuntimeError when a request fails: then the job fails."""
    if job.join_input and job.content_type != job.accept:
        raise ValueError("JoinSource=Input needs an Accept equal to the ContentType")
    output = []
    for request in split(lines_of(data), payload_limit(container, job)):
        answer = container.request("POST", "/invocations", request, {"Content-Type": job.content_type, "Accept": job.accept})
        if answer.status != 200:
            raise RuntimeError(f"the container answered {answer.status}: {answer.body[:500]!r}")
        records, results = lines_of(request), lines_of(answer.body)
        if len(records) != len(results):
            raise RuntimeError(f"{len(records)} records in, {len(results)} out")
        output += [joined(job, *pair) for pair in zip(records, results)] if job.join_input else results
    return b"".join(output)
