"""docs/import-columns.md: every kind of file with its columns, from the declarations that the importers use."""

from app.exchange.rows import Column
from app.usecases.importing import KINDS
from app.usecases.importing.kinds import Kind

HEAD = """# Columns of the files

Every kind that `fourport import` and `fourport export` know, in the order in which one refers to the other. This page
is written by `make docs` from the declarations that the importers themselves use; [import.md](import.md) explains how
cells are written and what the error codes mean.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(kind) for kind in KINDS.values())])


def _section(kind: Kind) -> str:
    formats = ", ".join(kind.formats)
    example = f"[{kind.name}.{kind.formats[0]}](examples/{kind.name}.{kind.formats[0]})"
    lines = [f"## {kind.name}", "", f"{kind.doc}. Formats: {formats}. Example: {example}.", ""]
    if kind.columns:
        lines += ["| column | required | what it holds |", "|---|---|---|", *map(_line, kind.columns), ""]
    return "\n".join(lines)


def _line(column: Column) -> str:
    return f"| `{column.name}` | {'yes' if column.required else ''} | {column.doc.replace('|', '/')} |"
