"""The results as pictures: blue is ours."""

import itertools

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator  # noqa: E402

import tables  # noqa: E402

OURS, PEER = ("#1f6feb", "#0a3069", "#54aeff", "#8250df"), "#9aa4b0"
LENGTHS = ("ms_16", "ms_128", "ms_512")


def bars(path, title, values):
    """Horizontal bars, best first. `values` is {name: number}."""
    names = sorted(values, key=values.get)
    figure, axes = plt.subplots(figsize=(8, 0.8 + 0.32 * len(names)))
    colours = [OURS[0] if tables.is_ours(name) else PEER for name in names]
    drawn = axes.barh(names, [values[name] for name in names], color=colours)
    axes.bar_label(drawn, [tables.number(values[name]) for name in names], padding=3, fontsize=8)
    axes.margins(x=0.12)
    _finish(figure, axes, path, title)


def lengths(path, title, engines):
    """Milliseconds of a single text by its length, a line per engine."""
    figure, axes = plt.subplots(figsize=(8, 5))
    shades = itertools.cycle(OURS)
    for name, engine in engines.items():
        present = [key for key in LENGTHS if key in engine["medians"]]
        style = {"linewidth": 2.5, "color": next(shades)} if tables.is_ours(name) else {"linewidth": 1, "linestyle": ":"}
        milliseconds = [engine["medians"][key] for key in present]
        axes.plot([int(key[3:]) for key in present], milliseconds, marker="o", markersize=4, label=name, **style)
    axes.set(xscale="log", yscale="log", xlabel="tokens", ylabel="ms")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks([16, 128, 512], ["16", "128", "512"])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.legend(fontsize=7)
    _finish(figure, axes, path, title)


def levels(path, title, servers, connections):
    """Requests per second by connections, a group of bars per server."""
    figure, axes = plt.subplots(figsize=(8, 4))
    width, shades = 0.8 / max(1, len(servers)), itertools.cycle(OURS)
    for i, (name, server) in enumerate(servers.items()):
        values = [server["medians"].get(f"requests_per_second_{count}", 0) for count in connections]
        drawn = axes.bar([place + i * width for place in range(len(connections))], values, width, label=name,
                         color=next(shades) if tables.is_ours(name) else PEER)
        axes.bar_label(drawn, [tables.number(value) for value in values], fontsize=8)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(connections))], [str(count) for count in connections])
    axes.set_xlabel("connections")
    axes.set_ylabel("requests/s")
    axes.legend(fontsize=8)
    _finish(figure, axes, path, title)


def _finish(figure, axes, path, title):
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw(results, folder):
    """Writes all pictures into folder/images; returns {model: [(file below folder, alternative text)]}."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    found = {}
    for name, model in results["models"].items():
        engines, servers = tables.answered(model["engines"]), tables.answered(model["http"])
        wanted = found[name] = []

        def file(kind, text):
            wanted.append((f"images/compare_{name}_{kind}.png", text))
            return folder / wanted[-1][0]

        if engines:
            bars(file("throughput", f"Texts per second, {name}"), f"{name}: texts per second, all texts at once",
                 {engine: entry["medians"]["texts_per_second"] for engine, entry in engines.items()})
            bars(file("one_at_a_time", f"Milliseconds one at a time, {name}"), f"{name}: one text at a time, ms (less is better)",
                 {engine: entry["medians"]["median_ms"] for engine, entry in engines.items()})
            lengths(file("lengths", f"Milliseconds by length, {name}"), f"{name}: one text by length (less is better)", engines)
        if servers:
            levels(file("http", f"Requests per second over HTTP, {name}"), f"{name}: requests per second over HTTP", servers,
                   results["settings"]["connections"])
    return found
