"""Writes the inputs that fuzzing begins with, from the examples of the tests and a few of its own.

    seeds.py FOLDER        FOLDER/TARGET/0000 and so on, for every target that needs some

Python's standard library is all it takes.
"""

import base64
import json
import pathlib
import re
import struct
import sys
from typing import Iterable, Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENIZERS = ROOT / "services/classifier/text/testdata"
MOST_BYTES = 4096  # of a seed: short inputs are tried more often

RAW_LITERAL = re.compile(r'R"(\w*)\((.*?)\)\1"', re.DOTALL)
ROUTE = re.compile(r'(?:path = |\{|, )"(/[A-Za-z0-9_/{}:.-]*)"|k\w+\[\] = "(/[A-Za-z0-9_/{}:.-]*)"')


def literals(*files: str) -> list[str]:
    """The raw string literals of C++ sources, each once."""
    found = {}
    for file in files:
        for match in RAW_LITERAL.finditer((ROOT / file).read_text(encoding="utf-8")):
            found[match[2]] = None
    return list(found)


def dialect_seeds() -> Iterator[bytes]:
    folder = ROOT / "gateway/dialects"
    for source in sorted(folder.glob("*.cc")):
        if source.name.endswith("_test.cc"):
            continue
        routes = [one or other for one, other in ROUTE.findall(source.read_text(encoding="utf-8"))]
        test = folder / (source.stem + "_test.cc")
        bodies = literals(f"gateway/dialects/{test.name}") if test.exists() else []
        for route in dict.fromkeys(routes):
            path = re.sub(r"\{\w+\}", "demo", route)
            yield f"@GET {path}\n\n".encode()
            for number, body in enumerate(bodies):
                accept = "Accept: text/csv\n" if number % 3 == 0 else ""
                decisions = "@A2P"[number % 4]
                yield f"{decisions}POST {path}\nContent-Type: application/json\n{accept}\n{body}".encode()
    for content_type, body in [("text/csv", 'text,text_pair\n"a ""b"" c",d\n'), ("text/plain", "a text"),
                               ("application/jsonlines", '{"text":"a"}\n"b"\n')]:
        yield f"@POST /invocations\nContent-Type: {content_type}\n\n{body}".encode()
    # Open Inference with binary data, and a form.
    tensor = {"name": "t", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 7}}
    header = json.dumps({"inputs": [tensor], "outputs": [{"name": "probability", "parameters": {"classification": 2}}]})
    yield f"@POST /v2/models/demo/infer\nInference-Header-Content-Length: {len(header)}\n\n{header}\x03\0\0\0abc".encode()
    form = '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\na text\r\n--x--\r\n'
    yield f"@POST /predictions/demo\nContent-Type: multipart/form-data; boundary=x\n\n{form}".encode()
    yield b"@POST /predictions/demo\nContent-Type: application/x-www-form-urlencoded\n\ndata=a+text%21"


def header_seeds() -> Iterator[bytes]:
    lines = ["Accept: text/csv; header=present; q=0.5, application/json;q=0.1, */*",
             'Content-Type: multipart/form-data; boundary="x y"', "Content-Type: text/csv; charset=\"utf-8\"; header=absent",
             "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Content-Encoding: identity",
             "X-Amzn-SageMaker-Custom-Attributes: traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
             "X-Amzn-SageMaker-Inference-Id: id-1", "Origin: https://example.com", "Access-Control-Request-Method: POST"]
    targets = ["/v2/models/de%20mo/infer?limit=10&next_page_token=a+b%21", "/v1/models/demo:predict", "/invocations?x"]
    form = '--x y\r\nContent-Disposition: form-data; name="data"\r\n\r\na text\r\n--x y--\r\n'
    for target in targets:
        yield f"{target}\n\n{form}".encode()
        for line in lines:
            yield f"{target}\n{line}\n\n{form}".encode()
    yield "\n".join([targets[0], *lines, "", form]).encode()


def http_seeds() -> Iterator[bytes]:
    head = b"POST /invocations?a=b HTTP/1.1\r\nHost: x\r\n"
    for decisions in (b"\0", b"\1", b"\x42"):
        yield decisions + b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
        yield decisions + b"GET http://x/ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
        yield decisions + head + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"
        yield decisions + head + b"Transfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n0\r\nA: b\r\n\r\nGET /"
        yield decisions + b"\r\n" + head + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        yield decisions + head + b"Content-Length: 99999\r\n\r\nx"
        yield decisions + head + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\nx"


def json_seeds() -> Iterator[bytes]:
    for text in literals("gateway/json/json_body_test.cc", "gateway/json/json_value_test.cc",
                         "gateway/dialects/sentiment_validation_test.cc", "gateway/dialects/python_json_error_test.cc"):
        yield text.encode()
    yield from (b'[0,-1.5e10,18446744073709551616,1e400,true,null,"\\ud83d\\ude00\\n"]', b'\xef\xbb\xbf{"a":{"b":[]},"a":"c"}',
                b'"\\ud83d"', b"[" * 33, b'{"text":"\xc3\x28"}', b"1 2")


def record_seeds() -> Iterator[bytes]:
    csv = 'text,text_pair\r\n"a ""b"",\nc",d\r\n\r\ne,f,g\n"open'
    lines = '{"text":"a"}\n\n"b"\r\n{"inputs":"c","text_pair":"d"}\n{"text":1}\nno json'
    for decisions in range(48):
        yield bytes([decisions, 7]) + (csv if decisions // 2 % 8 > 2 else lines).encode()
    yield b"\x06\x03\xef\xbb\xbf\"text\"\na\n"


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def grpc_seeds() -> Iterator[bytes]:
    # ClassifyRequest: model, model_version, inputs, options as proto/verdict/v1/classifier.proto numbers them.
    texts = field(1, b"a text") + field(2, b"a pair")
    for number in range(1, 6):
        yield b"\0" + field(number, b"demo") + field(3, texts)
        yield b"\0" + field(3, texts) + field(number, b"".join(field(n, 2) for n in range(1, 4)) + field(4, field(1, 16)))
    yield b"\0" + field(3, field(1, b"\xff"))
    # ModelInferRequest: model_name 1, version 2, id 3, inputs 5, outputs 6, raw_input_contents 7.
    tensor = field(1, b"text") + field(2, b"BYTES") + field(3, varint(1))
    classes = field(1, b"probability") + field(2, field(1, b"classification") + field(2, field(2, 2)))
    yield b"\1" + field(5, tensor + field(5, field(8, b"a text"))) + field(6, classes)
    yield b"\1" + field(3, b"id") + field(5, tensor) + field(7, struct.pack("<I", 3) + b"abc") + field(6, field(1, b"probabilities"))
    pair = field(1, b"text_pair") + field(2, b"BYTES") + field(3, varint(1))
    yield b"\1" + field(5, tensor + field(5, field(8, b"a"))) + field(5, pair + field(5, field(8, b"b")))


def safetensors_seeds() -> Iterator[bytes]:
    two = {"a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "b": {"dtype": "I8", "shape": [], "data_offsets": [8, 9]},
           "empty": {"dtype": "BF16", "shape": [0, 7], "data_offsets": [8, 8]}, "__metadata__": {"format": "pt"}}
    yield json.dumps(two).encode() + b"\n" + bytes(9)
    yield json.dumps({"a": two["a"]}).encode() + b"\n" + bytes(8)
    yield b"\xff" + struct.pack("<Q", 2) + b"{}"
    yield b"\xff" + struct.pack("<Q", 2**63) + b"{}"


def shortened_vocabulary(vocabulary: dict | list, most: int = 40) -> dict | list:
    return dict(list(vocabulary.items())[:most]) if isinstance(vocabulary, dict) else vocabulary[:most]


def tokenizer_file(path: pathlib.Path) -> bytes:
    """A file of a tokenizer, with the first entries of long lists only."""
    if path.name == "tokenizer.json":
        document = json.loads(path.read_text(encoding="utf-8"))
        model = document["model"]
        model["vocab"] = shortened_vocabulary(model["vocab"])
        if "merges" in model:
            known = set(model["vocab"])
            pairs = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
            model["merges"] = [pair for pair in pairs if set(pair) | {"".join(pair)} <= known][:20]
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    if path.name == "vocab.json":
        return json.dumps(shortened_vocabulary(json.loads(path.read_text(encoding="utf-8")))).encode()
    lines = path.read_bytes().split(b"\n")
    return b"\n".join(lines[:60]) if path.suffix == ".txt" else path.read_bytes()


def tokenizer_seeds() -> Iterator[bytes]:
    for directory in sorted(TOKENIZERS.iterdir()):
        if directory.is_dir():
            files = [path for path in sorted(directory.iterdir()) if path.name != "cases.jsonl"]
            yield b"".join(b"=== %s\n%s\n" % (path.name.encode(), tokenizer_file(path)) for path in files)


def sentencepiece_seeds() -> Iterator[bytes]:
    """The pieces of the tests' models, without most of them; and one map of characters, which turns "a" into "b"."""
    units = [1 << 10, *[0] * 96, 1 << 8 | 1 << 10 | ord("a"), 1 << 31]
    character_map = struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + b"b\0"
    normalizer = field(3, field(2, character_map))
    pieces = [field(1, text.encode()) + b"\x15" + struct.pack("<f", -score) + field(3, kind)
              for score, (text, kind) in enumerate([("<unk>", 2), ("<s>", 3), ("</s>", 3), ("\u2581", 1), ("\u2581a", 1), ("b", 1),
                                                    ("[CLS]", 4), ("[SEP]", 4), ("[MASK]", 4), ("<0x41>", 6)])]
    trainer = field(2, field(3, 1) + field(40, 0))
    for family in range(4):
        yield bytes([family]) + b"".join(field(1, piece) for piece in pieces) + trainer + normalizer
    for path in sorted(TOKENIZERS.glob("*/*.model")):
        model = path.read_bytes()
        yield bytes([{"spiece.model": 2, "spm.model": 3}.get(path.name, 0)]) + model


def text_seeds() -> Iterator[bytes]:
    texts = ["A caf\u00e9, \u4e2d\u6587 and un\u0301familiar words\u2026 [MASK]", "don't 12345 </s><s>", " \t\n\u00a0", "\U0001F469\u200d\U0001F680",
             "\ufb01 \u2460 \u00c5\u030a\u0323 \ud55c\u1112\u1161\u11ab", "a\u0300\u0316\u0301", "\u0130\u0131\u03a3 \u1e9e"]
    for number in range(33):
        text = texts[number % len(texts)].encode()
        yield bytes([number]) + b"." + text
        if number % 4 == 0:
            yield bytes([number]) + b"R" + text[:3]
    yield b"\0.\xff\xc3\x28\xed\xa0\x80"


def config_seeds() -> Iterator[bytes]:
    for text in literals("services/classifier/model/model_config_test.cc"):
        yield text.encode()
    for path in sorted(TOKENIZERS.glob("*/config.json")):
        yield path.read_bytes()


def directory_seeds() -> Iterator[bytes]:
    config = b'=== config.json\n{"model_type":"bert","id2label":{"0":"a","1":"b"}}\n'
    metadata = b'=== metadata.json\n{"version":"7","created":"today"}\n'
    header = b'{"t":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}'
    shard = struct.pack("<Q", len(header)) + header + b"x"
    index = json.dumps({"weight_map": {"t": "a.safetensors"}, "metadata": {"total_size": 1}}).encode()
    yield config + metadata + b"=== model.safetensors\n" + shard
    yield config + b"=== model.safetensors.index.json\n" + index + b"\n=== a.safetensors\n" + shard
    yield config + b"=== model.safetensors.index.json\n" + index.replace(b"a.saf", b"..saf")
    yield config + b"=== model.pt\nPK"
    yield config + b"=== pytorch_model.bin\nPK"


def architecture_seeds() -> Iterator[bytes]:
    folders = sorted(path for path in (ROOT / "tests/golden/architectures").iterdir() if path.is_dir())
    for number, folder in enumerate(folders):
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        yield bytes([number]) + json.dumps(config, separators=(",", ":")).encode()


def cascade_seeds() -> Iterator[bytes]:
    for text in literals("services/classifier/routing/cascade_config_test.cc"):
        yield text.encode()


def access_file_seeds() -> Iterator[bytes]:
    hashes = ["0" * 64, "a1" * 32]
    yield "".join(f"{name} {roles} sha256:{digest}\n" for name, roles, digest in zip(("alice", "ops"), ("inference,docs", "*"), hashes)).encode()
    yield b"# names\nuri:spiffe://cluster/ns/web/sa/app inference\ncn:ops *\n\ndns:batch.example\tinference,models-read\r\n"
    yield b"inference,models-read,admin"


def jwt_seeds() -> Iterator[bytes]:
    header = json.dumps({"alg": "EdDSA", "kid": "k", "typ": "JWT"})
    good = {"iss": "issuer", "aud": "verdict", "sub": "alice", "exp": 1_800_000_100, "scope": "verdict:inference other:admin"}
    for changes in ({}, {"aud": ["x", "verdict"]}, {"sub": "a b"}, {"nbf": 1.8e9, "iat": 1_800_000_001}, {"scope": ["verdict:admin", 1]}, {"exp": 1}):
        yield f"{header}\n{json.dumps({**good, **changes})}".encode()
    for algorithm in ("none", "HS256", "RS256", "PS256", "ES256", "EdDSA"):
        yield b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (json.dumps({"alg": algorithm}).encode(), b"{}", b"x" * 64))


def certificate_seeds() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted((ROOT / "tests/fuzz/corpus/certificate").iterdir()))


def jwks_seeds() -> Iterator[bytes]:
    long, point = base64.urlsafe_b64encode(b"\xc5" * 256).decode().rstrip("="), [
        "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"]  # of P-256: its generator
    keys = [{"kty": "RSA", "n": long, "e": "AQAB", "kid": "r", "use": "sig", "alg": "RS256"},
            {"kty": "EC", "crv": "P-256", "x": point[0], "y": point[1], "kid": "e", "key_ops": ["verify"]},
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "o"}]  # of RFC 8037
    yield from (json.dumps({"keys": some}).encode() for some in (keys, keys[:1], keys[1:2], keys[2:], [{**keys[0], "use": "enc"}]))


SEEDS = {"access_files": access_file_seeds, "certificate": certificate_seeds, "jwks": jwks_seeds, "jwt": jwt_seeds,
         "architectures": architecture_seeds, "cascade": cascade_seeds, "dialects": dialect_seeds, "grpc_messages": grpc_seeds, "headers": header_seeds,
         "http_request": http_seeds, "json": json_seeds, "model_config": config_seeds,
         "model_directory": directory_seeds, "records": record_seeds,
         "safetensors": safetensors_seeds, "sentencepiece": sentencepiece_seeds, "tokenize": text_seeds,
         "tokenizer_files": tokenizer_seeds}
LONG = {"sentencepiece", "tokenizer_files"}  # whose shortest whole inputs are longer


def write(folder: pathlib.Path, seeds: Iterable[bytes], most: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(dict.fromkeys(seeds)):
        if len(seed) <= most:
            (folder / f"{number:04}").write_bytes(seed)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for target, seeds in SEEDS.items():
        write(pathlib.Path(arguments[0]) / target, seeds(), 16384 if target in LONG else MOST_BYTES)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
