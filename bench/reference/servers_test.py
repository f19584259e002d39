import sys
import unittest

import servers

# A server that logs like the gateway, answers /ping with 503 once and then with 200, and echoes the text as the label.
FAKE = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
  pings = 0
  def answer(self, status, body=b""):
    self.send_response(status); self.send_header("content-length", str(len(body))); self.end_headers(); self.wfile.write(body)
  def do_GET(self):
    Handler.pings += 1
    self.answer(200 if Handler.pings > 1 else 503)
  def do_POST(self):
    self.answer(200, self.rfile.read(int(self.headers["content-length"])))
  def log_message(self, *unused): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("not json"); print(json.dumps({"message": "starting"}))
print(json.dumps({"message": "listening", "port": server.server_port}), flush=True)
server.serve_forever()
"""


class ServersTest(unittest.TestCase):

    def test_finds_the_port_waits_and_asks(self):
        with servers.Server([sys.executable, "-c", FAKE], {}) as server:
            server.port = server.wait_for_line(servers.listening_port)
            server.wait_until_ready()
            status, _, body = server.classify("é")
            self.assertEqual((200, b'{"text": "\\u00e9"}'), (status, body))
        self.assertIsNotNone(server.process.poll())

    def test_a_server_that_ends_is_an_error_that_shows_its_last_words(self):
        with servers.Server([sys.executable, "-c", "print('no model there')"], {}) as server:
            with self.assertRaisesRegex(RuntimeError, "no model there"):
                server.wait_for_line(servers.listening_port)

    def test_only_the_listening_line_has_the_port(self):
        self.assertEqual(8080, servers.listening_port('{"message":"listening","port":8080}'))
        for line in ("", "listening", "[]", "3", '{"message":"listening"}', '{"message":"ready","port":8080}'):
            self.assertIsNone(servers.listening_port(line))


if __name__ == "__main__":
    unittest.main()
