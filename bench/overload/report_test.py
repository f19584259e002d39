"""report.py on results made up here."""

import report

ROW = {"factor": 1, "offered": 20.0, "goodput": 19.0, "characters": 86.6, "refused": 0.0, "refused_with_retry": 0.0, "p50_ms": 40.0, "p99_ms": 90.4, "refusal_p99_ms": None,
       "statuses": {"200": 190}, "sent": 190, "generator_lag_ms": 1.0}
RESULTS = {"deadline_ms": 2000, "processor": "Abacus 3", "processors": 16, "server_cpus": "0,2", "layers": 12, "load_before": 0.5, "servers": [
    {"name": "Verdict fp32, HTTP", "seconds": 10, "capacity": 20.0,
     "rows": [ROW, {**ROW, "factor": 10, "offered": 200.0, "goodput": 18.0, "refused": 181.0, "refused_with_retry": 1.0, "refusal_p99_ms": 3.2,
                    "statuses": {"200": 180, "429": 1810, "504": 7, "late": 3}}]},
    {"name": "a peer", "seconds": 6, "capacity": 5.0, "rows": [{**ROW, "goodput": 0.0, "characters": None, "p50_ms": None, "p99_ms": None}]}]}


def test_the_table_has_a_row_for_each_level():
    lines = report.table(RESULTS).splitlines()
    assert lines[2] == "| Verdict fp32, HTTP | 20.0/s | 1x | 20 | 19.0 | 100 % | 87 | 0.0 | – | 40 | 90 | – | – |"
    assert lines[3] == "| Verdict fp32, HTTP | 20.0/s | 10x | 200 | 18.0 | 95 % | 87 | 181.0 | 100 % | 40 | 90 | 3 | 7 504, 3 late |"
    assert lines[4] == "| a peer | 5.0/s | 1x | 20 | 0.0 | – | – | 0.0 | – | – | – | – | – |"


def test_the_page_says_how_it_was_measured():
    page = report.page(RESULTS)
    assert "BERT of 12 layers of 768; deadline 2000 ms, 6 to 10 s a level;" in page
    assert "16 processors (Abacus 3), servers on processors 0,2, the load generator on others; load average before: 0.5;" in page
    assert "sent within 1.0 ms of when they were due" in page
    assert "servers and load generator on the same" in report.page({**RESULTS, "server_cpus": None})
    assert report.table(RESULTS) in page
