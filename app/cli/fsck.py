"""`fourport fsck`: every invariant of the database, looked at from outside the code that keeps it."""

import click


@click.command()
@click.pass_context
def fsck(ctx: click.Context) -> None:
    """Check every invariant: exit 0 if all hold, 1 naming each that does not."""
    from app.cli.context import open_database
    from app.clock import now
    from app.queries.invariants import broken, names

    with open_database().reading() as session:
        found = broken(session, now())
    for violation in found:
        click.echo(f"{violation.invariant}: {violation.subject}: {violation.detail}")
    click.echo(f"{len(names())} invariants, {len(found)} violations", err=bool(found))
    ctx.exit(1 if found else 0)
