"""What the documents say is what the program does."""

import json
import re
import shlex

import click
import pytest

from app.cli import program
from app.config import KNOWN
from tests.rules.sources import ROOT, shown
from tools import docs

BY_HAND = [
    path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name not in ("commands.md", "errors.md")
]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md"]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def pages():
    found = [*READMES, *BY_HAND]
    assert len(found) >= 8
    return {shown(path): path.read_text(encoding="utf-8") for path in found}


@pytest.mark.parametrize("name", ["openapi.json", "commands.md", "errors.md"])
def test_generated_pages_are_what_the_program_says_now(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == docs.generated()[name], "run `make docs`"


def test_the_description_of_the_api_covers_it():
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert described["openapi"].startswith("3.")
    assert len(described["paths"]) >= 12


def test_every_served_api_route_is_described():
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    assert all(path.startswith("/api/v1/") for path in described)


def test_every_setting_is_explained_by_hand():
    text = "\n".join(pages().values())
    assert len(KNOWN) >= 8
    assert [name for name in KNOWN if name not in text] == []


def test_every_command_is_shown_at_work():
    text = "\n".join(pages().values())
    words = [name for name, _ in docs.helps("fourport", program)]
    assert len(words) >= 20
    groups = {name.rpartition(" ")[0] for name in words}
    assert [name for name in words if name not in groups and name not in text] == []


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{name}: {target}"
        for name, text in pages().items()
        for target in LINK.findall(text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def console_lines():
    """Each line after a `$ ` in a block marked console, with where it stands."""
    return [
        (name, line.removeprefix("$ ").split(" #")[0].strip())
        for name, text in pages().items()
        for block in CONSOLE.findall(text)
        for line in re.sub(r"\\\n\s*", "", block).splitlines()
        if line.startswith("$ ")
    ]


def test_every_command_line_in_the_documents_can_be_typed():
    lines = console_lines()
    assert len(lines) >= 10
    assert [f"{name}: {line}: {fault}" for name, line in lines if (fault := fault_of(line))] == []


def fault_of(line):
    """What is wrong with a command line: a make target or a command or an option that is not there."""
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    if not words:
        return ""
    first, rest = words[0].rpartition("/")[2], words[1:]
    if first == "make":
        return "" if set(rest) <= make_targets() else "no such target"
    return fault_of_arguments(rest) if first == "fourport" else ""


def fault_of_arguments(words):
    try:
        command, context = program, click.Context(program, info_name="fourport")
        while isinstance(command, click.Group) and words:
            _, command, words = command.resolve_command(context, words)
            context = click.Context(command, parent=context)
        command.make_parser(context).parse_args(list(words))
    except click.ClickException as error:
        return error.format_message()
    return ""


def make_targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_the_check_of_command_lines_notices_what_is_wrong():
    assert fault_of("make everything") == "no such target"
    assert "No such option" in fault_of("fourport demo --twice")
    assert "No such command" in fault_of("fourport dance")
    assert fault_of("FOURPORT_LOG=json .venv/bin/fourport demo --once") == ""
