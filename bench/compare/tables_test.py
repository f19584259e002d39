import unittest

import tables


def engine(error=None, agreement=None, batch=8, **figures):
    return {"rounds": [figures], "medians": figures, "best_batch": batch, "agreement": agreement, "error": error}


ENGINES = {
    "transformers fp32": engine(texts_per_second=10.0, median_ms=80.0, ms_512=412.3, start_s=5.0, memory_mb=1100.0,
                                agreement={"flips": 0, "flips_outside": 0, "worst": 0.0}),
    "torch.compile bf16": engine(texts_per_second=20.0, median_ms=40.0, compile_s=300.0),
    "Verdict bf16": engine(texts_per_second=50.0, median_ms=20.0, batch="one request",
                           agreement={"flips": 3, "flips_outside": 1, "worst": 0.0123}),
    "Verdict int9": engine(error="no such precision"),
}
HTTP = {"FastAPI": engine(requests_per_second_1=10.0, p50_ms_1=100.0, p99_ms_1=200.0, failures_1=0),
        "Verdict bf16": engine(requests_per_second_1=40.0, p50_ms_1=25.0, p99_ms_1=50.0, failures_1=2)}
RESULTS = {
    "date": "2024-02-29", "load_average": 0.1,
    "machine": {"processor": "A Processor", "cores": 2, "memory_gb": 24, "flags": ["avx2"], "kernel": "6.1"},
    "settings": {"threads": 2, "repeats": 3, "connections": [1]}, "versions": {"torch": "2.0"},
    "workload": {"what": "texts of Banking77's words"},
    "models": {"bert_base": {"texts": 256, "digest": "abc", "tokens": 12345, "repeats": 3, "engines": ENGINES, "http": HTTP}},
}


class TablesTest(unittest.TestCase):

    def test_numbers_have_three_digits(self):
        self.assertEqual(["–", "0.00", "1.2e-05", "0.12", "1.23", "12.3", "123", "1,234"],
                         [tables.number(value) for value in (None, 0, 0.0000123, 0.123, 1.234, 12.34, 123.4, 1234.4)])

    def test_every_row_has_every_column(self):
        ratios = tables.ratio_table(ENGINES, [("x", "median_ms")])
        for lines in (tables.engine_table(ENGINES), tables.http_table(HTTP, [1, 16]), ratios):
            widths = {line.count("|") for line in lines if line.startswith("|")}
            self.assertEqual(1, len(widths), lines)

    def test_an_engine_has_its_figures_and_agreement(self):
        lines = tables.engine_table(ENGINES)
        self.assertIn("| **Verdict bf16** | 50.0 | one request | 20.0 | – | – | – | – | – | 3 | 1 | 0.01 |", lines)
        self.assertIn("| transformers fp32 | 10.0 | 8 | 80.0 | – | – | 412 | 5.00 | 1,100 | 0 | 0 | 0.00 |", lines)

    def test_what_failed_is_said_and_has_no_row(self):
        text = "\n".join(tables.engine_table(ENGINES))
        self.assertIn("- Verdict int9: not measured: no such precision", text)
        self.assertNotIn("| **Verdict int9**", text)
        self.assertIn("compiled for 300 s", text)
        self.assertIn("Verdict bf16: 2.00 requests failed", "\n".join(tables.http_table(HTTP, [1])))

    def test_ratios_are_ours_against_each_peer(self):
        lines = tables.ratio_table(ENGINES, (("texts/s", "texts_per_second"), ("one at a time", "median_ms")))
        self.assertEqual(["| against | texts/s: Verdict bf16 | one at a time: Verdict bf16 |", "|---|---:|---:|",
                          "| transformers fp32 | 5.00 | 4.00 |", "| torch.compile bf16 | 2.50 | 2.00 |"], lines)
        self.assertEqual([], tables.ratio_table({"transformers fp32": ENGINES["transformers fp32"]}, [("x", "median_ms")]))

    def test_a_row_measured_beside_other_programs_says_so(self):
        entries = {"quiet": engine(others=0.05), "disturbed": engine(others=0.9)}
        for lines in (tables.engine_table(entries), tables.http_table(entries, [1])):
            found = [line for line in lines if "other programs" in line]
            self.assertEqual(["- disturbed: other programs took up to 0.9 cores meanwhile."], found)

    def test_the_share_of_the_limit_is_told(self):
        lines = tables.engine_table({"Verdict bf16, in process": engine(gflops=1000.0, limit_gflops=2500.0, batch=None)})
        self.assertIn("1,000 GFLOP/s of the 2,500", lines[-1])

    def test_the_page_says_where_and_with_what(self):
        page = tables.document(RESULTS, {"bert_base": [("images/a.png", "bars")]})
        for part in ("A Processor", "2024-02-29", "torch 2.0", "## bert_base", "12,345 tokens", "![bars](images/a.png)",
                     "| against | 1 conn.: Verdict bf16 |"):
            self.assertIn(part, page)


if __name__ == "__main__":
    unittest.main()
