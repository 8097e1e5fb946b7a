"""Whatever happens, the program ends with one clear line and the right exit code."""

import sys
from pathlib import Path

import click
import pytest

from app import cli


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command that does `what`, and return its exit code and what it said on standard error."""

    def run(what):
        @click.command()
        def command():
            what()

        monkeypatch.setattr(cli.Program, "get_command", lambda self, ctx, name: command)
        monkeypatch.setattr(sys, "argv", ["fourport", "anything"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr().err

    return run


def refuse(error):
    def what():
        raise error

    return what


def test_done_is_zero(run):
    assert run(lambda: None) == (0, "")


def test_an_interrupt_is_130(run):
    code, said = run(refuse(KeyboardInterrupt()))

    assert (code, said.strip()) == (130, "fourport: interrupted")


def test_a_file_that_is_not_there_is_one_line(run):
    code, said = run(refuse(FileNotFoundError(2, "No such file", "x.npz")))

    assert code == 2
    assert said == "fourport: [Errno 2] No such file: 'x.npz'\n"


def test_a_fault_of_the_program_shows_no_trace_and_keeps_it(run):
    code, said = run(refuse(ZeroDivisionError("division by zero")))

    assert code == 2
    assert said.count("\n") == 1
    kept = Path(said.rpartition(" ")[2].strip())
    assert "division by zero" in kept.read_text()
    kept.unlink()
