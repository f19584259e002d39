"""Certificates, API keys and tokens made for the tests of who gets in."""

import base64
import datetime
import hashlib
import hmac
import ipaddress
import json
import os
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOR_SERVERS = ExtendedKeyUsageOID.SERVER_AUTH
ISSUER = "https://issuer.example"
AUDIENCE = "verdict"


class Authority:
    """A certificate authority, and what it signs; everything is PEM in bytes."""

    def __init__(self, name="Test authority"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._builder(self._name, self._key, days=1).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(self._key, hashes.SHA256())
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject, key, days, start=None):
        now = datetime.datetime.now(datetime.timezone.utc)
        start = start or now - datetime.timedelta(hours=1)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days)))

    def issue(self, name, *, dns=(), ips=(), uris=(), expired=False, seconds=None, usage=None, kind="ec"):
        """(certificate, key); `seconds`: how long it is valid from now."""
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10) if expired else None
        if seconds is not None:
            start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1) + datetime.timedelta(seconds=seconds)
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, days=1, start=start)
        names = [*map(x509.DNSName, dns), *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips),
                 *map(x509.UniformResourceIdentifier, uris)]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def self_signed(name):
    """(certificate, key), which nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(names).issuer_name(names).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                   .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def write_whole(path, data):
    """As a careful operator does: complete before it is seen."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data if isinstance(data, bytes) else data.encode())
    os.replace(fresh, path)


def key_line(name, roles, key):
    return f"{name} {roles} sha256:{hashlib.sha256(key.encode()).hexdigest()}\n"


def encode(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenKey:
    """A key that signs tokens, and its public half as a JWK."""

    def __init__(self, algorithm, kid):
        self.algorithm, self.kid = algorithm, kid
        self._key = {"RS256": lambda: rsa.generate_private_key(65537, 2048), "PS256": lambda: rsa.generate_private_key(65537, 2048),
                     "ES256": lambda: ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate}[algorithm]()

    def jwk(self):
        public = self._key.public_key()
        if self.algorithm in ("RS256", "PS256"):
            numbers = public.public_numbers()
            members = {"kty": "RSA", "n": encode(numbers.n.to_bytes(256, "big")), "e": encode(numbers.e.to_bytes(3, "big"))}
        elif self.algorithm == "ES256":
            numbers = public.public_numbers()
            members = {"kty": "EC", "crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
        else:
            members = {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}
        return {**members, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def public_pem(self):
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, text):
        if self.algorithm == "RS256":
            return self._key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        if self.algorithm == "PS256":
            return self._key.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        if self.algorithm == "ES256":
            r, s = utils.decode_dss_signature(self._key.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self._key.sign(text)

    def token(self, *, header=None, **claims):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **(header or {})}
        text = f"{encode(header)}.{encode(good_claims(**claims))}"
        return f"{text}.{encode(self.sign(text.encode()))}"


def good_claims(**changes):
    """Of a token that may classify; a change to None leaves a claim out."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "token-user", "exp": int(time.time()) + 300, "scope": "verdict:inference", **changes}
    return {name: value for name, value in claims.items() if value is not None}


def unsigned_token(**claims):
    return f"{encode({'alg': 'none'})}.{encode(good_claims(**claims))}."


def hmac_token(secret, kid, **claims):
    """HS256 with what is no secret at all: the attack on verifiers that let the token choose."""
    text = f"{encode({'alg': 'HS256', 'kid': kid})}.{encode(good_claims(**claims))}"
    return f"{text}.{encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def jwks(*keys):
    return json.dumps({"keys": [key.jwk() for key in keys]})
