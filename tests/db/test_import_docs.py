"""What docs/import.md and the examples say is what the importers do."""

import ast
import re
from pathlib import Path

from app.usecases.importing import KINDS, import_file
from tests.db.importing import NOW, OPERATOR
from tools import import_columns

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RAISERS = {"CellError", "refuse", "fail", "RowError", "_header_fault", "_unsafe", "Choice"}


def test_every_kind_has_an_example_that_is_imported_without_an_error(session):
    for kind in KINDS.values():
        path = DOCS / "examples" / f"{kind.name}.{kind.formats[0]}"
        result = import_file(session, OPERATOR, NOW, kind.name, path.name, path)
        assert result.errors == (), kind.name
        assert result.added > 0, kind.name


def test_the_page_of_columns_is_what_the_importers_declare():
    assert (DOCS / "import-columns.md").read_text(encoding="utf-8") == import_columns.page(), (
        "run `make docs`"
    )


def codes_in_source():
    files = [ROOT / "app/usecases/scheduling.py", *(ROOT / "app/exchange").rglob("*.py"),
             *(ROOT / "app/usecases/importing").rglob("*.py")]  # fmt: skip
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node.func) in RAISERS:
                words = [
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                ]
                yield from [word for word in words if re.fullmatch(r"[a-z]+(_[a-z]+)+", word)][:1]


def name_of(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_error_code_is_explained_with_its_remedy():
    rows = (DOCS / "import.md").read_text(encoding="utf-8").splitlines()
    explained = {
        code for row in rows if row.startswith("| `") and row.count("|") == 4
        for code in re.findall(r"`([a-z_]+)`", row.split("|")[1])
    }  # fmt: skip
    raised = set(codes_in_source())
    assert len(raised) > 60
    assert raised - explained == set()
    assert {"formula", "truncated", "encrypted", "required", "unknown_exporter", "too_many_rows"} <= explained
