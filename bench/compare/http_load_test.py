import http.server
import threading
import time
import unittest

import http_load


class Handler(http.server.BaseHTTPRequestHandler):
    """Notes the bodies; answers some of them in two parts, with another status, or by hanging up."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    requests = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Handler.requests.append((self.client_address[1], self.path, self.headers["Content-Type"], body))
        if body == b"hang up":
            self.close_connection = True
            return
        self.send_response(500 if body == b"fail" else 200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        time.sleep({b"slow": 0.02, b"very slow": 0.8}.get(body, 0))
        self.wfile.write(b"ab")
        self.wfile.flush()
        self.wfile.write(b"cd")

    def log_message(self, *unused):
        pass


class Server(http.server.ThreadingHTTPServer):

    def handle_error(self, request, client_address):
        """wrk closes its connections in the middle of answers when its time is over."""


class HttpLoadTest(unittest.TestCase):

    def setUp(self):
        Handler.requests = []
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_port

    def load(self, bodies, connections=2):
        return http_load.run(self.port, bodies, connections, seconds=1)

    def test_varies_the_bodies_on_kept_connections(self):
        outcome = self.load([b'{"text":"one"}', b"two", b"three \xc3\xa9"])
        self.assertEqual({b'{"text":"one"}', b"two", b"three \xc3\xa9"}, {body for *_, body in Handler.requests})
        self.assertEqual({("/invocations", "application/json")}, {(path, kind) for _, path, kind, _ in Handler.requests})
        self.assertEqual(4, len({port for port, *_ in Handler.requests}))  # two of the trial, two of the run
        self.assertEqual(0, outcome.failures)
        self.assertGreater(outcome.requests_per_second, 20)
        self.assertGreater(outcome.generator_share, 0)

    def test_latency_is_until_the_last_byte(self):
        outcome = self.load([b"slow"])
        self.assertGreaterEqual(outcome.p50_ms, 20)
        self.assertGreaterEqual(outcome.p99_ms, outcome.p50_ms)
        self.assertAlmostEqual(2 * 1000 / outcome.p50_ms, outcome.requests_per_second, delta=0.4 * outcome.requests_per_second)

    def test_a_slow_server_is_loaded_for_longer(self):
        self.assertEqual(0, self.load([b"very slow"], 3).failures)
        self.assertGreaterEqual(len(Handler.requests), http_load.LEAST_ANSWERS * 3)

    def test_how_much_longer(self):
        trial = lambda answers: {"seconds": 1.0, "answers": answers}
        self.assertEqual(10, http_load.stretched(10, 16, trial(1000)))
        self.assertEqual(24, http_load.stretched(10, 16, trial(2)))
        self.assertEqual(40, http_load.stretched(10, 64, trial(1)))
        self.assertEqual(40, http_load.stretched(10, 16, trial(0)))

    def test_failures_are_counted_not_rated(self):
        outcome = self.load([b"one", b"fail"])
        self.assertGreater(outcome.failures, 0)
        self.assertLess(outcome.requests_per_second, 1.2 * len(Handler.requests) / 2 / 1)
        with self.assertRaisesRegex(RuntimeError, "no request succeeded"):
            self.load([b"fail"])

    def test_a_closed_connection_is_a_failure_and_is_opened_again(self):
        outcome = self.load([b"one", b"hang up"])
        self.assertGreater(outcome.failures, 1)
        self.assertGreater(outcome.requests_per_second, 0)

    def test_a_server_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(RuntimeError, "wrk"):
            http_load.run(1, [b"one"], 1, seconds=1)


if __name__ == "__main__":
    unittest.main()
