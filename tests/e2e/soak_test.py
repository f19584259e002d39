"""A minute of soak, and that its judge sees what grows."""

import pytest

import soak
import soak_plot


def rows(resident=lambda i: 50, descriptors=lambda i: 20, threads=lambda i: 8, count=100):
    return [{"seconds": i, "process": "verdict-service", "resident_mb": resident(i), "descriptors": descriptors(i), "threads": threads(i)}
            for i in range(count)]


def test_what_stays_flat_is_well():
    assert soak.judge(rows()) == []
    assert soak.judge(rows(resident=lambda i: 80 if i < 10 else 50)) == [], "the start does not count"
    assert soak.judge(rows(resident=lambda i: 500 if i == 50 else 50)) == [], "nor does a peak"


@pytest.mark.parametrize("change,figure", [
    ({"resident": lambda i: 50 + i}, "resident_mb"), ({"descriptors": lambda i: 20 + i}, "descriptors"), ({"threads": lambda i: 8 + i // 5}, "threads")])
def test_what_grows_is_told(change, figure):
    complaints = soak.judge(rows(**change))
    assert len(complaints) == 1
    assert figure in complaints[0]


def test_the_plot_has_a_line_for_each_figure(tmp_path):
    soak_plot.draw(rows(), tmp_path / "soak.svg")
    picture = (tmp_path / "soak.svg").read_text()
    assert picture.count("<polyline") == 6
    assert "resident memory" in picture


def test_a_minute_of_good_and_hostile_callers_leaves_nothing_behind(tmp_path, stubs):
    samples, complaints = soak.soak(1, 60, tmp_path, stubs)
    assert complaints == []
    assert len(samples) > 100
    assert "verdict-gateway" in (tmp_path / "soak.csv").read_text()
