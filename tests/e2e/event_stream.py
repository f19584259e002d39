"""application/vnd.amazon.eventstream: the messages in which InvokeEndpointWithResponseStream answers."""

import binascii
import struct

MEDIA_TYPE = "application/vnd.amazon.eventstream"
STRING = 7  # the type of a header's value


def header(name, value):
    name, value = name.encode(), value.encode()
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", STRING, len(value)) + value


def message(headers, payload):
    """Prelude (both lengths and their checksum), headers, payload, checksum of all before it."""
    block = b"".join(header(name, value) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    body = prelude + struct.pack(">I", binascii.crc32(prelude)) + block + payload
    return body + struct.pack(">I", binascii.crc32(body))


def part(payload):
    return message({":event-type": "PayloadPart", ":content-type": "application/octet-stream", ":message-type": "event"}, payload)


def failure(kind, payload):
    return message({":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}, payload)
