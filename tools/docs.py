"""`make docs`: the pages of docs/ that are written by the product itself, so that they cannot rot."""

import importlib
import json
import pkgutil
from pathlib import Path
from tempfile import TemporaryDirectory

import click

import app as package
from app.cli import program
from app.config import Settings
from app.errors import all_errors
from app.http import HTTP_CODES

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH = 100


def main() -> None:
    """Write every generated page."""
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def generated() -> dict[str, str]:
    """Name → text of each generated page."""
    return {"openapi.json": openapi(), "commands.md": commands(), "errors.md": errors()}


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


def commands() -> str:
    """The help of every command, in the order of the alphabet."""
    parts = ["# Commands\n", "Written by `make docs` from the program's own help.\n"]
    parts += [f"## `{words}`\n\n```text\n{text}\n```\n" for words, text in helps("fourport", program)]
    return "\n".join(parts)


def helps(words: str, command: click.Command) -> list[tuple[str, str]]:
    """A command's words and help, then those of its subcommands."""
    with click.Context(command, info_name=words, terminal_width=WIDTH, max_content_width=WIDTH) as context:
        found = [(words, command.get_help(context).rstrip())]
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                if child is not None:
                    found += helps(f"{words} {name}", child)
    return found


def errors() -> str:
    """Every error code, with its HTTP status and what it means."""
    rows = sorted({(code, str(status), meaning) for code, status, meaning in error_codes()})
    lines = [f"| `{code}` | {status} | {meaning} |" for code, status, meaning in rows]
    top = [
        "# Error codes\n",
        "Written by `make docs` from the code.\n",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*top, *lines]) + "\n"


def error_codes() -> list[tuple[str, int, str]]:
    """Code, status and meaning of everything the product refuses with."""
    for module in pkgutil.walk_packages(package.__path__, "app."):
        importlib.import_module(module.name)
    raised = [(error.code, error.status, error.title) for error in all_errors()]
    known = {code for code, _, _ in raised}
    plain = [(code, status, "What HTTP says of this status") for status, code in HTTP_CODES.items()]
    return raised + [row for row in plain if row[0] not in known]


if __name__ == "__main__":
    main()
