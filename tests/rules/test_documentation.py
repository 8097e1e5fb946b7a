"""What the documents say is what the program does."""

import importlib
import json
import pkgutil
import re
import shlex

import click

import app
from app.cli import program
from app.config import KNOWN
from app.errors import all_errors
from app.http import HTTP_CODES
from tests.rules.sources import ROOT, shown
from tools import docs

PAGES = sorted((ROOT / "docs").rglob("*.md"))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md"]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
TYPED = re.compile(r"`((?:make|fourport) [^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def pages():
    found = [*READMES, *PAGES]
    assert len(found) >= 8
    return {shown(path): path.read_text(encoding="utf-8") for path in found}


def test_the_description_of_the_api_is_what_the_application_serves():
    kept = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert kept == docs.openapi(), "run `make docs`"


def test_the_description_of_the_api_covers_it():
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert described["openapi"].startswith("3.")
    assert len(described["paths"]) >= 12


def test_every_setting_is_explained_by_hand():
    text = "\n".join(pages().values())
    assert len(KNOWN) >= 8
    assert [name for name in KNOWN if name not in text] == []


def test_every_command_stands_on_the_page_of_commands():
    rows = [set(re.findall(r"[\w-]+", row)) for row in table_rows("commands.md")]
    commands = leaf_commands("fourport", program)
    assert len(commands) >= 20
    assert [words for words in commands if not any(set(words.split()) <= row for row in rows)] == []


def leaf_commands(words, command):
    """The words of every command that does something itself."""
    if not isinstance(command, click.Group):
        return [words]
    context = click.Context(command)
    names = command.list_commands(context)
    return [
        leaf
        for name in names
        for leaf in leaf_commands(f"{words} {name}", command.get_command(context, name))
    ]


def test_every_error_code_stands_on_the_page_of_errors_with_its_status():
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)
    known = {(error.code, str(error.status)) for error in all_errors()}
    known |= {(code, str(status)) for status, code in HTTP_CODES.items()}
    assert len(known) >= 15
    documented = {tuple(cell.strip(" `") for cell in row.split("|")[1:3]) for row in table_rows("errors.md")}
    assert {pair for pair in known if pair not in documented} == set()


def table_rows(name):
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("|")]


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{name}: {target}"
        for name, text in pages().items()
        for target in LINK.findall(text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def command_lines():
    """What the documents tell people to type, with where: after `$ ` in a block marked console, or between backticks.

    A span with brackets, dots or a bar describes the form of a command and is left out.
    """
    for name, text in pages().items():
        for block in CONSOLE.findall(text):
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                if line.startswith("$ "):
                    yield name, line.removeprefix("$ ").split(" #")[0].strip()
        yield from ((name, span) for span in TYPED.findall(text) if not re.search(r"[\[\]|…]", span))


def test_every_command_line_in_the_documents_can_be_typed():
    lines = list(command_lines())
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
