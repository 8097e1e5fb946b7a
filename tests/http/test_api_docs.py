"""The page that describes the API to people."""

import re
from pathlib import Path

import pytest
from markupsafe import escape

from app.api.description import document

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

SHARED = True


@pytest.fixture(scope="module")
def backend():
    return "sqlite"


def test_the_page_shows_every_operation_and_needs_no_sign_in(visitor):
    response = visitor.get("/api/docs")
    text = response.get_data(as_text=True)

    assert response.status_code == 200
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert f"{method.upper()} {path}" in text
                assert f'id="{operation["operationId"]}"' in text
                assert str(escape(operation["summary"].split("`")[0])) in text


def test_the_page_loads_nothing_from_elsewhere(visitor):
    text = visitor.get("/api/docs").get_data(as_text=True)

    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', text)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert not re.search(r"<script(?![^>]+src=)", text)


def test_the_page_speaks_chinese_around_the_reference(visitor):
    text = visitor.get("/api/docs", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)

    assert 'lang="zh' in text
    assert "参数" in text


def test_the_guide_calls_operations_that_are_there():
    called = set(re.findall(r'"\$API(/[^"?]*)', GUIDE.read_text(encoding="utf-8")))
    assert len(called) >= 12
    patterns = [
        re.sub(r"\{\w+\}", r"\\$[A-Z]+", path.removeprefix("/api/v1")) for path in document()["paths"]
    ]
    assert [path for path in called if not any(re.fullmatch(pattern, path) for pattern in patterns)] == []


def test_every_operation_is_in_the_guide_or_the_page_of_its_part():
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(GUIDE.parent.glob("*.md")))
    missing = [
        path
        for path in document()["paths"]
        if not re.search(re.sub(r"\{\w+\}", r"(\\$[A-Z]+|\\{\\w+\\})", path.removeprefix("/api/v1")), text)
    ]
    assert missing == []
