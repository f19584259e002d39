"""Who gets in and who does not, tried with real clients on the real programs: security_matrix.py is the table."""

import concurrent.futures
import functools
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

import credentials
import programs
import security_matrix

KEYS = {"inference": "key-for-inference", "docs": "key-for-docs", "admin": "key-for-admin", "gateway": "key-of-the-gateway"}
RELOAD = "--security-reload-ms=20"
BODY = json.dumps({"text": "I lost my card"})


class Files:
    """Everything on disk that the programs are pointed at."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.authority, self.other = credentials.Authority(), credentials.Authority("Another authority")
        self.token_keys = {name: credentials.TokenKey(name, f"key-{name}") for name in ("RS256", "PS256", "ES256", "EdDSA")}
        self.stranger_key = credentials.TokenKey("RS256", "stranger")
        write = self.write
        write("ca.pem", self.authority.pem)
        write("other-ca.pem", self.other.pem)
        self.pair("server", self.authority.issue("verdict", dns=["localhost", "verdict.example"], ips=["127.0.0.1"]))
        self.pair("expired", self.authority.issue("verdict", dns=["localhost"], ips=["127.0.0.1"], expired=True))
        self.pair("gateway", self.authority.issue("gateway", dns=["gateway.example"]))
        self.pair("client", self.authority.issue("client", dns=["client.example"]))
        self.pair("docs-client", self.authority.issue("docs", uris=["spiffe://example/docs"]))
        self.pair("other-client", self.other.issue("client", dns=["client.example"]))
        self.pair("self-signed-client", credentials.self_signed("client"))
        self.pair("server-client", self.authority.issue("client", dns=["client.example"], usage=credentials.FOR_SERVERS))
        self.pair("expired-client", self.authority.issue("client", dns=["client.example"], expired=True))
        write("keys", "# for tests\n" + credentials.key_line("batch", "inference", KEYS["inference"])
              + credentials.key_line("reader", "docs", KEYS["docs"]) + credentials.key_line("ops", "*", KEYS["admin"])
              + credentials.key_line("gateway", "*", KEYS["gateway"]))
        write("gateway-key", KEYS["gateway"] + "\n")
        write("names", "uri:spiffe://example/docs docs\ncn:gateway *\n")
        write("jwks", credentials.jwks(*self.token_keys.values()))

    def write(self, name, data):
        credentials.write_whole(self.folder / name, data)

    def pair(self, name, certificate_and_key):
        self.write(f"{name}.pem", certificate_and_key[0])
        self.write(f"{name}.key", certificate_and_key[1])

    def path(self, name):
        return str(self.folder / name)

    def cert_options(self, name):
        return [f"--tls-cert={self.path(name + '.pem')}", f"--tls-key={self.path(name + '.key')}"]

    def options(self, setup):
        """Of both programs."""
        keys = [f"--api-keys-file={self.path('keys')}", RELOAD]
        tokens = [f"--jwt-jwks-file={self.path('jwks')}", f"--jwt-issuer={credentials.ISSUER}", f"--jwt-audience={credentials.AUDIENCE}"]
        clients = [f"--tls-client-ca={self.path('ca.pem')}", f"--client-certificates-file={self.path('names')}"]
        return {"open": [], "plain": keys, "tls": [*self.cert_options("server"), *clients, "--tls-client-certificate=optional", *tokens, *keys],
                "mtls": [*self.cert_options("server"), *clients, RELOAD], "expired": [*self.cert_options("expired"), RELOAD]}[setup]

    def to_service(self, setup):
        """Of the gateway: how it gets into the service."""
        plain = [f"--service-api-key-file={self.path('gateway-key')}"]
        tls = [f"--service-tls-ca={self.path('ca.pem')}"]
        return {"open": [], "plain": plain, "tls": [*tls, *plain], "expired": tls,
                "mtls": [*tls, f"--service-tls-cert={self.path('gateway.pem')}", f"--service-tls-key={self.path('gateway.key')}"]}[setup]


class Pair:
    """A service and a gateway in front of it, of one setup."""

    def __init__(self, files, setup, *more):
        self.files, self.setup = files, setup
        self.service = programs.service(*files.options(setup), *more)
        self.service_port = self.service.await_log("ready")["port"]
        self.gateway = programs.gateway(self.service_port, *files.options(setup), *files.to_service(setup))
        self.gateway_port = self.gateway.await_log("listening")["port"]

    def end(self):
        for program in (self.gateway, self.service):
            program.__exit__()


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("security"))


@pytest.fixture(scope="session")
def pairs(files):
    made = {}
    yield lambda setup: made.get(setup) or made.setdefault(setup, Pair(files, setup))
    for pair in made.values():
        pair.end()


def tls_context(files, *, authority="ca.pem", client=None, version=None, alpn=None, check_host=True):
    context = ssl.create_default_context(cafile=files.path(authority))
    context.check_hostname = check_host
    if client:
        context.load_cert_chain(files.path(f"{client}.pem"), files.path(f"{client}.key"))
    if version:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


class Credentials:
    """What a case's credential is: keyword arguments of tls_context, the host that is expected, and headers."""

    CONNECTIONS = {
        "another authority trusted": dict(authority="other-ca.pem"),
        "client certificate": dict(client="client"),
        "client certificate and unknown key": dict(client="client"),
        "client certificate of docs": dict(client="docs-client"),
        "client certificate of another authority": dict(client="other-client"),
        "expired client certificate": dict(client="expired-client"),
        "self-signed client certificate": dict(client="self-signed-client"),
        "certificate for servers": dict(client="server-client"),
        "TLS 1.1": dict(version=ssl.TLSVersion.TLSv1_1),
        "TLS 1.2 and inference key": dict(version=ssl.TLSVersion.TLSv1_2),
        "HTTP/2 alone": dict(alpn=["h2"]),
    }

    def __init__(self, files):
        self.files = files

    def connection(self, name):
        return self.CONNECTIONS.get(name, {})

    def headers(self, name):
        """(name, value) pairs."""
        keys = {"unknown key": [("x-api-key", "no-such-key")], "client certificate and unknown key": [("x-api-key", "no-such-key")],
                "empty key": [("x-api-key", "")], "Basic": [("authorization", "Basic a2V5OmtleQ==")],
                "two keys": [("x-api-key", KEYS["inference"]), ("x-api-key", KEYS["inference"])],
                "two Authorizations": [("authorization", f"Bearer {KEYS['inference']}"), ("authorization", "Bearer other")],
                "inference key as Bearer": [("authorization", f"Bearer {KEYS['inference']}")],
                "TLS 1.2 and inference key": [("x-api-key", KEYS["inference"])]}
        if name in keys:
            return keys[name]
        if name.endswith(" key") and name.split()[0] in KEYS:
            return [("x-api-key", KEYS[name.split()[0]])]
        return [("authorization", f"Bearer {self.token(name)}")] if "token" in name else []

    def token(self, name):
        keys = self.files.token_keys
        rsa = keys["RS256"]
        now = int(time.time())
        made = {
            "expired token": lambda: rsa.token(exp=now - 3600),
            "token that never expires": lambda: rsa.token(exp=None),
            "token not yet valid": lambda: rsa.token(nbf=now + 3600),
            "token of another issuer": lambda: rsa.token(iss="https://elsewhere.example"),
            "token for another audience": lambda: rsa.token(aud="something-else"),
            "token alg none": credentials.unsigned_token,
            "token HS256 with the public key": lambda: credentials.hmac_token(rsa.public_pem(), rsa.kid),
            "token of an unknown key": self.files.stranger_key.token,
            "token with another's kid": lambda: self.files.stranger_key.token(header={"kid": rsa.kid}),
            "token changed after signing": lambda: self.changed(rsa.token()),
            "token of 20 KB": lambda: rsa.token(filler="x" * 20_000),
            "token without its signature": lambda: rsa.token().rsplit(".", 1)[0] + ".",
            "token of an admin of something else": lambda: rsa.token(scope="admin other:admin verdict:inference"),
        }
        return made[name]() if name in made else keys[name.removeprefix("token ")].token()

    @staticmethod
    def changed(token):
        header, _, signature = token.split(".")
        return f"{header}.{credentials.encode(credentials.good_claims(scope='verdict:admin'))}.{signature}"


def try_http(files, pair, case):
    """The status, and the body; NO_CONNECTION for what never becomes one."""
    kinds = Credentials(files)
    plain = (pair.setup in ("open", "plain") and case.credential != "TLS") or case.credential == "plain HTTP"
    raw = socket.create_connection(("127.0.0.1", pair.gateway_port), timeout=30)
    connection = http.client.HTTPConnection("127.0.0.1", pair.gateway_port)
    try:
        host = "wrong.example" if case.credential == "another host expected" else "localhost"
        connection.sock = raw if plain else tls_context(files, **kinds.connection(case.credential)).wrap_socket(raw, server_hostname=host)
        method, path = case.call.split()
        body = BODY if method == "POST" else None
        connection.putrequest(method, path)
        for name, value in kinds.headers(case.credential):
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode() if body else None)
        response = connection.getresponse()
        return str(response.status), response.read(), response.headers
    except (ssl.SSLError, ConnectionError, http.client.BadStatusLine):
        return security_matrix.NO_CONNECTION, b"", {}
    finally:
        connection.close()
        raw.close()


def channel_to(files, pair, credential):
    address = f"localhost:{pair.service_port}"
    if pair.setup in ("open", "plain") or credential == "plain connection":
        return grpc.insecure_channel(address.replace("localhost", "127.0.0.1"))
    kinds = Credentials(files).connection(credential)
    read = lambda name: pathlib.Path(files.path(name)).read_bytes()
    client = kinds.get("client")
    secrets = grpc.ssl_channel_credentials(read(kinds.get("authority", "ca.pem")), *((read(f"{client}.key"), read(f"{client}.pem")) if client else ()))
    options = [("grpc.enable_http_proxy", 0)]
    if credential == "another host expected":
        options.append(("grpc.ssl_target_name_override", "wrong.example"))
    return grpc.secure_channel(address, secrets, options)


def try_grpc(files, pair, case, stubs):
    metadata = Credentials(files).headers(case.credential)
    with channel_to(files, pair, case.credential) as channel:
        try:
            call_grpc(channel, case.call, metadata, stubs)
            return "OK", None
        except grpc.RpcError as error:
            return error.code().name, error


def call_grpc(channel, call, metadata, stubs):
    classifier, models = stubs("classifier_pb2"), stubs("models_pb2")
    request = classifier.ClassifyRequest(inputs=[classifier.TextInput(text="I lost my card")])
    typed = stubs("classifier_pb2_grpc").ClassifierStub(channel)
    catalog = stubs("models_pb2_grpc").ModelsStub(channel)
    raw = lambda method: channel.unary_unary(f"/inference.GRPCInferenceService/{method}")
    now = dict(metadata=metadata, timeout=30)
    reflect = [reflection_pb2.ServerReflectionRequest(list_services="")]
    return {
        "Classify": lambda: typed.Classify(request, **now),
        "StreamClassify": lambda: list(typed.StreamClassify(iter([classifier.StreamClassifyRequest(id="1", request=request)]), **now)),
        "ListModels": lambda: catalog.ListModels(models.ListModelsRequest(), **now),
        "LoadModel": lambda: catalog.LoadModel(models.LoadModelRequest(name="x", path="/opt/ml/models/x"), **now),
        "UnloadModel": lambda: catalog.UnloadModel(models.UnloadModelRequest(name="x"), **now),
        "ServerLive": lambda: raw("ServerLive")(b"", **now),
        "ModelInfer": lambda: raw("ModelInfer")(b"", **now),
        "Health": lambda: health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), **now),
        "Reflection": lambda: list(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(reflect), **now)),
    }[call]()


@pytest.mark.parametrize("case", security_matrix.CASES, ids=lambda case: f"{case.setup}-{case.transport}-{case.credential}-{case.call}")
def test_matrix(case, files, pairs, stubs):
    pair = pairs(case.setup)
    if case.transport == "grpc":
        outcome, error = try_grpc(files, pair, case, stubs)
        assert outcome == case.outcome, error
        return
    outcome, body, headers = try_http(files, pair, case)
    assert outcome == case.outcome, body
    if outcome == "401":
        assert headers["WWW-Authenticate"].startswith('Bearer realm="verdict"')


def test_the_page_has_the_table_as_it_was_tried():
    page = security_matrix.PAGE.read_text()
    assert page == security_matrix.page_with_table(page), "run: python3 tests/e2e/security_matrix.py"


def test_the_pages_commands_make_what_lets_in(tmp_path):
    page = security_matrix.PAGE.read_text()
    commands = page.split("<!-- commands: begin -->\n```bash\n")[1].split("```\n<!-- commands: end -->")[0]
    made = subprocess.run(["bash", "-euo", "pipefail", "-c", commands + '\nprintf "%s\\n" "$KEY" "$TOKEN"'], cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    key, token = made.stdout.split()
    options = page.split("verdict-service serve ")[1].split("```")[0].split("curl")[0].replace("\\\n", " ").split()
    settings = [option.replace("=", f"={tmp_path}/", 1) if (tmp_path / option.partition("=")[2]).is_file() else option for option in options]
    with programs.service() as service, programs.gateway(service.await_log("ready")["port"], *settings) as gateway:
        port = gateway.await_log("listening")["port"]
        def status(*client, **headers):
            context = ssl.create_default_context(cafile=tmp_path / "ca.crt")
            if client:
                context.load_cert_chain(*client)
            connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=30)
            connection.request("POST", "/invocations", BODY, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        assert status() == 401
        assert status(**{"x-api-key": key}) == 200
        assert status(Authorization=f"Bearer {token}") == 200
        assert status(tmp_path / "client.crt", tmp_path / "client.key") == 200


def test_refusals_are_logged_by_name_and_reason_and_never_show_the_credential(files, pairs):
    pair = pairs("tls")
    for credential in ("unknown key", "expired token", "client certificate of docs"):
        try_http(files, pair, security_matrix.Case("tls", "http", credential, "POST /invocations", ""))
    refusals = [entry for entry in pair.gateway.log if entry["message"] == "refused"]
    assert {"an unknown key", "an expired token", "a role is missing"} <= {entry["reason"] for entry in refusals}
    assert any(entry["caller"] == "uri:spiffe://example/docs" for entry in refusals)
    everything = json.dumps(pair.gateway.log) + json.dumps(pair.service.log)
    for secret in (*KEYS.values(), "no-such-key", files.token_keys["RS256"].token().split(".")[0] + "."):
        assert secret not in everything


def test_each_contract_writes_its_own_refusals(files, pairs):
    port = pairs("plain").gateway_port
    with programs.Http(port) as connection:
        def body(path, method="POST"):
            status, _, content = connection.send(method, path, b"{}" if method == "POST" else None, Content_Type="application/json")
            assert status == 401
            return json.loads(content)
        assert body("/models")["type"] and body("/models")["code"] == 401
        assert set(body("/v2/models/default/infer")) == {"error"}
        assert set(body("/v1/models/default:predict")) == {"error"}


def test_a_body_is_not_awaited_for_a_refusal(pairs):
    with socket.create_connection(("127.0.0.1", pairs("plain").gateway_port), timeout=30) as raw:
        raw.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 401")


def test_cors_is_closed_and_its_question_needs_no_credential(files):
    """Browsers ask without credentials whether a page may send some; the answer tells nothing but that."""
    question = {"Origin": "https://page.example", "Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "x-api-key"}
    with programs.gateway(1, *files.options("plain")) as closed, programs.Http(closed.await_log("listening")["port"]) as connection:
        status, headers, _ = connection.send("OPTIONS", "/invocations", **question)
        assert status == 405 and "Access-Control-Allow-Origin" not in headers
        assert "Access-Control-Allow-Origin" not in connection.send("GET", "/ping", Origin="https://page.example")[1]
    with programs.gateway(1, *files.options("plain"), "--cors-origins=https://page.example") as opened:
        with programs.Http(opened.await_log("listening")["port"]) as connection:
            status, headers, _ = connection.send("OPTIONS", "/invocations", **question)
            assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://page.example")
            status, headers, _ = connection.send("POST", "/invocations", BODY, Origin="https://page.example", Content_Type="application/json")
            assert status == 401 and headers["Access-Control-Allow-Origin"] == "https://page.example", "a page can read why"
    for options, sends in ([], "true"), (files.options("plain"), None):  # what a browser has by itself, such as a certificate
        with programs.gateway(1, *options, "--sentiment-listen=127.0.0.1:0") as sentiment:
            with programs.Http(sentiment.await_log("listening for the sentiment contract")["port"]) as connection:
                status, headers, _ = connection.send("OPTIONS", "/predict", **question)
                assert (status, headers["Access-Control-Allow-Credentials"]) == (200, sends)


def test_nothing_is_smuggled_by_tls(pairs, files):
    """What ends a request is as strict as without TLS, and what follows a doubtful one is not taken for a request."""
    pair = pairs("tls")
    for head in ("Content-Length: 4\r\nTransfer-Encoding: chunked", "Content-Length: 4\r\nContent-Length: 5", "Transfer-Encoding: xchunked",
                 "Content-Length: +4"):
        raw = socket.create_connection(("127.0.0.1", pair.gateway_port), timeout=30)
        with tls_context(files).wrap_socket(raw, server_hostname="localhost") as secure:
            secure.sendall(f"POST /invocations HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answer = b""
            while piece := secure.recv(65536):
                answer += piece
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")) and answer.count(b"HTTP/1.1 ") == 1, (head, answer)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("setup, resumed", [("mtls", False), ("tls", False), ("expired", True)])
def test_where_clients_show_certificates_each_connection_does(pairs, files, setup, resumed, version):
    """A resumed session's certificate is not looked at again, though it may have expired since."""
    context = tls_context(files, client="client", version=version, check_host=False)
    context.verify_mode = ssl.CERT_NONE  # the certificate of one of the setups has expired

    def ask(session):
        raw = socket.create_connection(("127.0.0.1", pairs(setup).gateway_port), timeout=30)
        with context.wrap_socket(raw, server_hostname="localhost", session=session) as secure:
            secure.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = secure.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            return secure.session, secure.session_reused
    session, _ = ask(None)
    assert ask(session)[1] == resumed


@pytest.mark.parametrize("program", ["gateway", "service"])
def test_old_versions_of_tls_are_not_spoken(program, pairs, files):
    port = getattr(pairs("tls"), f"{program}_port")
    for version, spoken in ((ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
        context = tls_context(files, version=version, alpn=["h2" if program == "service" else "http/1.1"])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
            try:
                context.wrap_socket(raw, server_hostname="localhost").close()
                assert spoken, version
            except (ssl.SSLError, ConnectionError):
                assert not spoken, version


def test_requests_belong_to_whose_credential_they_carry(files):
    """Whose turn it is goes by that name: a client can be nobody else, and not many."""
    with programs.service(*files.options("plain")) as service, programs.gateway(
            service.await_log("ready")["port"], *files.options("plain"), *files.to_service("plain")) as gateway:
        with programs.Http(gateway.await_log("listening")["port"]) as connection:
            for request_id, key, named in (("own", "inference", "somebody-else"), ("for-others", "gateway", "somebody")):
                status, _, body = connection.send("POST", "/invocations", BODY, Content_Type="application/json", x_api_key=KEYS[key],
                                                  x_client_id=named, x_request_id=request_id)
                assert status == 200, body
        def callers(program, message):
            programs.eventually(lambda: sum(entry["message"] == message for entry in program.log) == 2, f"{program.name} logs both")
            return {entry["request_id"]: entry["caller"] for entry in program.log if entry["message"] == message}
        assert callers(gateway, "request") == {"own": "batch", "for-others": "gateway"}
        assert callers(service, "call") == {"own": "gateway", "for-others": "gateway"}


def test_keys_and_token_keys_are_read_again(tmp_path):
    own = Files(tmp_path)
    with programs.service() as service, programs.gateway(
            service.await_log("ready")["port"], *own.options("tls")) as gateway:
        pair = type("Pair", (), {"setup": "tls", "gateway_port": gateway.await_log("listening")["port"]})
        def status(credential):
            return try_http(own, pair, security_matrix.Case("tls", "http", credential, "POST /invocations", ""))[0]
        assert (status("inference key"), status("token RS256"), status("token of an unknown key")) == ("200", "200", "401")
        own.write("keys", credentials.key_line("reader", "docs", KEYS["docs"]))
        own.write("jwks", credentials.jwks(own.stranger_key))
        programs.eventually(lambda: status("inference key") == "401", "the removed key counts no more")
        programs.eventually(lambda: status("token of an unknown key") == "200", "the new key of the issuer counts")
        assert status("token RS256") == "401"
        own.write("keys", "nonsense")
        gateway.await_log("cannot be loaded again; what was loaded before stays in use")
        assert status("docs key") == "403"


class Load:
    """Calls from many threads until stopped; each failure is kept."""

    def __init__(self, call, threads):
        self.done, self.failures, self._stop = 0, [], threading.Event()
        self._lock = threading.Lock()
        self._pool = concurrent.futures.ThreadPoolExecutor(threads)
        self._futures = [self._pool.submit(self._run, call) for _ in range(threads)]

    def _run(self, call):
        while not self._stop.is_set():
            try:
                call()
                with self._lock:
                    self.done += 1
            except Exception as error:  # whatever it is, it is a failure
                self.failures.append(repr(error))

    def stop(self):
        self._stop.set()
        for future in self._futures:
            future.result()


SWAPS = 25


def swap(files, pair, seen, kinds):
    """A new certificate, and waits until new connections are shown it; then a bad one, which changes nothing."""
    for number in range(SWAPS):
        certificate, key = files.authority.issue(f"verdict-{number}", dns=["localhost"], ips=["127.0.0.1"], kind=kinds[number % len(kinds)])
        files.pair("server", (certificate, key))
        programs.eventually(lambda: seen() == ssl.PEM_cert_to_DER_cert(certificate.decode()), f"certificate {number} is shown")
        if number % 5 == 0:
            files.write("server.key", b"half a k")


def shown_at(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw, context.wrap_socket(raw) as secure:
        return secure.getpeercert(binary_form=True)


def test_certificates_swapped_under_load_fail_nobody(tmp_path, stubs):
    files = Files(tmp_path)
    options = [*files.cert_options("server"), RELOAD]
    with programs.service(*options) as service, programs.gateway(
            service.await_log("ready")["port"], *options, f"--service-tls-ca={files.path('ca.pem')}", "--service-tls-name=localhost") as gateway:
        gateway_port, service_port = gateway.await_log("listening")["port"], service.await_log("ready")["port"]
        context = tls_context(files)

        def request(connection=None):
            fresh = connection is None
            connection = connection or http.client.HTTPSConnection("localhost", gateway_port, context=context, timeout=60)
            connection.request("POST", "/invocations", BODY, {"Content-Type": "application/json"})
            response = connection.getresponse()
            assert response.status == 200, response.read()
            response.read()
            if fresh:
                connection.close()

        kept = threading.local()

        def over_one_connection():
            if not hasattr(kept, "connection"):
                kept.connection = http.client.HTTPSConnection("localhost", gateway_port, context=context, timeout=60)
            request(kept.connection)

        classifier = stubs("classifier_pb2")
        message = classifier.ClassifyRequest(inputs=[classifier.TextInput(text="I lost my card")])

        def over_grpc():
            secrets = grpc.ssl_channel_credentials(files.authority.pem)
            with grpc.secure_channel(f"localhost:{service_port}", secrets, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                stubs("classifier_pb2_grpc").ClassifierStub(channel).Classify(message, timeout=60)

        loads = [Load(request, 8), Load(over_one_connection, 8), Load(over_grpc, 4)]
        try:
            def seen():
                shown = {shown_at(gateway_port), shown_at(service_port)}
                return shown.pop() if len(shown) == 1 else None
            swap(files, None, seen, ["ec", "rsa"])
        finally:
            for load in loads:
                load.stop()
        print("calls answered while certificates were swapped:", SWAPS, [load.done for load in loads])
        assert [load.failures[:3] for load in loads] == [[], [], []]
        assert all(load.done > SWAPS for load in loads)
        refused = [entry for entry in gateway.log if entry["message"].startswith("cannot be loaded again")]
        assert refused, "the bad ones were tried, and logged"


@pytest.mark.parametrize("said_by", ["flag", "variable", "config file"])
def test_serve_asks_for_keys_on_both_ports_and_its_own_gateway_gets_in(files, tmp_path, stubs, said_by):
    (tmp_path / "config.toml").write_text(f'api-keys-file = "{files.path("keys")}"\n')
    environment = {"variable": {"VERDICT_API_KEYS_FILE": files.path("keys")}, "config file": {"VERDICT_CONFIG": str(tmp_path / "config.toml")}}.get(said_by)
    flags = [f"--api-keys-file={files.path('keys')}"] if said_by == "flag" else []
    pb2, pb2_grpc = stubs("classifier_pb2"), stubs("classifier_pb2_grpc")
    with programs.serve("--grpc-listen=127.0.0.1:0", *flags, environment=environment) as program:
        port, grpc_port = program.await_log("listening")["port"], program.await_log("ready")["port"]
        programs.await_ping(port)
        with programs.Http(port) as connection:
            assert connection.classify("I lost my card")[0] == 401
            assert connection.classify("I lost my card", x_api_key=KEYS["inference"])[0] == 200
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
            classify = pb2_grpc.ClassifierStub(channel).Classify
            request = pb2.ClassifyRequest(inputs=[pb2.TextInput(text="I lost my card")])
            with pytest.raises(grpc.RpcError) as refused:
                classify(request, timeout=programs.STOP_TIMEOUT)
            assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
            assert classify(request, metadata=[("x-api-key", KEYS["inference"])], timeout=programs.STOP_TIMEOUT).results


def test_serve_speaks_tls_on_both_ports_and_what_follows_the_dashes_wins(files):
    for more, error in ([], "certificate has expired"), (["--", *files.cert_options("server")], None):
        with programs.serve("--grpc-listen=127.0.0.1:0", *files.cert_options("expired"), *more) as program:
            grpc_port = program.await_log("ready")["port"]
            with socket.create_connection(("127.0.0.1", grpc_port), timeout=30) as raw:
                try:
                    tls_context(files, alpn=["h2"]).wrap_socket(raw, server_hostname="localhost").close()
                    assert error is None
                except ssl.SSLCertVerificationError as refused:
                    assert refused.verify_message == error


def test_a_silent_client_does_not_hold_a_handshake_open(files):
    with programs.gateway(1, *files.options("tls"), "--header-timeout-ms=200") as gateway:
        with socket.create_connection(("127.0.0.1", gateway.await_log("listening")["port"]), timeout=30) as raw:
            assert raw.recv(100) == b""


def test_half_a_handshake_is_not_waited_for(files):
    """As port scanners and TCP probes leave one, with the time for headers far away."""
    with programs.gateway(1, *files.options("tls"), "--header-timeout-ms=600000") as gateway:
        with socket.create_connection(("127.0.0.1", gateway.await_log("listening")["port"]), timeout=30) as raw:
            raw.sendall(b"\x16\x03\x01")
            raw.shutdown(socket.SHUT_WR)
            assert raw.recv(100) == b""


@pytest.mark.parametrize("options, said", [
    (["--tls-cert=/x"], "--tls-cert and --tls-key are given together"),
    (["--tls-cert=/nowhere", "--tls-key=/nowhere"], "/nowhere"),
    (["--jwt-jwks-file=/x"], "--jwt-jwks-file needs --jwt-issuer and --jwt-audience"),
    (["--jwt-issuer=i", "--jwt-audience=a"], "--jwt-issuer and --jwt-audience need --jwt-jwks-file"),
    (["--anonymous-roles=metrics"], "--anonymous-roles needs --api-keys-file"),
    (["--api-keys-file=/nowhere"], "/nowhere"),
    (["--anonymous-roles=root"], '"root" is no role'),
])
def test_wrong_options_are_told(options, said):
    for start in (functools.partial(programs.gateway, 1), programs.service):
        with start(*options) as program:
            assert said in program.await_log("cannot start")["error"]
            assert program.wait() != 0


def test_the_script_makes_keys_that_count(tmp_path):
    made = subprocess.run([programs.ROOT / "scripts/new_api_key.sh", "batch", "inference,docs"], capture_output=True, text=True, check=True)
    (tmp_path / "keys").write_text(made.stdout)
    key = made.stderr.strip()
    assert len(key) == 43 and key not in made.stdout
    with programs.gateway(1, f"--api-keys-file={tmp_path / 'keys'}") as gateway, programs.Http(gateway.await_log("listening")["port"]) as connection:
        assert connection.send("GET", "/openapi.json", x_api_key=key)[0] == 200
        assert connection.send("GET", "/v1/models", x_api_key=key)[0] == 403
    assert subprocess.run([programs.ROOT / "scripts/new_api_key.sh", "batch", "root"], capture_output=True).returncode != 0
