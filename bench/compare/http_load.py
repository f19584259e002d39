"""A closed-loop HTTP load from one thread: keep-alive connections, each sends the next body when its answer is there.

epoll and raw sockets, because the generator shares the machine's cores with the server: its own share of a core is part of the
outcome, so that a figure bounded by the generator shows. Latencies are exact, and nothing that was sent is left out of them.
"""

import math
import re
import select
import socket
import time
from dataclasses import dataclass

import figures

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
TIMEOUT_S = 60.0
LEAST_ANSWERS = 2  # per connection: slow servers are loaded for longer than they were asked for, until there is a rate to tell
MOST_STRETCH = 4   # times as long, at most


@dataclass(frozen=True)
class Outcome:
    """One level of load."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    failures: int           # statuses other than 200, and connections that the server closed
    generator_share: float  # of one core


class Connection:
    """One socket and the answer that is arriving on it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received, self.wanted, self.sent_at = b"", None, 0.0

    def send(self, message, now):
        self.received, self.wanted, self.sent_at = b"", None, now
        self.socket.sendall(message)

    def read(self):
        """The status when the answer is complete, None before, 0 when the connection ended. Answers have a Content-Length."""
        try:
            part = self.socket.recv(65536)
        except OSError:
            return 0
        if not part:
            return 0
        self.received += part
        if self.wanted is None:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return None
            length = LENGTH.search(self.received, 0, end + 2)
            self.wanted = end + 4 + (int(length[1]) if length else 0)
        return int(self.received[9:12]) if len(self.received) >= self.wanted else None


def message(body, path="/invocations"):
    """A whole POST request."""
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


class Load:
    """The state of one run."""

    def __init__(self, port, messages):
        self.port, self.messages, self.next = port, messages, 0
        self.poll, self.open = select.epoll(), {}
        self.failures, self.done = 0, []  # done: (when it was sent, when it was answered)

    def start(self):
        """A new connection with its first request."""
        connection = Connection(self.port)
        self.open[connection.socket.fileno()] = connection
        self.poll.register(connection.socket, select.EPOLLIN)
        self.send(connection)

    def send(self, connection):
        self.next += 1
        connection.send(self.messages[self.next % len(self.messages)], time.monotonic())

    def end(self, connection):
        self.poll.unregister(connection.socket)
        del self.open[connection.socket.fileno()]
        connection.socket.close()

    def step(self, deadline):
        """Handles what has arrived; connections get no more requests after the deadline, so that at last none is open."""
        for descriptor, _ in self.poll.poll(TIMEOUT_S) or self._nothing():
            connection = self.open[descriptor]
            status = connection.read()
            if status is None:
                continue
            now = time.monotonic()
            if status == 200:
                self.done.append((connection.sent_at, now))
            else:
                self.failures += 1
            if status == 0 or now >= deadline:
                self.end(connection)
                if now < deadline:
                    self.start()
            else:
                self.send(connection)

    @staticmethod
    def _nothing():
        raise TimeoutError(f"no answer for {TIMEOUT_S:.0f} s")


def run(port, bodies, connections, seconds, warm_s=1.0):
    """Loads the server for warm_s seconds that do not count and `seconds` or more that do, then awaits what is under way."""
    load = Load(port, [message(body) for body in bodies])
    begin = time.monotonic() + warm_s
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(connections):
        load.start()
    wanted = (1 + LEAST_ANSWERS) * connections  # the first of each may have been before the beginning
    while (passed := time.monotonic() - begin) < seconds or (len(load.done) < wanted and passed < MOST_STRETCH * seconds):
        load.step(math.inf)
    deadline = time.monotonic()
    while load.open:
        load.step(deadline)
    share = (time.process_time() - cpu) / (time.monotonic() - wall)
    load.poll.close()
    counted = [1000 * (answered - sent) for sent, answered in load.done if answered >= begin]
    if not counted:
        raise RuntimeError(f"no request succeeded, {load.failures} failed")
    within = sum(begin <= answered < deadline for _, answered in load.done)
    return Outcome(within / (deadline - begin), figures.percentile(counted, 50), figures.percentile(counted, 99), load.failures,
                   share)
