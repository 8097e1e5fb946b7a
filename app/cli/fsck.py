"""`fourport fsck`: every invariant of the database, looked at from outside the code that keeps it."""

import click


@click.command()
@click.option(
    "--rebuild-balances",
    is_flag=True,
    help="First correct stock balances and the fill of bins that are not what moves and reservations add up to.",
)
@click.pass_context
def fsck(ctx: click.Context, rebuild_balances: bool) -> None:
    """Check every invariant: exit 0 if all hold, 1 naming each that does not."""
    from app.cli.context import open_database
    from app.clock import now
    from app.config import Settings
    from app.queries.invariants import Violation, broken, names
    from app.usecases.returning.photos import PhotoStore, lost_photos

    settings = Settings.from_env()
    database = open_database(settings)
    if rebuild_balances:
        from app.actor import system
        from app.usecases.warehousing import rebuilding

        with database.transaction() as session:
            changed = rebuilding.rebuild_balances(session, system("fsck"), now())
        for subject, detail in changed:
            click.echo(f"rebuilt: {subject}: {detail}")
        click.echo(f"{len(changed)} balances and bins rebuilt")
    with database.reading() as session:
        found = broken(session, now())
        store = PhotoStore(settings.data_dir)
        found += [Violation("photos_are_there", *lost) for lost in lost_photos(session, store)]
    for violation in found:
        click.echo(f"{violation.invariant}: {violation.subject}: {violation.detail}")
    click.echo(f"{len(names()) + 1} invariants, {len(found)} violations", err=bool(found))
    ctx.exit(1 if found else 0)
