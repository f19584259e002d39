"""open_loop.py against servers that are slow or refuse, without a network where that is possible."""

import asyncio

import open_loop
from open_loop import Answer, Outcome


def test_the_moments_of_an_arrival_process_have_its_rate_and_are_the_same_again():
    moments = open_loop.poisson(100, 50, seed=3)
    assert abs(len(moments) - 5000) < 250
    assert moments == sorted(moments) and moments[-1] < 50
    assert moments == open_loop.poisson(100, 50, seed=3) != open_loop.poisson(100, 50, seed=4)


def test_percentiles_are_values_that_occurred():
    assert open_loop.percentile([], 0.5) is None
    assert open_loop.percentile([1, 2, 3, 4], 0.5) == 2
    assert open_loop.percentile(list(range(1, 101)), 0.99) == 99
    assert open_loop.percentile([7], 0.99) == 7


def test_a_late_answer_is_no_good_one_and_a_refusal_counts_apart():
    outcome = Outcome(10, 2, [Answer("200", 10, characters=40), Answer("200", 990, characters=60), Answer("200", 1001, characters=90), Answer("429", 1, True, 500), Answer("429", 1), Answer("late", 1000)])
    row = outcome.row(1000)
    assert row["goodput"] == 1 and row["refused"] == 1 and row["refused_with_retry"] == 0.5
    assert row["p50_ms"] == 10 and row["p99_ms"] == 990 and row["characters"] == 50
    assert row["statuses"] == {"200": 3, "429": 2, "late": 1}


def test_rounds_of_a_level_count_together():
    rounds = [Outcome(10, 2, [Answer("200", 10), Answer("200", 30)], 1.5), Outcome(10, 2, [Answer("429", 1, True)], 0.5)]
    row = Outcome.of_rounds(rounds).row(1000)
    assert row["offered"] == 10 and row["sent"] == 3 and row["goodput"] == 0.5 and row["refused"] == 0.25
    assert row["p50_ms"] == 10 and row["generator_lag_ms"] == 1.5


class SlowServer:
    """Answers one request after the other, each after so long."""

    def __init__(self, seconds):
        self._seconds, self._busy, self.asked = seconds, asyncio.Lock(), 0

    async def ask(self, text, deadline_ms):
        self.asked += 1
        async with self._busy:
            await asyncio.sleep(self._seconds)
        return "200", False


def test_requests_are_sent_although_none_is_answered():
    async def run():
        server = SlowServer(10)
        outcome = await open_loop.open_loop(server, ["a"], rate=200, seconds=0.5, deadline_ms=100)
        assert server.asked == len(outcome.answers) > 50
        assert {(answer.status, answer.characters) for answer in outcome.answers} == {("late", 1)}
        assert outcome.row(100)["characters"] is None
    asyncio.run(run())


def test_a_latency_counts_from_when_the_request_was_due():
    async def run():
        outcome = await open_loop.open_loop(SlowServer(0.02), ["a"], rate=100, seconds=0.5, deadline_ms=5000)
        waits = [answer.ms for answer in outcome.answers]
        assert max(waits) > 200  # twice the capacity for half a second: the last wait for the others
    asyncio.run(run())


def test_an_http_refusal_tells_whether_it_says_when_to_try_again():
    async def serve(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(next(line for line in head.decode().split("\r\n") if line.startswith("Content-Length")).split()[1])
            body = await reader.readexactly(length)
            refused = b"refuse" in body
            writer.write(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy" if refused
                         else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = open_loop.HttpClient(server.sockets[0].getsockname()[1], "/x", lambda text: {"text": text})
        assert await client.ask("a", 1000) == ("200", False)
        assert await client.ask("refuse", 1000) == ("429", True)
        assert len(client._idle) == 1  # one connection served both
        await client.close()
        server.close()
    asyncio.run(run())


def test_a_connection_that_the_server_closed_meanwhile_is_replaced():
    async def serve(reader, writer):  # one answer for each connection, without saying so
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = open_loop.HttpClient(server.sockets[0].getsockname()[1], "/x", lambda text: {"text": text})
        for _ in range(3):
            assert await client.ask("a", 1000) == ("200", False)
        server.close()
    asyncio.run(run())


def test_capacity_is_what_is_answered_a_second():
    async def run():
        return await open_loop.capacity(SlowServer(0.01), ["a"], callers=4, seconds=0.5)
    assert 40 < asyncio.run(run()) < 101
