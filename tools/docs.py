"""`make docs`: the pages of docs/ that are written by the product itself, so that they cannot rot."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from app.config import Settings
from tools import import_columns

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    """Write every generated page."""
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def generated() -> dict[str, str]:
    """Name → text of each generated page."""
    return {"openapi.json": openapi(), "import-columns.md": import_columns.page()}


def openapi() -> str:
    """What the application serves at /api/v1/openapi.json, in a form that shows changes line by line."""
    from app.db import Database, make_engine
    from app.factory import create_app

    with TemporaryDirectory() as folder:
        env = {"FOURPORT_DATA_DIR": folder, "FOURPORT_SECRET_KEY": "only-to-write-the-documents"}
        settings = Settings.from_env(env)
        engine = make_engine(settings.database_url)
        answer = create_app(settings, Database(engine)).test_client().get("/api/v1/openapi.json")
        engine.dispose()
    return json.dumps(answer.get_json(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    main()
