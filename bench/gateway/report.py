"""The comparison as Markdown. Pure functions of what run.py has in its JSON file."""

import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "compare"))
import figures  # noqa: E402
import tables  # noqa: E402

IMAGE = "images/gateway_requests.png"
BEGIN, END = "<!-- figures: made by bench/gateway/run.sh, not by hand -->", "<!-- end of the figures -->"
TITLE = "# The gateway's cost"
MODULES = {"grpc-gateway": "github.com/grpc-ecosystem/grpc-gateway/v2", "grpc-go": "google.golang.org/grpc"}
COLUMNS = (("requests/s", "requests_per_second"), ("p50, ms", "p50_ms"), ("p99, ms", "p99_ms"), ("gateway's CPU, µs a request", "cpu_us"),
           ("wrk's share of its core", "generator"))


def go_versions(go_mod):
    """Versions of the modules that matter, out of a go.mod file."""
    text = go_mod.read_text(encoding="utf-8") if go_mod.exists() else ""
    found = {name: re.search(rf"^\s*{re.escape(module)} v(\S+)", text, re.MULTILINE) for name, module in MODULES.items()}
    return {name: match[1] if match else "unknown" for name, match in found.items()}


def levels(entries, connections):
    """A row for each number of connections and gateway."""
    rows = []
    for count in connections:
        for name, entry in entries.items():
            cells = [tables.number(entry["medians"].get(f"{key}_{count}")) for _, key in COLUMNS]
            rows.append([f"{count} conn.: {tables.shown(name)}", *cells])
    return tables.table(["", *(title for title, _ in COLUMNS)], rows)


def ratios(entries, connections):
    """How many times better ours is than each peer: requests/s and processor time at every level, and the median at the first."""
    columns = [(f"requests/s, {count} conn.", f"requests_per_second_{count}") for count in connections]
    columns += [(f"p50, {connections[0]} conn.", f"p50_ms_{connections[0]}")]
    columns += [(f"CPU, {count} conn.", f"cpu_us_{count}") for count in connections]
    ours = next(entry for name, entry in entries.items() if tables.is_ours(name))
    rows = [[name, *(tables.number(figures.ratio(ours["rounds"], entry["rounds"], key)) for _, key in columns)]
            for name, entry in entries.items() if not tables.is_ours(name)]
    return tables.table(["Verdict is so many times better than", *(title for title, _ in columns)], rows)


def notes(entries, connections):
    """What a reader has to know about single rows."""
    lines = []
    for name, entry in entries.items():
        failed = sum(found[f"failures_{count}"] for found in entry["rounds"] for count in connections)
        others = max(found[f"others_{count}"] for found in entry["rounds"] for count in connections)
        if failed:
            lines.append(f"- {name}: {tables.number(failed)} requests failed.")
        if others > tables.DISTURBED:
            lines.append(f"- {name}: programs other than the three took up to {others:.1f} cores meanwhile, so these figures mean little.")
    return lines


def preface(results):
    described, settings = results["machine"], results["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return [
        f"Measured on {results['date']}: {described['processor']}, {described['cores']} cores, {described['memory_gb']} GB, Linux "
        f"{described['kernel']}; load average {tables.number(results['load_average'])} before the run; {versions}. Gateway on core 0; wrk and "
        f"the service on core 1; between gateway and service {settings['socket']}. Medians of {settings['rounds']} rounds of "
        f"{settings['seconds']:g} s a level, after a second that does not count; every second round in the opposite order; ratios are taken "
        "within a round."]


def section(results):
    """All that is between BEGIN and END."""
    connections = results["settings"]["connections"]
    lines = [*preface(results), "", f"![Requests per second by connections]({IMAGE})", "", *levels(results["gateways"], connections), "",
             *ratios(results["gateways"], connections), "",
             "The same gateways on a path that needs no RPC (`GET` of one that is not there, a 404), which is as many requests as HTTP alone "
             "allows here:", "", *levels(results["without_rpc"], connections)]
    if remarks := notes(results["gateways"], connections):
        lines += ["", *remarks]
    return "\n".join(lines)


def put_into(page, figures_section):
    """The page with its figures replaced; a page without a place for them gets one."""
    block = f"{BEGIN}\n{figures_section}\n{END}"
    if BEGIN in page and END in page.partition(BEGIN)[2]:
        before, _, rest = page.partition(BEGIN)
        return before + block + rest.partition(END)[2]
    return f"{page.rstrip() or TITLE}\n\n{block}\n"
