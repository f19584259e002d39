"""deploy/prometheus and deploy/grafana against Prometheus' own checker, Grafana's own classes, and the metrics that there are."""

import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

import programs
import prometheus
from exposition import scrape

DEPLOY = programs.ROOT / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/verdict.json").read_text())
RULES = [rule for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"] for rule in group["rules"]]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PAGE = programs.ROOT / "docs/metrics.md"
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# What Grafana puts in for its variables.
VARIABLES = {"$__rate_interval": "1m", "$job": ".*", "$instance": ".*", "$model": ".*"}


def filled(expression):
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    assert "$" not in expression.replace("$labels", "").replace("$value", ""), expression
    return expression


PANEL_QUERIES = [(panel["title"], filled(target["expr"])) for panel in PANELS for target in panel["targets"]]
PAGE_QUERIES = [("docs", line) for block in re.findall(r"```\n((?:sum|histogram|rate).*?)```", PAGE.read_text(), re.S) for line in block.splitlines()]
RULE_QUERIES = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in RULES]
QUERIES = PANEL_QUERIES + RULE_QUERIES + PAGE_QUERIES


# What is no request: routes that scrapers and probes ask, which every query that leaves out routes leaves out.
LEFT_OUT = {pattern for _, query in QUERIES for pattern in re.findall(r'route!~"([^"]*)"', query)}


@pytest.fixture(scope="module")
def names():
    """Of the samples that there may be, with up, which Prometheus adds, and what our rules record."""
    with programs.serve() as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        metrics = scrape(program.port)
    known = {"up", *(rule["record"] for rule in RULES if "record" in rule)}
    for name, family in metrics.items():
        known |= {name, f"{name}_total", f"{name}_bucket", f"{name}_sum", f"{name}_count"} if family.type != "gauge" else {name}
    return known


@pytest.mark.parametrize("what, query", QUERIES, ids=lambda value: value if len(value) < 40 else None)
def test_every_query_asks_for_metrics_that_there_are(names, what, query):
    asked = set(re.findall(r"\b(?:verdict|process)[_:]\w+(?::\w+)*", re.sub(r'"[^"]*"', "", query))) | ({"up"} & set(re.findall(r"\w+", query)))
    assert asked, query
    assert asked <= names, asked - names


def test_every_query_leaves_the_same_routes_out():
    assert len(LEFT_OUT) == 1
    # No probe is answered with 429, none is TorchServe's with 503, and one whose caller left is no answer.
    for what, query in PANEL_QUERIES + RULE_QUERIES:
        for labels in re.findall(r"\bverdict_gateway_request(?:s_total|_duration_seconds_bucket)({[^}]*)?", query):
            assert "route!~" in labels or re.search(r'code="(429|499)"|dialect="torchserve",code="503"', labels), (what, query)


def says_ready(body):
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and "ready" in answer


def test_what_is_left_out_is_every_probe_and_nothing_that_classifies(tmp_path):
    """Probes are what answers callers without a credential, and what says by its name or body whether something is ready."""
    keys = tmp_path / "api-keys"
    keys.write_text(f"ops * sha256:{hashlib.sha256(b'key').hexdigest()}\n")
    with programs.serve(environment={"VERDICT_API_KEYS_FILE": str(keys)}) as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        with programs.Http(program.port) as connection:
            routes = json.loads(connection.send("GET", "/openapi.json", x_api_key="key")[2])["paths"]
            probes = {"/metrics"}
            for route in (route for route, methods in routes.items() if "get" in methods):
                path = route.replace("{model}", "default").replace("{version}", "1").replace("{file}", "x")
                known = connection.send("GET", path, x_api_key="key")[2]
                if connection.send("GET", path)[0] != 401 or route.endswith("/ready") or says_ready(known):
                    probes.add(route)
            labels = set(re.findall(r'^verdict_gateway_requests_total{route="([^"]+)"', connection.send("GET", "/metrics", x_api_key="key")[2].decode(), re.M))
    classify = {route for route, methods in routes.items() if "requestBody" in methods.get("post", {})}
    assert {"/", "/invocations", "/v2/models/{model}/infer"} <= classify and {"/", "/livez", "/health", "/v2/models/{model}/ready"} <= probes <= labels
    (left_out,) = LEFT_OUT
    assert {route for route in labels if re.fullmatch(left_out.replace("{", r"\{").replace("}", r"\}"), route)} == probes - classify


def test_the_page_lists_every_alert():
    page = PAGE.read_text()
    for rule in RULES:
        if "alert" in rule:
            assert re.search(rf"^\|.*\b{rule['alert']}\b", page, re.M), rule["alert"]


@pytest.mark.parametrize("command", [["check", "config", DEPLOY / "prometheus/prometheus.yml"], ["check", "rules", DEPLOY / "prometheus/alerts.yml"],
                                     ["test", "rules", DEPLOY / "prometheus/alerts_test.yml"]], ids=lambda command: " ".join(map(str, command[:2])))
def test_promtool_agrees(command):
    assert "SUCCESS" in prometheus.promtool(*command)


def test_prometheus_understands_what_the_page_says_of_it(tmp_path):
    blocks = re.findall(r"```yaml\n(scrape_configs:.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) == 2
    for block in blocks:
        config = yaml.safe_load(block)
        config["scrape_configs"][0].pop("kubernetes_sd_configs", None)  # Debian's Prometheus is built without it
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
        assert "SUCCESS" in prometheus.promtool("check", "config", "--syntax-only", tmp_path / "prometheus.yml")
    # The pods that the manifest makes: their label, the name of their port, and what lets Prometheus in.
    manifests = {each["kind"]: each for each in yaml.safe_load_all((DEPLOY / "kubernetes/verdict.yaml").read_text())}
    (job,) = yaml.safe_load(blocks[1])["scrape_configs"]
    label, port, _ = job["relabel_configs"][0]["regex"].split(";")
    template = manifests["Deployment"]["spec"]["template"]
    assert template["metadata"]["labels"] == {"app.kubernetes.io/name": label}
    assert port in {each["name"] for each in template["spec"]["containers"][0]["ports"]}


def test_every_alert_is_made_to_fire():
    tested = {alert["alertname"] for test in yaml.safe_load((DEPLOY / "prometheus/alerts_test.yml").read_text())["tests"] for alert in test.get("alert_rule_test", [])
              if alert["exp_alerts"]}
    assert tested == {rule["alert"] for rule in RULES if "alert" in rule}


def test_an_alert_that_would_never_fire_is_found(tmp_path):
    for file in ("alerts.yml", "alerts_test.yml"):
        shutil.copy(DEPLOY / "prometheus" / file, tmp_path)
    rules = tmp_path / "alerts.yml"
    rules.write_text(rules.read_text().replace("verdict_service_stuck == 1", "verdict_service_stuck == 2"))
    with pytest.raises(AssertionError, match="VerdictStuck"):
        prometheus.promtool("test", "rules", tmp_path / "alerts_test.yml")


def lost(given, kept, path=""):
    """Where `kept` has not what `given` has."""
    if isinstance(given, dict):
        for key, value in given.items():
            if key in kept:
                yield from lost(value, kept[key], f"{path}/{key}")
            elif value not in (None, [], {}, ""):
                yield f"{path}/{key}"
    elif isinstance(given, list):
        if len(given) != len(kept):
            yield path
        for number, (one, other) in enumerate(zip(given, kept)):
            yield from lost(one, other, f"{path}/{number}")
    elif given != kept:
        yield path


def read_by_grafana(dashboard):
    plugins.register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))


def test_grafana_knows_every_member_of_the_dashboard():
    assert list(lost(DASHBOARD, read_by_grafana(DASHBOARD))) == []


def test_a_member_that_grafana_does_not_know_is_found():
    wrong = json.loads(json.dumps(DASHBOARD))
    panel = next(panel for panel in wrong["panels"] if panel["type"] == "timeseries")
    panel["options"]["legende"] = panel["options"].pop("legend")
    assert [path.split("/")[-1] for path in lost(wrong, read_by_grafana(wrong))] == ["legende"]


def test_panels_lie_side_by_side():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_compose_provisions_what_there_is():
    def mounts(service):
        return dict(mount.split(":")[:2] for mount in COMPOSE["services"][service]["volumes"])
    assert all(COMPOSE["services"][service]["profiles"] == ["monitoring"] for service in ("prometheus", "grafana"))
    for service in ("prometheus", "grafana"):
        assert all((DEPLOY / source).exists() for source in mounts(service))
    inside = {target: DEPLOY / source for source, target in mounts("grafana").items()}
    provider = yaml.safe_load((inside["/etc/grafana/provisioning"] / "dashboards/verdict.yml").read_text())["providers"][0]
    assert (inside[provider["options"]["path"]] / "verdict.json").exists()
    source = yaml.safe_load((inside["/etc/grafana/provisioning"] / "datasources/prometheus.yml").read_text())["datasources"][0]
    assert source["uid"] == DASHBOARD["templating"]["list"][0]["current"]["value"] and source["url"] == "http://prometheus:9090"
    (job,) = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["gateway:8080"]}] and "gateway" in COMPOSE["services"]


def test_a_real_prometheus_answers_every_panel_and_rule(tmp_path):
    """Under load, every query is understood, and all are answered that need nothing to go wrong."""
    needs_trouble = {"Days until a certificate expires", "Errors", "Refused", "Refused by the gateway", "Not answered by the service"}
    with programs.serve() as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        with prometheus.Prometheus(tmp_path, {"verdict": (program.port, {})}, rules=[DEPLOY / "prometheus/alerts.yml"]) as server, programs.Http(program.port) as connection:
            server.await_scraped()
            for _ in range(5):
                assert connection.classify("where is my card")[0] == 200
            server.await_query("rate(verdict_service_inputs_total[1m]) > 0", lambda found: found)
            for title, query in PANEL_QUERIES:
                if title not in needs_trouble and not query.endswith("> 0"):
                    assert server.await_query(query, lambda found: found), title
                else:
                    server.query(query)
            groups = server.await_query("count(verdict:requests:rate5m)", lambda found: found) and server.ask("rules")["groups"]
            for rule in (rule for group in groups for rule in group["rules"]):
                assert rule["health"] == "ok", rule
                assert rule.get("state", "inactive") == "inactive", rule


def test_the_table_of_metrics_is_what_the_programs_say(serve):
    with programs.Http(serve.port) as connection:
        text = connection.send("GET", "/metrics")[2].decode()
    tool = programs.ROOT / "tools/metrics_doc.py"
    result = subprocess.run([sys.executable, tool, "--check"], input=text, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    changed = text.replace("# HELP verdict_service_ready ", "# HELP verdict_service_ready Changed ")
    assert subprocess.run([sys.executable, tool, "--check"], input=changed, capture_output=True, text=True).returncode != 0
