"""HAProxy in front of gateways, as docs/lifecycle.md configures it."""

import contextlib
import csv
import socket
import subprocess

import programs

CONFIGURATION = """
global
  maxconn 1000
  stats socket {socket} level user
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout check 2s
  retries 3
  option redispatch
frontend callers
  bind 127.0.0.1:{port}
  default_backend gateways
backend gateways
  balance roundrobin
  option httpchk GET /readyz
  default-server check inter {interval_ms}ms fall 1 rise 1
{servers}
"""


class Proxy:
    """A running HAProxy, asked through its socket."""

    def __init__(self, path):
        self.path = str(path)

    def ready_servers(self):
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.path)
            control.sendall(b"show stat\n")
            table = b"".join(iter(lambda: control.recv(65536), b"")).decode()
        return sum(row["svname"].startswith("gateway") and row["status"] == "UP" for row in csv.DictReader(table.splitlines()))

    def await_ready_servers(self, count):
        programs.eventually(lambda: self.ready_servers() == count, f"the proxy finds {count} gateways ready")


@contextlib.contextmanager
def haproxy(folder, port, gateways, interval_ms=100):
    """A proxy on `port` that shares its requests between the gateways on those ports, and has found all of them ready."""
    file = folder / "haproxy.cfg"
    servers = "\n".join(f"  server gateway{number} 127.0.0.1:{gateway}" for number, gateway in enumerate(gateways))
    file.write_text(CONFIGURATION.format(port=port, interval_ms=interval_ms, servers=servers, socket=folder / "haproxy.sock"))
    process = subprocess.Popen([*programs.DIE_WITH_PARENT, "haproxy", "-db", "-f", file], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        programs.await_ping(port)
        proxy = Proxy(folder / "haproxy.sock")
        proxy.await_ready_servers(len(gateways))
        yield proxy
    finally:
        process.kill()
        process.wait()
