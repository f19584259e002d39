"""The pages /docs and /redoc in a real browser, which reaches nothing but the gateway. Screenshots go to build/screenshots."""

import json

import pytest

import programs
from browser import Page

SCREENSHOTS = programs.ROOT / "build/screenshots"


@pytest.fixture
def page():
    with Page() as page:
        yield page


@pytest.fixture
def document(connection):
    return json.loads(connection.send("GET", "/openapi.json")[2])


def operations(document):
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def assert_no_problem(page, url):
    page.evaluate("0")  # what has happened until now is told before this is answered
    assert not page.problems
    elsewhere = [request for request in page.requests if not request.startswith((url, "data:", "blob:"))]
    assert not elsewhere, "a page loads something from elsewhere"


def test_the_docs_page_shows_every_operation_and_tries_one(gateway, document, page):
    url = f"http://127.0.0.1:{gateway.port}"
    page.open(f"{url}/docs")
    shown = sum(len(operation["tags"]) for _, _, operation in operations(document))
    page.until(f"document.querySelectorAll('.opblock').length === {shown}")
    assert page.evaluate("document.querySelector('.info .title').innerText").startswith("Verdict")

    block = "#operations-sagemaker-" + document["paths"]["/invocations"]["post"]["operationId"]
    page.click(f"{block} .opblock-summary-control")
    page.click(f"{block} .try-out__btn")
    page.click(f"{block} .btn.execute")
    status = page.until(f"document.querySelector('{block} .live-responses-table tbody .response-col_status')?.innerText")
    assert status.startswith("200")
    answer = page.until(f"document.querySelector('{block} .live-responses-table tbody .highlight-code')?.innerText")
    assert "probability" in answer and "lost_or_stolen_card" in answer
    page.evaluate(f"document.querySelector('{block} .responses-wrapper').scrollIntoView()")
    page.screenshot(SCREENSHOTS / "docs_answer.png")
    page.click(f"{block} .opblock-summary-control")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(SCREENSHOTS / "docs.png")
    assert_no_problem(page, url)


def test_redoc_shows_every_operation(gateway, document, page):
    url = f"http://127.0.0.1:{gateway.port}"
    page.open(f"{url}/redoc")
    for _, _, operation in operations(document):
        page.until(f"document.body?.innerText.includes({json.dumps(operation['summary'])})")
    page.screenshot(SCREENSHOTS / "redoc.png")
    assert_no_problem(page, url)
