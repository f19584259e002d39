"""An open-loop load: requests are sent at moments that were drawn before, whatever becomes of those sent earlier.

A caller that waits for its answer before it asks again slows down with the server and hides how long others would have waited
("coordinated omission"). Here every latency counts from the moment at which the request was due, so a generator that falls behind makes
the server look worse, never better; Outcome.generator_lag_ms says by how much.
"""

import asyncio
import collections
import json
import random
import time
from dataclasses import dataclass, field

import grpc


@dataclass
class Answer:
    """What came of one request. `status` is that of HTTP, or the name of a gRPC code; "late" where its caller had given up."""

    status: str
    ms: float            # from when it was due
    retry: bool = False  # the refusal says when to try again
    characters: int = 0  # of the text


@dataclass
class Outcome:
    """One level of load."""

    offered: float                   # requests a second
    seconds: float
    answers: list = field(repr=False, default_factory=list)
    generator_lag_ms: float = 0.0    # the 99th percentile of how long after its moment a request was sent

    @classmethod
    def of_rounds(cls, rounds):
        """One level that was loaded several times."""
        return cls(rounds[0].offered, sum(each.seconds for each in rounds), [answer for each in rounds for answer in each.answers],
                   max(each.generator_lag_ms for each in rounds))

    def _good(self, deadline_ms):
        return [answer for answer in self.answers if answer.status in ("200", "OK") and answer.ms <= deadline_ms]

    def row(self, deadline_ms):
        """The figures of the table, by name."""
        answered = self._good(deadline_ms)
        good = sorted(answer.ms for answer in answered)
        refused = [answer for answer in self.answers if answer.status in ("429", "RESOURCE_EXHAUSTED")]
        counts = collections.Counter(answer.status for answer in self.answers)
        return {"offered": self.offered, "sent": len(self.answers), "goodput": len(good) / self.seconds,
                "characters": sum(answer.characters for answer in answered) / len(answered) if answered else None, "statuses": dict(counts),
                "refused": len(refused) / self.seconds, "refused_with_retry": sum(answer.retry for answer in refused) / max(1, len(refused)),
                "p50_ms": percentile(good, 0.5), "p99_ms": percentile(good, 0.99), "refusal_p99_ms": percentile(sorted(a.ms for a in refused), 0.99),
                "generator_lag_ms": self.generator_lag_ms}


def percentile(ordered, share):
    """Of numbers in order, the smallest that is not below that share of them; None of none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1))]


def poisson(rate, seconds, seed):
    """The moments of a Poisson process, in seconds from its start."""
    source, moment, moments = random.Random(seed), 0.0, []
    while (moment := moment + source.expovariate(rate)) < seconds:
        moments.append(moment)
    return moments


class HttpClient:
    """POSTs JSON over keep-alive connections, as many as there are requests under way."""

    def __init__(self, port, path, body_of):
        self._port, self._path, self._body_of = port, path, body_of
        self._idle = []

    async def ask(self, text, deadline_ms):
        """(status, whether a refusal says when to try again)."""
        body = json.dumps(self._body_of(text)).encode()
        head = (f"POST {self._path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"x-request-timeout-ms: {deadline_ms}\r\n\r\n").encode()
        while True:
            reused = bool(self._idle)
            reader, writer = self._idle.pop() if reused else await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(head + body)
                status, headers = await self._read(reader)
                break
            except (ConnectionError, asyncio.IncompleteReadError):
                writer.close()
                if not reused:  # else the server closed it before it saw the request
                    raise
            except BaseException:
                writer.close()
                raise
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return str(status), "retry-after" in headers

    @staticmethod
    async def _read(reader):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        return int(lines[0].split()[1]), headers

    async def close(self):
        for _, writer in self._idle:
            writer.close()


class GrpcClient:
    """verdict.v1.Classifier/Classify; `pb` and `stubs` are the generated modules."""

    def __init__(self, port, pb, stubs):
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        self._pb, self._stub = pb, stubs.ClassifierStub(self._channel)

    async def ask(self, text, deadline_ms):
        request = self._pb.ClassifyRequest(inputs=[self._pb.TextInput(text=text)])
        try:
            await self._stub.Classify(request, timeout=deadline_ms / 1000)
        except grpc.aio.AioRpcError as error:
            details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
            return error.code().name, b"google.rpc.RetryInfo" in details
        return "OK", False

    async def close(self):
        await self._channel.close()


async def _one(client, text, due, deadline_ms):
    left = due + deadline_ms / 1000 - time.monotonic()
    try:
        status, retry = await asyncio.wait_for(client.ask(text, deadline_ms), max(left, 0.001))
    except (TimeoutError, asyncio.TimeoutError):
        status, retry = "late", False
    except (OSError, asyncio.IncompleteReadError) as error:
        status, retry = type(error).__name__, False
    return Answer(status, (time.monotonic() - due) * 1000, retry, len(text))


async def open_loop(client, texts, rate, seconds, deadline_ms, seed=1):
    """Sends at `rate`; each request's caller gives up at its deadline."""
    begin, lags, tasks = time.monotonic() + 0.05, [], []
    for index, moment in enumerate(poisson(rate, seconds, seed)):
        due = begin + moment
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        lags.append((time.monotonic() - due) * 1000)
        tasks.append(asyncio.create_task(_one(client, texts[index % len(texts)], due, deadline_ms)))
    answers = await asyncio.gather(*tasks)
    return Outcome(rate, seconds, list(answers), percentile(sorted(lags), 0.99) or 0.0)


async def capacity(client, texts, callers, seconds, patience_ms=60_000):
    """Answers a second when `callers` ask one after the other, as many as keep the server busy."""
    end, answered = time.monotonic() + seconds, 0

    async def caller(number):
        nonlocal answered
        index = number
        while time.monotonic() < end:
            status, _ = await client.ask(texts[index % len(texts)], patience_ms)
            answered += status in ("200", "OK")
            index += callers

    begin = time.monotonic()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    return answered / (time.monotonic() - begin)
