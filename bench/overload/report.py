"""The results of run.py as a table and a picture."""

COLOURS = {"Verdict fp32, HTTP": "#1f6feb", "Verdict fp32, gRPC": "#0a3069", "Verdict bf16, HTTP": "#2da44e", "Verdict bf16, gRPC": "#116329",
           "Verdict int8, HTTP": "#bf8700", "Verdict int8, gRPC": "#7d4e00"}
PEERS = ["#9aa4b0", "#c97b63"]


def _number(value, digits=1):
    return "–" if value is None else f"{value:.{digits}f}"


def _others(row):
    """What was neither answered nor refused, by status."""
    rest = {status: count for status, count in row["statuses"].items() if status not in ("200", "OK", "429", "RESOURCE_EXHAUSTED")}
    return ", ".join(f"{count} {status}" for status, count in sorted(rest.items())) or "–"


def table(results):
    """Markdown, a row for each server and level of load."""
    lines = ["| server | capacity | load | offered/s | answered in time/s | of 1x | characters of these | refused/s | of them saying when to retry | p50 ms | p99 ms | refusals' p99 ms | neither |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for server in results["servers"]:
        first = server["rows"][0]["goodput"]
        for row in server["rows"]:
            of_first = f"{100 * row['goodput'] / first:.0f} %" if first else "–"
            retry = f"{100 * row['refused_with_retry']:.0f} %" if row["refused"] else "–"
            lines.append(f"| {server['name']} | {server['capacity']:.1f}/s | {row['factor']:g}x | {row['offered']:.0f} | {row['goodput']:.1f} | {of_first} | {_number(row['characters'], 0)} | "
                         f"{row['refused']:.1f} | {retry} | {_number(row['p50_ms'], 0)} | {_number(row['p99_ms'], 0)} | "
                         f"{_number(row['refusal_p99_ms'], 0)} | {_others(row)} |")
    return "\n".join(lines) + "\n"


def _machine(results):
    """Whose processors, and which of them the servers had."""
    own = results.get("server_cpus")
    place = f"servers on processors {own}, the load generator on others" if own else "servers and load generator on the same"
    return f"{results['processors']} processors ({results['processor']}), {place}"


def _seconds(results):
    """Of a level, which need not be the same for servers that were measured one after the other."""
    found = sorted({server["seconds"] for server in results["servers"]})
    return " to ".join(f"{seconds:g}" for seconds in (found[:1] + found[1:][-1:]))


def page(results):
    """The file of docs/."""
    lag = max(row["generator_lag_ms"] for server in results["servers"] for row in server["rows"])
    return (f"<!-- Written by bench/overload/run.sh --docs -->\n"
            f"BERT of {results['layers']} layers of 768; deadline {results['deadline_ms']} ms, {_seconds(results)} s a level; {_machine(results)}; "
            f"load average before: {results['load_before']:.1f}; 99 of 100 requests were sent within {lag:.1f} ms of when they were due.\n\n{table(results)}")


def picture(results, path):
    """What is answered in time, and the 99th percentile of that, by load."""
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "verdict"
    import matplotlib.pyplot as plt
    figure, (goodput, latency) = plt.subplots(1, 2, figsize=(10, 4))
    peers = iter(PEERS)
    most = max(100 * row["goodput"] / server["capacity"] for server in results["servers"] for row in server["rows"])
    for server in results["servers"]:
        style = {"color": COLOURS.get(server["name"]) or next(peers), "marker": "o", "label": server["name"]}
        factors = [row["factor"] for row in server["rows"]]
        capacity = server["capacity"]
        goodput.plot(factors, [100 * row["goodput"] / capacity for row in server["rows"]], **style)
        latency.plot(factors, [row["p99_ms"] or float("nan") for row in server["rows"]], **style)
    goodput.set(title="answered in time, % of capacity", xlabel="load, times the capacity", ylim=(0, max(115, 1.05 * most)))
    latency.set(title="p99 of what is answered in time, ms", xlabel="load, times the capacity")
    latency.axhline(results["deadline_ms"], color="#cf222e", linestyle=":", linewidth=1, label="deadline")
    latency.set_ylim(0, 1.15 * results["deadline_ms"])
    for axes in (goodput, latency):
        axes.set_xscale("log")
        axes.set_xticks([1, 2, 5, 10], ["1x", "2x", "5x", "10x"])
        axes.grid(alpha=0.3)
    latency.legend(fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
