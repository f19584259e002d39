import pytest

import conformance_doc

REPORT = """<testsuites><testsuite><testcase classname="mlflow_test" name="test_a_call[1]"/><testcase classname="mlflow_test" name="test_a_call[2]"><failure message="no"/></testcase>
<testcase classname="mlflow_test" name="test_another"><skipped/></testcase><testcase classname="other_test" name="test_of_something_else"/></testsuite></testsuites>"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    return conformance_doc.outcomes(tmp_path / "report.xml")


def test_ways_of_one_call_are_counted_together(found):
    assert found["mlflow_test"] == {"test_a_call": ["passed", "failed"], "test_another": ["skipped"]}
    assert conformance_doc.result(["passed", "passed"]) == "passed"
    assert conformance_doc.result(["passed", "failed"]) == "1 passed, 1 failed"
    assert conformance_doc.result(["skipped"]) == "1 skipped"


def test_the_page_has_a_row_for_each_call(found, monkeypatch):
    monkeypatch.setattr(conformance_doc, "CLIENTS", [("mlflow_test", "A client", "some-client")])
    page = conformance_doc.page(found, conformance_doc.versions("# pinned\nsome-client[http]==1.2.3\n"))
    assert "## A client (some-client 1.2.3)\n" in page
    assert "| a call | 2 | 1 passed, 1 failed |\n| another | 1 | 1 skipped |\n" in page
    assert "something else" not in page


def test_a_client_without_tests_is_an_error(found):
    with pytest.raises(KeyError, match="sagemaker_client_test"):
        conformance_doc.page(found, {"boto3": "1"})
