"""Who gets in and who does not: the table of docs/security.md, and what security_test.py tries.

    python3 tests/e2e/security_matrix.py      writes the table into docs/security.md
"""

import pathlib
from typing import NamedTuple

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/security.md"
BEGIN, END = "<!-- matrix: begin -->\n", "<!-- matrix: end -->\n"


class Case(NamedTuple):
    setup: str       # a key of SETUPS
    transport: str   # http or grpc
    credential: str  # a method of security_test.Credentials
    call: str        # a method and path, or an RPC
    outcome: str     # an HTTP status, a code of gRPC, or what becomes of the connection


# What the programs are started with, beside certificates, keys and tokens' public keys.
SETUPS = {
    "plain": "plain connections, API keys",
    "tls": "TLS, client certificates optional, API keys, tokens",
    "mtls": "TLS, client certificates required",
    "expired": "TLS with a certificate of the server that has expired",
    "open": "nothing configured",
}

CLASSIFY, PING, MODELS, LOAD, UNLOAD, DOCS, METRICS = ("POST /invocations", "GET /ping", "GET /v1/models", "POST /models",
                                                       "DELETE /models/x", "GET /openapi.json", "GET /metrics")
NO_CONNECTION = "no connection"

CASES = [
    Case("open", "http", "nothing", CLASSIFY, "200"),
    Case("open", "http", "unknown key", CLASSIFY, "200"),
    Case("open", "grpc", "nothing", "Classify", "OK"),
    Case("open", "grpc", "nothing", "LoadModel", "PERMISSION_DENIED"),  # off without --multi-model

    Case("plain", "http", "nothing", PING, "200"),
    Case("plain", "http", "unknown key", PING, "200"),
    Case("plain", "http", "nothing", CLASSIFY, "401"),
    Case("plain", "http", "nothing", MODELS, "401"),
    Case("plain", "http", "nothing", DOCS, "401"),
    Case("plain", "http", "nothing", LOAD, "401"),
    Case("plain", "http", "unknown key", CLASSIFY, "401"),
    Case("plain", "http", "empty key", CLASSIFY, "401"),
    Case("plain", "http", "Basic", CLASSIFY, "401"),
    Case("plain", "http", "two keys", CLASSIFY, "401"),
    Case("plain", "http", "two Authorizations", CLASSIFY, "401"),
    Case("plain", "http", "nothing", METRICS, "401"),
    Case("plain", "http", "inference key", METRICS, "403"),
    Case("plain", "http", "admin key", METRICS, "200"),
    Case("plain", "http", "inference key", CLASSIFY, "200"),
    Case("plain", "http", "inference key as Bearer", CLASSIFY, "200"),
    Case("plain", "http", "inference key", MODELS, "403"),
    Case("plain", "http", "inference key", LOAD, "403"),
    Case("plain", "http", "inference key", UNLOAD, "403"),
    Case("plain", "http", "docs key", DOCS, "200"),
    Case("plain", "http", "docs key", CLASSIFY, "403"),
    Case("plain", "http", "admin key", UNLOAD, "403"),  # let in, but models change with --multi-model only
    Case("plain", "http", "TLS", CLASSIFY, NO_CONNECTION),
    Case("plain", "grpc", "nothing", "Health", "OK"),
    Case("plain", "grpc", "nothing", "Classify", "UNAUTHENTICATED"),
    Case("plain", "grpc", "nothing", "StreamClassify", "UNAUTHENTICATED"),
    Case("plain", "grpc", "nothing", "ModelInfer", "UNAUTHENTICATED"),
    Case("plain", "grpc", "nothing", "ServerLive", "OK"),
    Case("plain", "grpc", "nothing", "Reflection", "UNAUTHENTICATED"),
    Case("plain", "grpc", "unknown key", "Classify", "UNAUTHENTICATED"),
    Case("plain", "grpc", "two keys", "Classify", "UNAUTHENTICATED"),
    Case("plain", "grpc", "inference key", "Classify", "OK"),
    Case("plain", "grpc", "inference key as Bearer", "Classify", "OK"),
    Case("plain", "grpc", "inference key", "StreamClassify", "OK"),
    Case("plain", "grpc", "inference key", "ListModels", "PERMISSION_DENIED"),
    Case("plain", "grpc", "inference key", "LoadModel", "PERMISSION_DENIED"),
    Case("plain", "grpc", "inference key", "UnloadModel", "PERMISSION_DENIED"),
    Case("plain", "grpc", "inference key", "Reflection", "PERMISSION_DENIED"),
    Case("plain", "grpc", "docs key", "Reflection", "OK"),
    Case("plain", "grpc", "docs key", "Classify", "PERMISSION_DENIED"),

    Case("tls", "http", "plain HTTP", CLASSIFY, "400"),
    Case("tls", "http", "TLS 1.1", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "HTTP/2 alone", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "another authority trusted", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "another host expected", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "nothing", PING, "200"),
    Case("tls", "http", "nothing", CLASSIFY, "401"),
    Case("tls", "http", "TLS 1.2 and inference key", CLASSIFY, "200"),
    Case("tls", "http", "inference key", CLASSIFY, "200"),
    Case("tls", "http", "client certificate", CLASSIFY, "200"),
    Case("tls", "http", "client certificate", LOAD, "403"),
    Case("tls", "http", "client certificate and unknown key", CLASSIFY, "401"),
    Case("tls", "http", "client certificate of docs", CLASSIFY, "403"),
    Case("tls", "http", "client certificate of docs", DOCS, "200"),
    Case("tls", "http", "client certificate of another authority", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "expired client certificate", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "self-signed client certificate", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "certificate for servers", CLASSIFY, NO_CONNECTION),
    Case("tls", "http", "token RS256", CLASSIFY, "200"),
    Case("tls", "http", "token PS256", CLASSIFY, "200"),
    Case("tls", "http", "token ES256", CLASSIFY, "200"),
    Case("tls", "http", "token EdDSA", CLASSIFY, "200"),
    Case("tls", "http", "token RS256", MODELS, "403"),
    Case("tls", "http", "token of an admin of something else", LOAD, "403"),
    Case("tls", "http", "expired token", CLASSIFY, "401"),
    Case("tls", "http", "token that never expires", CLASSIFY, "401"),
    Case("tls", "http", "token not yet valid", CLASSIFY, "401"),
    Case("tls", "http", "token of another issuer", CLASSIFY, "401"),
    Case("tls", "http", "token for another audience", CLASSIFY, "401"),
    Case("tls", "http", "token alg none", CLASSIFY, "401"),
    Case("tls", "http", "token HS256 with the public key", CLASSIFY, "401"),
    Case("tls", "http", "token of an unknown key", CLASSIFY, "401"),
    Case("tls", "http", "token with another's kid", CLASSIFY, "401"),
    Case("tls", "http", "token changed after signing", CLASSIFY, "401"),
    Case("tls", "http", "token of 20 KB", CLASSIFY, "401"),
    Case("tls", "http", "token without its signature", CLASSIFY, "401"),
    Case("tls", "grpc", "plain connection", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "another authority trusted", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "another host expected", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "nothing", "Health", "OK"),
    Case("tls", "grpc", "nothing", "Classify", "UNAUTHENTICATED"),
    Case("tls", "grpc", "inference key", "Classify", "OK"),
    Case("tls", "grpc", "client certificate", "Classify", "OK"),
    Case("tls", "grpc", "client certificate", "UnloadModel", "PERMISSION_DENIED"),
    Case("tls", "grpc", "client certificate of docs", "Classify", "PERMISSION_DENIED"),
    Case("tls", "grpc", "client certificate of another authority", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "self-signed client certificate", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "certificate for servers", "Classify", "UNAVAILABLE"),
    Case("tls", "grpc", "token RS256", "Classify", "OK"),
    Case("tls", "grpc", "token EdDSA", "StreamClassify", "OK"),
    Case("tls", "grpc", "expired token", "Classify", "UNAUTHENTICATED"),
    Case("tls", "grpc", "token alg none", "Classify", "UNAUTHENTICATED"),
    Case("tls", "grpc", "token HS256 with the public key", "Classify", "UNAUTHENTICATED"),

    Case("mtls", "http", "nothing", PING, NO_CONNECTION),
    Case("mtls", "http", "inference key", CLASSIFY, NO_CONNECTION),
    Case("mtls", "http", "client certificate", CLASSIFY, "200"),
    Case("mtls", "http", "client certificate", LOAD, "403"),
    Case("mtls", "http", "client certificate of another authority", CLASSIFY, NO_CONNECTION),
    Case("mtls", "http", "expired client certificate", CLASSIFY, NO_CONNECTION),
    Case("mtls", "http", "self-signed client certificate", CLASSIFY, NO_CONNECTION),
    Case("mtls", "http", "certificate for servers", CLASSIFY, NO_CONNECTION),
    Case("mtls", "grpc", "nothing", "Health", "UNAVAILABLE"),
    Case("mtls", "grpc", "client certificate", "Classify", "OK"),
    Case("mtls", "grpc", "client certificate of another authority", "Classify", "UNAVAILABLE"),
    Case("mtls", "grpc", "expired client certificate", "Classify", "UNAVAILABLE"),
    Case("mtls", "grpc", "self-signed client certificate", "Classify", "UNAVAILABLE"),
    Case("mtls", "grpc", "certificate for servers", "Classify", "UNAVAILABLE"),

    Case("expired", "http", "nothing", PING, NO_CONNECTION),
    Case("expired", "grpc", "nothing", "Health", "UNAVAILABLE"),
]


def table():
    lines = ["| configured | over | credential | call | outcome |\n", "|---|---|---|---|---|\n"]
    for case in CASES:
        over = {"http": "HTTP", "grpc": "gRPC"}[case.transport]
        lines.append(f"| {SETUPS[case.setup]} | {over} | {case.credential} | `{case.call}` | {case.outcome} |\n")
    return "".join(lines)


def page_with_table(page):
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text()))
