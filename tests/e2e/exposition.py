"""/metrics as Prometheus' own client library reads it."""

import collections

import prometheus_client.openmetrics.parser
import prometheus_client.parser

import programs

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


class Metrics(dict):
    """Families by the name of the metric (that of a counter without _total)."""

    def __init__(self, families):
        super().__init__((family.name, family) for family in families)

    def values(self, name, **labels):
        """Value by the labels that were not asked for, joined: {"OK": 3.0}."""
        found = {}
        for family in dict.values(self):
            for sample in family.samples:
                if sample.name == name and all(sample.labels.get(label) == value for label, value in labels.items()):
                    found[",".join(value for label, value in sample.labels.items() if label not in labels)] = sample.value
        assert found, f"no series of {name} with {labels}"
        return found

    def value(self, name, **labels):
        """The sum over the labels that were not asked for."""
        return sum(self.values(name, **labels).values())


def parse(text, open_metrics=False):
    """Checked beyond what the parser checks: a family comes once, and a series comes once."""
    parser = prometheus_client.openmetrics.parser if open_metrics else prometheus_client.parser
    families = list(parser.text_string_to_metric_families(text))
    names = collections.Counter(family.name for family in families)
    assert max(names.values()) == 1, names.most_common(3)
    series = collections.Counter((sample.name, *sorted(sample.labels.items())) for family in families for sample in family.samples)
    assert max(series.values()) == 1, series.most_common(3)
    return Metrics(families)


def scrape(port, open_metrics=False, **headers):
    with programs.Http(port) as connection:
        status, answered, body = connection.send("GET", "/metrics", Accept=OPEN_METRICS if open_metrics else "*/*", **headers)
    assert status == 200, body
    assert answered["Content-Type"].startswith("application/openmetrics-text" if open_metrics else "text/plain; version=0.0.4")
    return parse(body.decode(), open_metrics)
