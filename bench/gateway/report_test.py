import pathlib
import tempfile
import unittest

import report

KEYS = ("requests_per_second", "p50_ms", "p99_ms", "cpu_us", "failures", "generator", "others")


def entry(rate, failures=0, others=0.0):
    found = {f"{key}_{count}": value for count in (1, 16)
             for key, value in zip(KEYS, (rate * count, 1000 / rate, 5000 / rate, 1e6 / rate, failures, 0.4, others))}
    return {"rounds": [found], "medians": found}


GATEWAYS = {"Verdict gateway": entry(10000.0), "grpc-gateway, 1 thread": entry(4000.0, failures=2, others=0.7)}
RESULTS = {
    "date": "2024-02-29", "load_average": 0.1,
    "machine": {"processor": "A Processor", "cores": 2, "memory_gb": 24, "flags": [], "kernel": "6.1"},
    "versions": {"commit": "abc", "grpc-gateway": "2.27.8"},
    "settings": {"connections": [1, 16], "rounds": 5, "seconds": 5.0, "socket": "a Unix socket"},
    "gateways": GATEWAYS, "without_rpc": {"Verdict gateway": entry(50000.0), "grpc-gateway, 1 thread": entry(20000.0)},
}


class ReportTest(unittest.TestCase):

    def test_every_row_has_every_column(self):
        for lines in (report.levels(GATEWAYS, [1, 16]), report.ratios(GATEWAYS, [1, 16])):
            self.assertEqual(1, len({line.count("|") for line in lines}), lines)

    def test_a_row_for_each_level_and_gateway(self):
        lines = report.levels(GATEWAYS, [1, 16])
        self.assertEqual(2 + 4, len(lines))
        self.assertIn("| 16 conn.: **Verdict gateway** | 160,000 |", lines[4])

    def test_ratios_are_in_our_favour_when_ours_is_better(self):
        row = report.ratios(GATEWAYS, [1, 16])[2]
        self.assertEqual(["grpc-gateway, 1 thread"] + ["2.50"] * 5, [cell.strip() for cell in row.strip("|").split("|")])

    def test_says_what_failed_and_what_was_disturbed(self):
        lines = report.notes(GATEWAYS, [1, 16])
        self.assertEqual(2, len(lines))
        self.assertIn("4.00 requests failed", lines[0])
        self.assertIn("0.7 cores", lines[1])
        self.assertEqual([], report.notes({"Verdict gateway": entry(1.0)}, [1, 16]))

    def test_the_section_says_where_and_how(self):
        text = report.section(RESULTS)
        for words in ("A Processor", "2 cores", "2024-02-29", "grpc-gateway 2.27.8", "a Unix socket", "5 rounds of 5 s", report.IMAGE, "50,000"):
            self.assertIn(words, text)

    def test_figures_are_replaced_and_the_rest_is_kept(self):
        page = report.put_into("", "first")
        self.assertTrue(page.startswith(report.TITLE))
        page = report.put_into(page + "\n## Notes\nkept\n", "second")
        self.assertNotIn("first", page)
        self.assertIn("second", page)
        self.assertIn("## Notes\nkept\n", page)
        self.assertEqual(page, report.put_into(page, "second"))
        self.assertEqual(1, page.count(report.BEGIN))

    def test_versions_are_those_of_the_module_file(self):
        found = report.go_versions(pathlib.Path(__file__).with_name("grpc_gateway") / "go.mod")
        self.assertRegex(found["grpc-gateway"], r"^2\.27\.\d+$")
        self.assertRegex(found["grpc-go"], r"^1\.\d+\.\d+$")
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual({"unknown"}, set(report.go_versions(pathlib.Path(folder) / "go.mod").values()))


if __name__ == "__main__":
    unittest.main()
