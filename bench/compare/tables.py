"""The results as Markdown, ready for docs/. Pure functions of what compare.py has in its JSON file."""

import figures

ENGINE_COLUMNS = (("texts/s", "texts_per_second"), ("one at a time, ms", "median_ms"), ("16 tokens, ms", "ms_16"),
                  ("128 tokens, ms", "ms_128"), ("512 tokens, ms", "ms_512"), ("first answer, s", "start_s"),
                  ("memory, MB", "memory_mb"))
OURS = "Verdict "
DISTURBED = 0.15  # of a core, above which a row says so


def number(value):
    """Three significant digits, as text; a dash where there is none."""
    if value is None:
        return "–"
    if value and abs(value) < 0.01:
        return f"{value:.1e}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 1 else 1 if abs(value) >= 10 else 2}f}"


def table(headers, rows):
    """Lines of a Markdown table; the first column is text, the others are numbers."""
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return [line(headers), "|---|" + "---:|" * (len(headers) - 1), *map(line, rows)]


def agreement(found):
    """Cells: labels that differ, of these outside near ties, greatest difference."""
    if not found:
        return ["–"] * 3
    return [str(found["flips"]), str(found["flips_outside"]), number(found["worst"])]


def is_ours(name):
    return name.startswith(OURS)


def shown(name):
    """Ours in bold."""
    return f"**{name}**" if is_ours(name) else name


def answered(engines):
    return {name: engine for name, engine in engines.items() if not engine["error"]}


def disturbances(entries):
    """A line for each row that was measured beside other programs."""
    worst = lambda entry: max((each.get("others", 0) for each in entry["rounds"]), default=0)
    return [f"- {name}: other programs took up to {worst(entry):.1f} cores meanwhile."
            for name, entry in answered(entries).items() if worst(entry) > DISTURBED]


def engine_table(engines):
    """A row per engine; what an engine could not do is said below the table."""
    rows = []
    for name, engine in answered(engines).items():
        batch = str(engine["best_batch"]) if engine["best_batch"] else "–"
        rows.append([shown(name), *(number(engine["medians"].get(key)) for _, key in ENGINE_COLUMNS[:1]), batch,
                     *(number(engine["medians"].get(key)) for _, key in ENGINE_COLUMNS[1:]), *agreement(engine["agreement"])])
    headers = ["engine", ENGINE_COLUMNS[0][0], "batch", *(title for title, _ in ENGINE_COLUMNS[1:]),
               "labels differ", "outside near ties", "max Δp"]
    notes = [f"- {name}: not measured: {engine['error']}" for name, engine in engines.items() if engine["error"]]
    for name, engine in answered(engines).items():
        found = engine["medians"]
        if "compile_s" in found:
            notes.append(f"- {name}: compiled for {number(found['compile_s'])} s before that; one round.")
        if {"gflops", "limit_gflops"} <= found.keys():
            notes.append(f"- {name}: {number(found['gflops'])} GFLOP/s of the {number(found['limit_gflops'])} that large matrix "
                         "products of that kind reach here.")
    notes += disturbances(engines)
    return table(headers, rows) + ([""] + notes if notes else [])


def ratio_table(engines, figure_names):
    """How many times better each of ours is than each peer, figure by figure; above 1 in our favour."""
    present = answered(engines)
    ours, peers = [name for name in present if is_ours(name)], [name for name in present if not is_ours(name)]
    columns = [(title, figure, mine) for title, figure in figure_names for mine in ours]
    times = lambda mine, peer, figure: number(figures.ratio(present[mine]["rounds"], present[peer]["rounds"], figure))
    rows = [[peer, *(times(mine, peer, figure) for _, figure, mine in columns)] for peer in peers]
    return table(["against", *(f"{title}: {mine}" for title, _, mine in columns)], rows) if ours and peers else []


def http_table(servers, connections):
    """A row per server, three columns per number of connections."""
    headers = ["server"]
    for count in connections:
        headers += [f"{count} conn., requests/s", f"p50 at {count}, ms", f"p99 at {count}, ms"]
    rows, keys = [], ("requests_per_second", "p50_ms", "p99_ms")
    for name, server in answered(servers).items():
        cells = [number(server["medians"].get(f"{key}_{count}")) for count in connections for key in keys]
        rows.append([shown(name), *cells, number(server["medians"].get("start_s")), number(server["medians"].get("memory_mb"))])
    notes = [f"- {name}: not measured: {server['error']}" for name, server in servers.items() if server["error"]]
    for name, server in answered(servers).items():
        if failed := sum(server["medians"].get(f"failures_{count}", 0) for count in connections):
            notes.append(f"- {name}: {number(failed)} requests failed.")
    notes += disturbances(servers)
    return table([*headers, "first answer, s", "memory, MB"], rows) + ([""] + notes if notes else [])


def preface(results):
    """What was measured, where, when, with what."""
    machine, settings, work = results["machine"], results["settings"], results["workload"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return [
        "# Side by side with other engines", "",
        f"Made by `bench/compare/run.sh` on {results['date']}; not edited by hand.", "",
        f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; {', '.join(machine['flags'])}; "
        f"Linux {machine['kernel']}; load average {number(results['load_average'])} before the run.",
        f"- Versions: {versions}.",
        f"- Texts: {work['what']}, the same for every engine; {settings['threads']} threads. In a round every "
        "engine runs once, each in a process of its own; ratios are taken within a round.",
        "- texts/s: all texts at once, sorted by length and padded in batches of 1, 8 or 32, whichever was fastest; ours: one "
        "request over gRPC. Tokenising is included, but for ours in process. One at a time: median over the same texts; "
        "16, 128, 512 tokens: one text of that length. First answer: from the start of the process, its files "
        "in memory. Memory: the process's proportional set size after the run.",
        "- Labels differ: another label first than transformers' fp32; outside near ties: where its best two labels are more "
        f"than {figures.NEAR_TIE} apart; max Δp: greatest difference of a probability. Models with generated weights have many "
        "near ties.",
    ]


def document(results, images=()):
    """The whole page. `images` is {model: [(file, alternative text)]}."""
    lines = preface(results)
    for name, model in results["models"].items():
        lines += ["", f"## {name}", "", f"{model['texts']} texts of {model['tokens']:,} tokens together (digest {model['digest']}); medians of "
                  f"{model['repeats']} round(s).", ""]
        for file, text in dict(images).get(name, ()):
            lines += [f"![{text}]({file})", ""]
        if model["engines"]:
            lines += engine_table(model["engines"])
            if ratios := ratio_table(model["engines"], (("texts/s", "texts_per_second"), ("one at a time", "median_ms"))):
                lines += ["", "How many times better than (above 1: ours is better):", "", *ratios]
        if model["http"]:
            lines += ["", "Over HTTP, every connection sending its next text when the answer is there:", "",
                      *http_table(model["http"], results["settings"]["connections"])]
            columns = [(f"{count} conn.", f"requests_per_second_{count}") for count in results["settings"]["connections"]]
            if ratios := ratio_table(model["http"], columns):
                lines += ["", "Requests/s, how many times better than:", "", *ratios]
    return "\n".join(lines) + "\n"
