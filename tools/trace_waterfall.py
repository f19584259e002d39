"""Draws one trace as a waterfall: SVG from the JSON lines that an OpenTelemetry Collector's file exporter writes.

    python3 tools/trace_waterfall.py SPANS.json TRACE_ID OUT.svg

The spans of other traces that those of the trace link to, its batches, are drawn below it. Python's standard library is all it takes.
"""

import html
import json
import pathlib
import sys

WIDTH, LEFT, RIGHT, TOP, ROW = 900, 330, 90, 52, 26
COLOURS = {"verdict-gateway": "#3b6fb6", "verdict-service": "#2e8b67"}
OTHER = "#8a6d3b"
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a } .grid { stroke: #d0d7de }
.link { stroke: #b35900; fill: none; stroke-dasharray: 4 3 } rect.page { fill: #ffffff }
</style>"""


def read(path):
    """All spans of a file, each with the name of its service and times in nanoseconds."""
    spans = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        for batch in json.loads(line)["resourceSpans"]:
            resource = {item["key"]: next(iter(item["value"].values())) for item in batch["resource"]["attributes"]}
            for scope in batch["scopeSpans"]:
                for span in scope["spans"]:
                    spans.append({**span, "service": resource["service.name"], "start": int(span["startTimeUnixNano"]),
                                  "end": int(span["endTimeUnixNano"])})
    return spans


def in_order(spans, parents, depth=0):
    """Depth first, by start: (span, depth)."""
    known = {span["spanId"] for span in spans}
    for span in sorted(spans, key=lambda one: (one["start"], one["end"])):
        parent = span.get("parentSpanId", "")
        if (parent in parents) if parents else parent not in known:
            yield span, depth
            yield from in_order(spans, {span["spanId"]}, depth + 1)


def rows_of(spans, trace_id):
    of_trace = [span for span in spans if span["traceId"] == trace_id]
    rows = list(in_order(of_trace, set()))
    linked = {link["spanId"] for span in of_trace for link in span.get("links", [])}
    return rows + [(span, 0) for span in spans if span["spanId"] in linked]


def draw(rows):
    begin, end = min(span["start"] for span, _ in rows), max(span["end"] for span, _ in rows)
    scale = (WIDTH - LEFT - RIGHT) / max(end - begin, 1)
    at = lambda time: LEFT + (time - begin) * scale
    height = TOP + ROW * len(rows) + 34
    places = {span["spanId"]: (index, span) for index, (span, _) in enumerate(rows)}
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="A trace from HTTP to the batch">', STYLE,
             f'<rect class="page" width="{WIDTH}" height="{height}"/>']
    for tenth in range(0, 5):
        x = LEFT + (WIDTH - LEFT - RIGHT) * tenth / 4
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 12}" x2="{x:.1f}" y2="{height - 30}"/>'
                     f'<text class="small" x="{x:.1f}" y="{TOP - 18}" text-anchor="middle">{(end - begin) * tenth / 4 / 1e6:.2f} ms</text>')
    for index, (span, depth) in enumerate(rows):
        y = TOP + ROW * index
        name = {2: " (server)", 3: " (client)"}.get(span["kind"], "") if "/" in span["name"] and not span["name"].startswith("POST") else ""
        short = span["name"].removeprefix("verdict.v1.")
        width = max((span["end"] - span["start"]) * scale, 1.5)
        parts.append(f'<text x="{12 + 16 * depth}" y="{y + 15}">{html.escape(short + name)}</text>'
                     f'<rect x="{at(span["start"]):.1f}" y="{y + 4}" width="{width:.1f}" height="15" rx="2" fill="{COLOURS.get(span["service"], OTHER)}"/>'
                     f'<text class="small" x="{at(span["end"]) + 6:.1f}" y="{y + 15}">{(span["end"] - span["start"]) / 1e6:.2f} ms</text>')
    for span, _ in rows:
        for link in span.get("links", []):
            if span["name"] != "compute" or link["spanId"] not in places:
                continue
            here, there = places[span["spanId"]][0], places[link["spanId"]][0]
            x = at(span["start"]) + 4
            parts.append(f'<path class="link" d="M{x:.1f},{TOP + ROW * here + 19} V{TOP + ROW * there + 4}"/>'
                         f'<text class="small" x="{x - 6:.1f}" y="{TOP + ROW * there + 2}" text-anchor="end">link</text>')
    x = 12
    for service in dict.fromkeys(span["service"] for span, _ in rows):
        parts.append(f'<rect x="{x}" y="{height - 22}" width="12" height="12" fill="{COLOURS.get(service, OTHER)}"/>'
                     f'<text class="small" x="{x + 18}" y="{height - 12}">{html.escape(service)}</text>')
        x += 140
    return "\n".join([*parts, "</svg>", ""])


def main(arguments):
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    rows = rows_of(read(arguments[0]), arguments[1])
    if not rows:
        print(f"no span of trace {arguments[1]} in {arguments[0]}", file=sys.stderr)
        return 1
    pathlib.Path(arguments[2]).write_text(draw(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
