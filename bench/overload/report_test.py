"""report.py on results made up here."""

import report

ROW = {"factor": 1, "offered": 20.0, "goodput": 19.0, "refused": 0.0, "refused_with_retry": 0.0, "p50_ms": 40.0, "p99_ms": 90.4, "refusal_p99_ms": None,
       "statuses": {"200": 190}, "sent": 190, "generator_lag_ms": 1.0}
RESULTS = {"deadline_ms": 2000, "seconds": 10, "processors": 2, "load_before": 0.5, "servers": [
    {"name": "Verdict, HTTP", "capacity": 20.0,
     "rows": [ROW, {**ROW, "factor": 10, "offered": 200.0, "goodput": 18.0, "refused": 181.0, "refused_with_retry": 1.0, "refusal_p99_ms": 3.2,
                    "statuses": {"200": 180, "429": 1810, "504": 7, "late": 3}}]},
    {"name": "a peer", "capacity": 5.0, "rows": [{**ROW, "goodput": 0.0, "p50_ms": None, "p99_ms": None}]}]}


def test_the_table_has_a_row_for_each_level():
    lines = report.table(RESULTS).splitlines()
    assert lines[2] == "| Verdict, HTTP | 20.0/s | 1x | 20 | 19.0 | 100 % | 0.0 | – | 40 | 90 | – | – |"
    assert lines[3] == "| Verdict, HTTP | 20.0/s | 10x | 200 | 18.0 | 95 % | 181.0 | 100 % | 40 | 90 | 3 | 7 504, 3 late |"
    assert lines[4] == "| a peer | 5.0/s | 1x | 20 | 0.0 | – | 0.0 | – | – | – | – | – |"


def test_the_page_says_how_it_was_measured():
    page = report.page(RESULTS)
    assert "Deadline 2000 ms, 10 s a level, 2 processors; load average before: 0.5" in page
    assert report.table(RESULTS) in page
