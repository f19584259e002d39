"""What callers do over TLS that OpenSSL alone would let them do for as long as they like."""

import hashlib
import hmac
import http.client
import socket
import ssl
import struct
import time

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import credentials
import process_figures
import programs

HANDSHAKE = 22
# Without anything that TLS 1.2 needs to answer it: four bytes, for which the server has 31 of an alert.
EMPTY_CLIENT_HELLO = b"\x01\0\0\0"


@pytest.fixture(scope="module")
def authority():
    return credentials.Authority()


@pytest.fixture
def tls(authority, tmp_path):
    """Options of a program that has a certificate, and asks its callers for theirs."""
    certificate, key = authority.issue("verdict", dns=["localhost"], ips=["127.0.0.1"])
    for name, data in (("server.pem", certificate), ("server.key", key), ("ca.pem", authority.pem)):
        credentials.write_whole(tmp_path / name, data)
    return [f"--tls-cert={tmp_path / 'server.pem'}", f"--tls-key={tmp_path / 'server.key'}", f"--tls-client-ca={tmp_path / 'ca.pem'}",
            "--tls-client-certificate=optional"]


class RecordWriter:
    """A connection of TLS 1.2 with ECDHE-ECDSA-AES128-GCM-SHA256 that sends any records (RFC 5246 and 5288)."""

    def __init__(self, port, folder):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        context.keylog_filename = str(folder / "keys.log")
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=programs.STOP_TIMEOUT)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context.wrap_bio(incoming, outgoing)
        heard, done = b"", False
        while not done:
            try:
                session.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            self.socket.sendall(outgoing.read())
            if not done:
                heard += (piece := self.socket.recv(65536))
                incoming.write(piece)
        line = next(line for line in (folder / "keys.log").read_text().splitlines() if line.startswith("CLIENT_RANDOM"))
        client_random, master_secret = map(bytes.fromhex, line.split()[1:])
        block = self._expand(master_secret, b"key expansion" + heard[11:43] + client_random, 40)
        self._cipher, self._salt, self._sequence = AESGCM(block[:16]), block[32:36], 1

    @staticmethod
    def _expand(secret, seed, size):
        out, step = b"", seed
        while len(out) < size:
            step = hmac.digest(secret, step, hashlib.sha256)
            out += hmac.digest(secret, step + seed, hashlib.sha256)
        return out[:size]

    def send(self, kind, plain):
        nonce = struct.pack(">Q", self._sequence)
        self._sequence += 1
        head = struct.pack(">BH", kind, 0x0303)
        sealed = nonce + self._cipher.encrypt(self._salt + nonce, plain, nonce + head + struct.pack(">H", len(plain)))
        self.socket.sendall(head + struct.pack(">H", len(sealed)) + sealed)


def test_who_asks_to_renegotiate_without_end_is_cut_off(tls, tmp_path):
    with programs.gateway(1, *tls) as gateway:
        writer = RecordWriter(gateway.await_log("listening")["port"], tmp_path)
        before = process_figures.resident(gateway.process.pid)
        with pytest.raises(OSError):
            for _ in range(2000):  # 32 MB, for which there would be 250 MB of alerts
                writer.send(HANDSHAKE, EMPTY_CLIENT_HELLO * 4096)
        assert process_figures.resident(gateway.process.pid) - before < 20e6
        writer.socket.close()


def test_the_writer_of_records_is_understood(tls, tmp_path):
    with programs.gateway(1, *tls) as gateway:
        writer = RecordWriter(gateway.await_log("listening")["port"], tmp_path)
        writer.send(23, b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
        assert writer.socket.recv(4096)[0] == 23
        writer.socket.close()


def test_a_connection_over_http_ends_with_its_clients_certificate(tls, authority, tmp_path):
    with programs.gateway(1, *tls) as gateway:
        port = gateway.await_log("listening")["port"]
        context = ssl.create_default_context(cadata=authority.pem.decode())
        for name, data in zip(("client.pem", "client.key"), authority.issue("client", seconds=8)):
            credentials.write_whole(tmp_path / name, data)
        context.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=programs.STOP_TIMEOUT)
        connection.request("GET", "/openapi.json")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        began = time.monotonic()
        assert connection.sock.recv(100) == b""  # closed, and long before --idle-timeout-ms
        assert time.monotonic() - began < 30


def test_half_a_handshake_does_not_keep_the_gateway_from_ending(tls):
    with programs.gateway(1, *tls, "--header-timeout-ms=600000") as gateway:
        with socket.create_connection(("127.0.0.1", gateway.await_log("listening")["port"])) as raw:
            raw.sendall(b"\x16\x03\x01")
            gateway.signal()
            assert gateway.wait(timeout=5) == 0
