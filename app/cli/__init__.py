"""The `fourport` program. Commands are imported when they are called: `solve` must not wait for Flask."""

import sys
import tempfile
import traceback
from importlib import import_module

import click

from app.errors import AppError

COMMANDS = {
    "apikey": "app.cli.people:apikey",
    "backtest": "app.cli.backtesting:backtest",
    "carrier": "app.cli.carriers:carrier",
    "db": "app.cli.schema:db",
    "demo": "app.cli.demo:demo",
    "export": "app.cli.exchanging:export",
    "exporter": "app.cli.people:exporter",
    "fsck": "app.cli.fsck:fsck",
    "import": "app.cli.exchanging:import_",
    "seed": "app.cli.seeding:seed",
    "serve": "app.cli.serving:serve",
    "solve": "app.cli.solving:solve",
    "user": "app.cli.people:user",
    "verify": "app.cli.solving:verify",
    "why": "app.cli.solving:why",
    "worker": "app.cli.serving:worker",
}
"""Name → module:command."""

HELP_WIDTH = 100


class Program(click.Group):
    """A group whose commands live in modules that are not imported before they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None where there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=Program, context_settings={"max_content_width": HELP_WIDTH})
@click.version_option(package_name="fourport")
def program() -> None:
    """Fourport 四港: tracked capacity, firm quotes, and an optimizer with a proven bound."""


def main() -> None:
    """Run the program. Exit 0 done, 1 the answer is no, 2 unusable input, 130 interrupted; never a traceback."""
    try:
        sys.exit(program.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except AppError as error:
        click.echo(f"fourport: {error.detail}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("fourport: interrupted", err=True)
        sys.exit(130)
    except OSError as error:
        click.echo(f"fourport: {error}", err=True)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 (the last resort: it ends the program)
        trouble = _database_trouble(error)
        if trouble is not None:
            click.echo(f"fourport: the database cannot be used: {trouble}", err=True)
        else:
            click.echo(
                f"fourport: a fault of the program ({type(error).__name__}): {_kept_trace(error)}", err=True
            )
        sys.exit(2)


def _kept_trace(error: Exception) -> str:
    """Where the trace of a fault was put: whoever mends the program needs it, whoever runs it does not."""
    with tempfile.NamedTemporaryFile("w", prefix="fourport-fault-", suffix=".log", delete=False) as file:
        traceback.print_exception(error, file=file)
    return f"please report it with {file.name}"


def _database_trouble(error: Exception) -> str | None:
    """One line about a database that is away, damaged or wrongly named; None for any other error."""
    known = sys.modules.get("sqlalchemy.exc")
    # A broken constraint is no such trouble, although its class is below DatabaseError.
    if known is None or type(error) not in (known.OperationalError, known.DatabaseError, known.ArgumentError):
        return None
    return " ".join(str(getattr(error, "orig", error)).split())
