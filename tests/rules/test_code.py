"""The shape of the code: who may know whom, how long a thing may be, and that nothing lies unused."""

import ast
import re
import subprocess
import sys

import pytest

from tests.rules.sources import ROOT, functions, names_in, python_files, shown, tree

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
FEWEST_FILES = 60
FEWEST_CONTRACTS = 3
LEAN_COMMANDS = ("solve", "verify", "why")
HEAVY = ("flask", "sqlalchemy", "rq", "redis")


def test_the_import_contracts_are_kept():
    program = f"{sys.prefix}/bin/lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    kept = re.search(r"Contracts: (\d+) kept, 0 broken", done.stdout)
    assert int(kept[1]) >= FEWEST_CONTRACTS


def test_no_file_is_longer_than_the_limit():
    files = python_files()
    assert len(files) >= FEWEST_FILES
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_limit():
    long = {
        f"{shown(path)}:{function.name}": function.end_lineno - function.lineno + 1
        for path in python_files()
        for function in functions(path)
        if function.end_lineno - function.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("command", LEAN_COMMANDS)
def test_the_optimizers_own_commands_need_no_web_and_no_database(command):
    code = (
        "import sys\n"
        "from app.cli import program\n"
        f"program.main([{command!r}, '--help'], standalone_mode=False)\n"
        f"sys.exit(','.join(sorted(set(sys.modules) & {set(HEAVY)!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.stdout.startswith("Usage")


def test_every_use_case_is_reached_from_a_screen_an_endpoint_a_job_or_a_command():
    doors = ("app/api", "app/web", "app/jobs", "app/cli")
    reached = set().union(*(names_in(tree(path)) for path in python_files(*doors)))
    reached |= names_in(tree(ROOT / "app" / "auth.py"))
    parts = [part for path in python_files("app/usecases") for part in definitions(tree(path))]
    public = {name for name, node in parts if isinstance(node, ast.FunctionDef) and not name.startswith("_")}
    assert len(public) >= 15
    waiting = {name for name, _ in parts}
    while found := waiting & reached:
        waiting -= found
        reached |= set().union(*(names_in(node) for name, node in parts if name in found))
    assert public & waiting == set()


def definitions(module):
    """The names a module defines, each with the code behind it; tables of functions count as well."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((target.id, node) for target in targets if isinstance(target, ast.Name))


def test_no_work_is_left_as_a_note():
    mark = re.compile(r"#\s*(?:TODO|FIXME|XXX|HACK)\b")
    noted = [
        f"{shown(path)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert noted == []
