"""`fourport user | exporter | apikey`: people and keys; secrets are printed once and kept hashed."""

from typing import cast

import click

from app.actor import ROLES, SCOPES, system
from app.cli.context import open_database
from app.clock import now
from app.config import Settings

ACTOR = system("cli")


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option(
    "--exporter",
    metavar="REF",
    help="The exporter an exporter's user belongs to; `fourport exporter add` makes one.",
)
@click.option("--warehouse", metavar="CODE", help="The warehouse a warehouse user works in.")
def add_user(email: str, role: str, exporter: str | None, warehouse: str | None) -> None:
    """Add a person and print a one-time link to set the password with."""
    from app.usecases import people

    settings = Settings.from_env()
    with open_database(settings).transaction() as session:
        _, token = people.add_user(session, ACTOR, now(), email, role, exporter=exporter, warehouse=warehouse)
    click.echo(f"{settings.base_url}/password/{token}")


@user.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a fresh one-time link for somebody who is there."""
    from app.usecases import people

    settings = Settings.from_env()
    with open_database(settings).transaction() as session:
        token = people.new_password_link(session, ACTOR, now(), email)
    click.echo(f"{settings.base_url}/password/{token}")


@click.group()
def exporter() -> None:
    """Exporters."""


@exporter.command("add")
@click.argument("reference")
@click.option("--name", help="Company name.")
def add_exporter(reference: str, name: str | None) -> None:
    """Register an exporter under REFERENCE and print its id."""
    from app.usecases import people

    with open_database().transaction() as session:
        party = people.add_exporter(session, ACTOR, now(), reference, name)
        click.echo(party.public_id)


@exporter.command("credit")
@click.argument("reference")
@click.option("--limit", metavar="AMOUNT", help="What may be owed and booked at most; `none`: no limit.")
@click.option("--currency", metavar="CODE", help="Of the limit.")
@click.option("--hold/--release", default=None, help="Book nothing any more, or again.")
@click.option("--reason", metavar="TEXT", help="Why it is on hold; the exporter is told.")
def credit(
    reference: str, limit: str | None, currency: str | None, hold: bool | None, reason: str | None
) -> None:
    """Change the credit of the exporter REFERENCE, and print it; without an option only print it."""
    from app.cli.credit_text import sentence
    from app.queries.billing import find_exporter
    from app.queries.credit import credit_of
    from app.usecases.billing_accounts import CreditChange, set_credit

    given = {"currency": currency, "hold": hold, "reason": reason}
    wanted: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if limit is not None:
        wanted["limit"] = None if limit == "none" else limit
    with open_database().transaction() as session:
        party = find_exporter(session, reference)
        if wanted:
            set_credit(session, ACTOR, now(), party, cast("CreditChange", wanted))
        click.echo(sentence(credit_of(session, party, now())))


@click.group()
def apikey() -> None:
    """API keys."""


@apikey.command("add")
@click.option(
    "--exporter",
    "exporter_",
    metavar="REF",
    help="The exporter whose key it is; `fourport exporter add` makes one.",
)
@click.option(
    "--role",
    type=click.Choice([role for role in ROLES if role != "exporter"]),
    help="A key of the operation.",
)
@click.option("--warehouse", metavar="CODE", help="The warehouse a key of the role warehouse works in.")
@click.option("--name", metavar="TEXT", help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="Limit it to this; may be given several times.",
)
@click.option("--test", "test_mode", is_flag=True, help="What is quoted and booked with it is practice.")
def add_key(
    exporter_: str | None,
    role: str | None,
    warehouse: str | None,
    name: str | None,
    scopes: tuple[str, ...],
    *,
    test_mode: bool,
) -> None:
    """Make a key and print its secret, this once."""
    if (exporter_ is None) == (role is None):
        raise click.UsageError("give either --exporter REF or --role ROLE")
    from app.usecases.api_keys import add_api_key

    with open_database().transaction() as session:
        key, secret = add_api_key(
            session,
            ACTOR,
            now(),
            exporter=exporter_,
            role=role or "exporter",
            warehouse=warehouse,
            name=name,
            scopes=scopes or None,
            test_mode=test_mode,
        )
    click.echo(secret)
    click.echo(f"{key.public_id}: the secret above is not shown again", err=True)


@apikey.command("revoke")
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """End the key ID (key_…)."""
    from app.usecases.api_keys import revoke_api_key

    with open_database().transaction() as session:
        revoke_api_key(session, ACTOR, now(), key_id)
    click.echo(f"revoked {key_id}")
