"""`fourport carrier`: what carriers sign their reports with; a secret is printed once."""

import click

from app.actor import system
from app.cli.context import open_database
from app.clock import now

ACTOR = system("cli")


@click.group()
def carrier() -> None:
    """Carriers that report events."""


@carrier.command("secret")
@click.argument("reference", metavar="REF")
def add_secret(reference: str) -> None:
    """Make a secret for the carrier REF, beside those it has, and print it, this once."""
    from app.usecases.carrier_secrets import add_carrier_secret

    with open_database().transaction() as session:
        row, secret = add_carrier_secret(session, ACTOR, now(), reference)
    click.echo(secret)
    click.echo(f"{row.public_id}: the secret above is not shown again", err=True)


@carrier.command("revoke")
@click.argument("secret_id", metavar="ID")
def revoke_secret(secret_id: str) -> None:
    """End the secret ID (key_…) of a carrier."""
    from app.usecases.carrier_secrets import revoke_carrier_secret

    with open_database().transaction() as session:
        revoke_carrier_secret(session, ACTOR, now(), secret_id)
    click.echo(f"revoked {secret_id}")
