import json
import os
import pathlib
import unittest

import gateways


class GatewaysTest(unittest.TestCase):

    def test_both_are_sent_the_same_text_in_their_own_contract(self):
        self.assertEqual({"text": gateways.TEXT}, json.loads(gateways.body(gateways.OURS)))
        for peer in gateways.PEERS:
            self.assertEqual({"inputs": [{"text": gateways.TEXT}], "options": {"top_k": 1}}, json.loads(gateways.body(peer)))

    def test_finds_the_label_in_either_answer(self):
        self.assertEqual("a", gateways.label(gateways.OURS, b'{"prediction":{"label":"a","probability":0.5}}'))
        self.assertEqual("a", gateways.label(next(iter(gateways.PEERS)), b'{"results":[{"labels":[{"label":"a"}]}],"model":"m"}'))
        with self.assertRaises(KeyError):
            gateways.label(gateways.OURS, b'{"error":"no"}')

    def test_reads_log_lines_and_nothing_else(self):
        find = gateways.logged("listening", "port")
        self.assertEqual(7, find('{"message": "listening", "port": 7}\n'))
        for line in ('{"message": "ready", "port": 7}', "7", "listening", '"listening"', '{"message": "listening"}'):
            self.assertIsNone(find(line))

    def test_knows_where_a_service_is_asked(self):
        self.assertEqual("127.0.0.1:4711", gateways.target("127.0.0.1:0", 4711))
        self.assertEqual("unix:/tmp/a:0", gateways.target("unix:/tmp/a:0", 1))

    def test_every_gateway_asks_the_service_and_logs_no_requests(self):
        program, environment, port = gateways.command(gateways.OURS, pathlib.Path("/b"), pathlib.Path("/g"), "unix:/s")
        self.assertIn("unix:/s", program)
        self.assertIn(f"127.0.0.1:{port}", program)
        self.assertEqual("warning", environment["VERDICT_LOG_LEVEL"])
        program, environment, port = gateways.command("grpc-gateway, 2 threads", pathlib.Path("/b"), pathlib.Path("/g"), "unix:/s")
        self.assertIn("unix:/s", program)
        self.assertEqual({"GOMAXPROCS": "2"}, environment)
        self.assertIsNone(port)

    def test_processor_time_is_that_of_user_and_system(self):
        ticks = os.sysconf("SC_CLK_TCK")
        stat = f"12 (a) b) c) S 1 12 12 0 -1 4194560 1 2 3 4 {2 * ticks} {ticks} 9 9 20 0 5 0 1 1 1"
        self.assertEqual(3, gateways.cpu_seconds(12, stat))
        self.assertGreater(gateways.cpu_seconds(os.getpid()), 0)


if __name__ == "__main__":
    unittest.main()
