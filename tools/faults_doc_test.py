import pytest

import faults_doc

ROWS = {"a | b": {"client": "503", "logged": "it\nended", "recovery": "1 s"}}


def test_the_table_takes_the_place_of_the_old_one():
    page = f"before\n{faults_doc.BEGIN}\nold\n{faults_doc.END}\nafter\n"
    new = faults_doc.replaced(page, ROWS)
    assert "old" not in new
    assert "| a \\| b | 503 | it ended | 1 s |" in new
    assert new.startswith("before\n") and new.endswith("after\n")
    assert faults_doc.replaced(new, ROWS) == new


def test_a_page_without_a_place_for_it_is_an_error():
    with pytest.raises(ValueError):
        faults_doc.replaced("nothing", ROWS)
