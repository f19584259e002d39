"""What TLS, API keys and tokens cost verdict-gateway: processor time of a request, and of a new connection.

    python3 bench/security/cost.py BINARIES [--seconds 3] [--rounds 3] [--connections 400]

BINARIES holds verdict-gateway. Needs wrk, and the Python packages of the tests (build/venv/bin/python). Requests ask for /docs, a page
that the gateway has itself, so that nothing else is measured; the rounds of all settings alternate, and the median counts. Processor
time does not depend on what else runs on the machine, but for what caches lose.
"""

import argparse
import http.client
import pathlib
import re
import ssl
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/e2e"))
import credentials  # noqa: E402  (found by the line above)

KEY = "a-key-of-the-measurement"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


def processor_seconds(pid):
    """Of all its threads, none of which ends meanwhile; to the nanosecond, which /proc/PID/stat is not."""
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


class Files:
    def __init__(self, folder):
        self.folder = folder
        self.authority = credentials.Authority()
        self.tokens = {name: credentials.TokenKey(name, name) for name in ALGORITHMS}
        self.write("ca", self.authority.pem)
        for kind in ("ec", "rsa"):
            self.pair(f"server-{kind}", self.authority.issue("server", dns=["localhost"], ips=["127.0.0.1"], kind=kind))
        self.pair("client", self.authority.issue("client", dns=["client.example"]))
        self.write("keys", credentials.key_line("bench", "docs", KEY).encode())
        self.write("jwks", credentials.jwks(*self.tokens.values()).encode())

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        (self.folder / name).chmod(0o600)

    def pair(self, name, made):
        self.write(f"{name}.crt", made[0])
        self.write(f"{name}.key", made[1])

    def path(self, name):
        return str(self.folder / name)

    def tls(self, kind="ec"):
        return [f"--tls-cert={self.path(f'server-{kind}.crt')}", f"--tls-key={self.path(f'server-{kind}.key')}"]

    def mutual(self):
        return [*self.tls(), f"--tls-client-ca={self.path('ca')}"]

    def tokens_of(self):
        return [f"--jwt-jwks-file={self.path('jwks')}", f"--jwt-issuer={credentials.ISSUER}", f"--jwt-audience={credentials.AUDIENCE}"]


class Gateway:
    def __init__(self, binaries, options):
        self.process = subprocess.Popen([binaries / "verdict-gateway", "--http-listen=127.0.0.1:0", "--access-log=off", *options],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := re.search(r'"message":"listening","port":(\d+)', line):
                self.port = int(found[1])
                return
        raise SystemExit("verdict-gateway did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def per_request(gateway, seconds, secure, headers, folder):
    script = folder / "request.lua"
    script.write_text("".join(f'wrk.headers["{name}"]="{value}"\n' for name, value in headers.items()))
    url = f"http{'s' if secure else ''}://127.0.0.1:{gateway.port}/docs"
    before = processor_seconds(gateway.process.pid)
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", script, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    return (processor_seconds(gateway.process.pid) - before) / int(re.search(r"(\d+) requests in", out)[1]) * 1e6


def per_connection(gateway, count, context):
    before = processor_seconds(gateway.process.pid)
    for _ in range(count):
        made = (http.client.HTTPSConnection("localhost", gateway.port, context=context) if context
                else http.client.HTTPConnection("127.0.0.1", gateway.port))
        made.request("GET", "/livez")
        made.getresponse().read()
        made.close()
    return (processor_seconds(gateway.process.pid) - before) / count * 1e6


def client_context(files, client=False, version=None):
    context = ssl.create_default_context(cafile=files.path("ca"))
    if client:
        context.load_cert_chain(files.path("client.crt"), files.path("client.key"))
    if version:
        context.maximum_version = version
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=400)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        files = Files(folder)
        keys = [f"--api-keys-file={files.path('keys')}"]
        requests = {"plain, nobody is asked": ([], False, {}), "plain, API key": (keys, False, {"x-api-key": KEY})}
        for name in ALGORITHMS:
            token = files.tokens[name].token(scope="verdict:docs")
            requests[f"plain, token {name}"] = (files.tokens_of(), False, {"Authorization": f"Bearer {token}"})
        requests["TLS"] = (files.tls(), True, {})
        requests["TLS, API key"] = ([*files.tls(), *keys], True, {"x-api-key": KEY})
        connections = {
            "plain": ([], None),
            "TLS 1.3, ECDSA P-256": (files.tls("ec"), client_context(files)),
            "TLS 1.2, ECDSA P-256": (files.tls("ec"), client_context(files, version=ssl.TLSVersion.TLSv1_2)),
            "TLS 1.3, RSA 2048": (files.tls("rsa"), client_context(files)),
            "TLS 1.3, ECDSA P-256, and the client's certificate": (files.mutual(), client_context(files, client=True)),
        }
        measured = {}
        for _ in range(chosen.rounds):
            for name, (options, secure, headers) in requests.items():
                with Gateway(chosen.binaries, options) as gateway:
                    per_request(gateway, 1, secure, headers, folder)  # warm
                    measured.setdefault(name, []).append(per_request(gateway, chosen.seconds, secure, headers, folder))
            for name, (options, context) in connections.items():
                with Gateway(chosen.binaries, options) as gateway:
                    measured.setdefault(f"new: {name}", []).append(per_connection(gateway, chosen.connections, context))
        for title, prefix in (("a request over a kept connection", ""), ("a new connection with one request", "new: ")):
            print(f"\n| {title} | µs of processor | least, most |\n|---|---|---|")
            for name, figures in measured.items():
                if name.startswith("new: ") == bool(prefix):
                    print(f"| {name.removeprefix('new: ')} | {statistics.median(figures):.1f} | {min(figures):.1f}, {max(figures):.1f} |")


if __name__ == "__main__":
    main()
