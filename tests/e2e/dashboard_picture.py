"""docs/images/dashboard.png: the panels of deploy/grafana/dashboards/verdict.json, filled by a real Prometheus that watches a `serve` under a
load of many shapes, and drawn by this script, which stands in for Grafana.

    cd tests/e2e && ../../build/venv/bin/python dashboard_picture.py [SECONDS]
"""

import html
import itertools
import json
import pathlib
import random
import re
import sys
import tempfile
import threading
import time

import programs
import prometheus
from browser import Page

ROOT = programs.ROOT
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/verdict.json").read_text())
PICTURE = ROOT / "docs/images/dashboard.png"
LAST_ROW = "What the model says"
WIDTH, CELL, GAP = 1480, 25, 6  # pixels: of the page, a step of the grid, between panels
COLOURS = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff9830", "#f2495c", "#5794f2", "#b877d9", "#fade2a", "#37872d", "#e02f44", "#96d98d"]
WORDS = "my card has not arrived and I want to know why the transfer of money to another account was declined twice this week please help".split()
RATE_INTERVAL = "15s"
STYLE = """body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif}#g{position:relative;margin:8px}
.p{position:absolute;background:#181b1f;border:1px solid #25272b;box-sizing:border-box;overflow:hidden}.p b{display:block;padding:5px 8px;font-weight:500}
.r{position:absolute;font-size:14px;font-weight:500;padding:4px}.s{font-size:30px;text-align:center;padding-top:8px}.l{position:absolute;bottom:3px;left:8px;white-space:nowrap}
.l i{display:inline-block;width:10px;height:3px;margin:0 4px 3px 10px}svg text{fill:#9a9bab;font-size:10px}"""


def told(value, unit):
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "bytes":
        return f"{value / 2 ** 20:.4g} MiB"
    number = f"{value / 1000:.3g} k" if value >= 10_000 else f"{value:.3g}"
    return number + {"reqps": " req/s", "ops": " /s", "d": " days"}.get(unit, "")


class Load:
    """Callers of many kinds, more and more of them until the middle, for so many seconds."""

    def __init__(self, port, seconds):
        self._port, self._began, self._seconds = port, time.monotonic(), seconds
        self.threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(24)]

    def _run(self, number):
        chance = random.Random(number)
        with programs.Http(self._port) as connection:
            while (passed := (time.monotonic() - self._began) / self._seconds) < 1:
                busy = 1 - abs(2 * passed - 1)  # 0 at both ends, 1 in the middle
                if number >= 4 + 20 * busy ** 3:
                    time.sleep(0.2)
                    continue
                self._ask(connection, chance)
                time.sleep(chance.expovariate(1 / (0.06 - 0.055 * busy)))

    def _ask(self, connection, chance):
        def text():
            return " ".join(chance.choices(WORDS, k=min(1200, int(chance.lognormvariate(2.7, 1.1)) + 1)))
        json_body = {"Content_Type": "application/json"}
        kind = chance.random()
        if kind < 0.55:
            connection.send("POST", "/invocations", json.dumps({"text": text()}), x_request_timeout_ms="100", **json_body)
        elif kind < 0.75:
            connection.send("POST", "/predict_batch", json.dumps({"texts": [text() for _ in range(chance.randint(10, 100))]}), **json_body)
        elif kind < 0.9:
            connection.send("POST", "/predict", json.dumps({"inputs": text()}), **json_body)
        elif kind < 0.98:
            connection.send("POST", "/v1/models/default:predict", json.dumps({"instances": [text(), text()]}), **json_body)
        elif kind < 0.99:
            connection.send("POST", "/invocations", "{", **json_body)
        else:
            connection.send("GET", "/nothing")


def series_of(server, panel, start, end):
    found = []
    for target in panel["targets"]:
        query = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
        for variable in ("$job", "$instance", "$model"):
            query = query.replace(variable, ".*")
        for series in server.ask("query_range", query=query, start=start, end=end, step=max(1, (end - start) / 240))["result"]:
            name = target["legendFormat"]
            for label, value in series["metric"].items():
                name = name.replace("{{%s}}" % label, value)
            points = [(float(when), float(value)) for when, value in series["values"] if value not in ("NaN", "+Inf", "-Inf")]
            found.append((html.escape(re.sub("{{.*?}}", "", name).strip() or "none"), points))
    return [(name, points) for name, points in found if points]


def chart(series, defaults, start, end, width, height):
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    times = sorted({when for _, points in series for when, _ in points})
    below = dict.fromkeys(times, 0.0)
    lines, floors = [], []
    for _, points in series:
        if stacked:  # what is not there adds nothing
            there = dict(points)
            points = [(when, there.get(when, 0.0)) for when in times]
        floors.append([(when, below[when]) for when, _ in points])
        line = [(when, value + (below[when] if stacked else 0)) for when, value in points]
        if stacked:
            below.update(line)
        lines.append(line)
    top = defaults.get("max") or max((value for line in lines for _, value in line), default=0) * 1.1 or 1

    def place(when, value):
        return f"{56 + (when - start) / (end - start) * (width - 66):.1f},{height - 14 - value / top * (height - 22):.1f}"
    parts = [f'<svg width="{width}" height="{height}">']
    for share in (0, 0.5, 1):
        y = height - 14 - share * (height - 22)
        parts.append(f'<path d="M56 {y}H{width - 10}" stroke="#2c2e33"/><text x="52" y="{y + 3}" text-anchor="end">{told(top * share, defaults["unit"])}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = 56 + share * (width - 66)
        parts.append(f'<text x="{x}" y="{height - 1}" text-anchor="{"end" if share == 1 else "middle"}">{time.strftime("%M:%S", time.gmtime(share * (end - start)))}</text>')
    for colour, line, floor in zip(itertools.cycle(COLOURS), lines, floors):
        points = " ".join(place(*point) for point in line)
        if stacked:
            edge = " ".join(place(*point) for point in reversed(floor))
            parts.append(f'<polygon points="{points} {edge}" fill="{colour}" fill-opacity="0.35"/>')
        gap = 2.5 * min((after - before for before, after in zip(times, times[1:])), default=1)
        path = "".join(("L" if number and when - line[number - 1][0] < gap else "M") + place(when, value) for number, (when, value) in enumerate(line))
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
    return "".join([*parts, "</svg>"])


def stat(panel, series):
    defaults = panel["fieldConfig"]["defaults"]
    value = series[0][1][-1][1] if series else 0.0
    text = next((mapping["options"][f"{value:.0f}"]["text"] for mapping in defaults["mappings"]), told(value, defaults["unit"]))
    colour = [step["color"] for step in defaults["thresholds"]["steps"] if step["value"] is None or value >= step["value"]][-1]
    return f'<div class="s" style="color:{dict(green="#73bf69", orange="#ff9830", red="#f2495c")[colour]}">{text}</div>'


def page(server, start, end):
    step = (WIDTH - 16) / 24
    parts, height = [], 0
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        left, top, width, tall = place["x"] * step, place["y"] * CELL, place["w"] * step - GAP, place["h"] * CELL - GAP
        where = f"left:{left:.0f}px;top:{top}px;width:{width:.0f}px;height:{tall}px"
        if panel["type"] == "row":
            if any(LAST_ROW in part for part in parts if part.startswith('<div class="r"')):
                break
            parts.append(f'<div class="r" style="{where}">⌄ {panel["title"]}</div>')
            continue
        series = series_of(server, panel, start, end)
        if panel["type"] == "stat":
            body = stat(panel, series)
        else:
            legend = "".join(f'<i style="background:{colour}"></i>{name}' for colour, (name, _) in zip(itertools.cycle(COLOURS), series))
            body = chart(series, panel["fieldConfig"]["defaults"], start, end, int(width) - 4, tall - 46) + f'<div class="l">{legend}</div>'
        parts.append(f'<div class="p" style="{where}"><b>{panel["title"]}</b>{body}</div>')
        height = top + place["h"] * CELL
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><div id=g>{''.join(parts)}</div>", height + 16


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 240
    with tempfile.TemporaryDirectory() as name, programs.serve("--", "--max-queue-wait-ms=400") as program:
        folder = pathlib.Path(name)
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        with prometheus.Prometheus(folder, {"verdict": (program.port, {})}, interval="1s") as server:
            server.await_scraped()
            start = time.time()
            load = Load(program.port, seconds)
            for thread in load.threads:
                thread.start()
            time.sleep(seconds * 0.62)  # the figures at the top are those of a busy moment
            end = time.time()
            text, height = page(server, start, end)
            for thread in load.threads:
                thread.join()
        file = folder / "dashboard.html"
        file.write_text(text)
        with Page(WIDTH, height) as browser:
            browser.open(f"file://{file}")
            browser.until("document.querySelectorAll('.p').length > 10")
            browser.screenshot(PICTURE)


if __name__ == "__main__":
    main()
