"""docs/images/trace.svg: the spans of the usual one of 200 requests to `serve`, from HTTP to the batch it rode in, as a receiver got them.

    cd tests/e2e && ../../build/venv/bin/python trace_picture.py
"""

import programs
from otlp_receiver import OtlpReceiver
from tracing_test import HTTP_SPAN, PHASES, RPC_SPAN, batch_of, rpc_spans, traced

PICTURE = programs.ROOT / "docs/images/trace.svg"
TEXT = "I lost my card yesterday, can I get a new one before I leave on Friday?"
REQUESTS = 200
COLOURS = {"verdict-gateway": "#3b6fb6", "verdict-service": "#2e8b67"}
LEFT, WIDTH, TOP, ROW = 330, 480, 40, 26  # pixels: where time begins, how much the request takes, the first row, a row
STYLE = """text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a } .grid { stroke: #d0d7de }
.link { stroke: #b35900; fill: none; stroke-dasharray: 4 3 } rect.page { fill: #ffffff }"""


def usual(receiver):
    """The trace of the request that took as long as most do; None while spans are missing."""
    found = sorted((received.span.end_time_unix_nano - received.span.start_time_unix_nano, received.trace_id)
                   for received in receiver.spans() if received.span.name == HTTP_SPAN)
    return found[len(found) // 2][1] if len(found) == REQUESTS else None


def record():
    """(name, depth, received span) of a request to a warm server, in the order to be drawn."""
    with OtlpReceiver("grpc") as receiver, traced(receiver.endpoint) as program, programs.Http(program.port) as connection:
        for _ in range(REQUESTS):
            assert connection.classify(TEXT)[0] == 200
        trace = programs.eventually(lambda: usual(receiver), "a span of every request")
        spans = receiver.trace(trace, [HTTP_SPAN, RPC_SPAN, *PHASES])
        client, server = rpc_spans(receiver, trace)
        batch = batch_of(receiver, spans["compute"])
        method = RPC_SPAN.rpartition(".")[2]
        return [(HTTP_SPAN, 0, spans[HTTP_SPAN]), (f"{method} (client)", 1, client), (f"{method} (server)", 2, server),
                *((phase, 3, spans[phase]) for phase in PHASES), ("batch", 0, batch)]


def draw(rows):
    whole = rows[0][2].span
    pixels = WIDTH / (whole.end_time_unix_nano - whole.start_time_unix_nano)
    place = lambda moment: LEFT + (moment - whole.start_time_unix_nano) * pixels
    bottom = TOP + len(rows) * ROW + 16
    out = []
    for part in range(5):
        x, ms = LEFT + WIDTH * part / 4, (whole.end_time_unix_nano - whole.start_time_unix_nano) * part / 4e6
        out.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/><text class="small" x="{x:.1f}" y="34" text-anchor="middle">{ms:.2f} ms</text>')
    for row, (name, depth, received) in enumerate(rows):
        y, begin, end = TOP + 16 + row * ROW, place(received.span.start_time_unix_nano), place(received.span.end_time_unix_nano)
        took = (received.span.end_time_unix_nano - received.span.start_time_unix_nano) / 1e6
        out.append(f'<text x="{12 + 16 * depth}" y="{y + 11}">{name}</text><rect x="{begin:.1f}" y="{y}" width="{max(end - begin, 1):.1f}" height="15" rx="2" '
                   f'fill="{COLOURS[received.service]}"/><text class="small" x="{end + 6:.1f}" y="{y + 11}">{took:.2f} ms</text>')
    x, y = place(rows[-1][2].span.start_time_unix_nano) + 3, TOP + 16 + (len(rows) - 1) * ROW
    out.append(f'<path class="link" d="M{x:.1f},{y - ROW + 15} V{y}"/><text class="small" x="{x - 6:.1f}" y="{y - 2}" text-anchor="end">link</text>')
    for index, (service, colour) in enumerate(COLOURS.items()):
        out.append(f'<rect x="{12 + 140 * index}" y="{bottom + 8}" width="12" height="12" fill="{colour}"/><text class="small" x="{30 + 140 * index}" y="{bottom + 18}">{service}</text>')
    body = "\n".join(out)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {bottom + 30}" role="img" aria-label="A trace from HTTP to the batch">\n<style>\n{STYLE}\n</style>\n'
            f'<rect class="page" width="900" height="{bottom + 30}"/>\n{body}\n</svg>\n')


if __name__ == "__main__":
    PICTURE.write_text(draw(record()))
