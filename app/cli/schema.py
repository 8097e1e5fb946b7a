"""`fourport db`: the schema up and down, a backup that holds while others write, and its way back."""

from pathlib import Path

import click

from app.cli.context import bare_database


@click.group()
def db() -> None:
    """Schema and backups of the database."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Migrate up to REVISION (default: the newest)."""
    from app import schema

    schema.upgrade(bare_database().engine, revision)
    click.echo(f"at {revision}")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Migrate down to REVISION (`base` = nothing left)."""
    from app import schema

    schema.downgrade(bare_database().engine, revision)
    click.echo(f"at {revision}")


@db.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Say whether the database has the schema this code needs: exit 0 or 1."""
    from app import schema

    good = schema.at_head(bare_database().engine)
    click.echo("the schema is up to date" if good else "the schema is behind; run `fourport db upgrade`")
    ctx.exit(0 if good else 1)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE, while others go on working."""
    from app.backup import backup as write

    write(bare_database().engine, file)
    click.echo(f"wrote {file}")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.confirmation_option(prompt="This replaces everything in the database. Go on?")
def restore(file: Path) -> None:
    """Replace the database by the copy in FILE. Stop web and workers first."""
    from app.backup import restore as read

    read(bare_database().engine, file)
    click.echo(f"restored from {file}")
