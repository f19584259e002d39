"""Classifies texts, or the lines of a file.

    classify.py ADDRESS [--model NAME] TEXT…          one call
    classify.py ADDRESS [--model NAME] --lines FILE   one stream

Prints `label<TAB>score<TAB>text` for each. Needs the modules that generate.sh makes on PYTHONPATH.
"""

import argparse
import pathlib
import sys

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from verdict.v1 import classifier_pb2, classifier_pb2_grpc

SERVICE_CONFIG = pathlib.Path(__file__).parents[2] / "docs/service_config.json"  # tries UNAVAILABLE again
DEADLINE = 10.0  # seconds


def request_of(texts, model):
    return classifier_pb2.ClassifyRequest(model=model, inputs=[classifier_pb2.TextInput(text=text) for text in texts],
                                          options=classifier_pb2.ClassifyOptions(top_k=1))


def show(text, result):
    print(f"{result.labels[0].label}\t{result.labels[0].score:.4f}\t{text}")


def explain(status):
    """What a google.rpc.Status says, details and all."""
    lines = [f"error: {status.message}"]
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            lines.append(f"  reason: {info.domain} {info.reason}")
        elif detail.Unpack(bad):
            lines += [f"  field: {violation.field or 'the request'}: {violation.description}" for violation in bad.field_violations]
        elif detail.Unpack(retry):
            lines.append(f"  try again after: {retry.retry_delay.ToTimedelta().total_seconds():g} s")
    return "\n".join(lines)


def explain_call(error):
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:  # gRPC's own: not connected, too large, …
        return f"error: {error.code().name}: {error.details()}"
    return explain(status_pb2.Status.FromString(details))


def check_health(channel):
    health = health_pb2_grpc.HealthStub(channel)
    answer = health.Check(health_pb2.HealthCheckRequest(service="verdict.v1.Classifier"), timeout=DEADLINE)
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        sys.exit("error: the service is up but takes no requests yet, or no longer")


def classify(classifier, texts, model):
    for text, result in zip(texts, classifier.Classify(request_of(texts, model), timeout=DEADLINE).results):
        show(text, result)
    return 0


def stream(classifier, lines, model):
    """Every line is a request; gRPC pulls them from the generator as fast as the service takes them. Answers come in their order."""
    sent = []

    def requests():
        for number, line in enumerate(lines):
            sent.append(line)
            yield classifier_pb2.StreamClassifyRequest(id=str(number), request=request_of([line], model))

    failed = 0
    for answer in classifier.StreamClassify(requests()):
        if answer.HasField("error"):
            print(f"line {int(answer.id) + 1}: {explain(answer.error)}", file=sys.stderr)
            failed += 1
        else:
            show(sent[int(answer.id)], answer.response.results[0])
        sent[int(answer.id)] = None  # no longer needed
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(usage="classify.py ADDRESS [--model NAME] (TEXT… | --lines FILE)")
    parser.add_argument("address")
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--model", default="")
    parser.add_argument("--lines", type=pathlib.Path)
    arguments = parser.parse_intermixed_args()
    with grpc.insecure_channel(arguments.address, options=[("grpc.service_config", SERVICE_CONFIG.read_text())]) as channel:
        try:
            check_health(channel)
            classifier = classifier_pb2_grpc.ClassifierStub(channel)
            if arguments.lines is None:
                return classify(classifier, arguments.texts, arguments.model)
            with arguments.lines.open(encoding="utf-8") as file:
                return stream(classifier, (line.rstrip("\n") for line in file), arguments.model)
        except grpc.RpcError as error:
            print(explain_call(error), file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
