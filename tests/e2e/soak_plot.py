"""The samples of a soak as a picture: a panel for each figure, a line for each process. Written as SVG by hand, so that it needs
nothing installed."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 120, 60, 30, 50
COLOURS = {"verdict-gateway": "#1f6feb", "verdict-service": "#bf3989"}
PANELS = {"resident_mb": "resident memory, MB", "descriptors": "descriptors", "threads": "threads"}


def _scaled(values, top):
    return [round(TOP + HEIGHT - HEIGHT * value / top, 1) for value in values]


def _panel(rows, figure, title, offset):
    last = max(row["seconds"] for row in rows)
    top = max(row[figure] for row in rows) * 1.15 or 1
    parts = [f'<g transform="translate(0,{offset})">', f'<text x="{LEFT}" y="{TOP - 10}">{title}</text>',
             f'<path d="M{LEFT} {TOP}V{TOP + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#8c959f"/>']
    for value in (0, top / 2, top):
        y = _scaled([value], top)[0]
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.0f}</text>')
    for process, colour in COLOURS.items():
        own = [row for row in rows if row["process"] == process]
        points = zip([round(LEFT + WIDTH * row["seconds"] / last, 1) for row in own], _scaled([row[figure] for row in own], top))
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(f"{x},{y}" for x, y in points)}"/>')
    parts.append(f'<text x="{LEFT + WIDTH}" y="{TOP + HEIGHT + 16}" text-anchor="end">{last / 60:.0f} minutes</text></g>')
    return parts


def draw(rows, path):
    height = len(PANELS) * (HEIGHT + GAP) + TOP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{LEFT + WIDTH + 20}" height="{height}" fill="white"/>']
    for place, (process, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{LEFT + WIDTH - 240 + 125 * place}" y="16" fill="{colour}">{process}</text>')
    for place, (figure, title) in enumerate(PANELS.items()):
        parts += _panel(rows, figure, title, place * (HEIGHT + GAP) + 8)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")
