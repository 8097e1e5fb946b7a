"""`fourport seed`: the reference network and the sample pool."""

import click

from app.actor import system
from app.cli.context import open_database
from app.clock import now

ACTOR = system("seed")
PARCELS = 5000
SEED = 1


@click.group()
def seed() -> None:
    """Load the reference network, and a sample pool of parcels and returns."""


@seed.command("reference")
def load_reference() -> None:
    """Load the reference network and its departures of the next eight weeks."""
    from app.usecases import seeding

    with open_database().transaction() as session:
        done = seeding.seed_reference(session, ACTOR, now())
    click.echo(str(done))
    for skipped in done.skipped:
        click.echo(f"{skipped.service_code} {skipped.departs_on}: {skipped.message}", err=True)


@seed.command("demo")
@click.option(
    "--parcels", default=PARCELS, show_default=True, type=click.IntRange(1), help="Size of the pool."
)
@click.option(
    "--seed", "number", default=SEED, show_default=True, type=click.IntRange(0), help="Another pool."
)
def load_demo(parcels: int, number: int) -> None:
    """Load the reference network, stock and a sample pool; doing it again loads only what is missing."""
    from app.cli.sample_hub import seed_hub
    from app.usecases import seeding
    from app.usecases.seeding_customs import seed_customs_codes
    from app.usecases.seeding_inbound import seed_sample_inbound
    from app.usecases.seeding_orders import seed_sample_orders
    from app.usecases.seeding_returns import seed_sample_returns
    from app.usecases.seeding_stock import seed_sample_stock

    database = open_database()
    with database.transaction() as session:
        network = seeding.seed_reference(session, ACTOR, now())
    with database.transaction() as session:
        stock = seed_sample_stock(session, ACTOR, now())
        seed_sample_inbound(session, ACTOR, now())
        orders = seed_sample_orders(session, ACTOR, now())
        back = seed_sample_returns(session, ACTOR, now())
        seed_customs_codes(session, ACTOR, now())
    with database.transaction() as session:
        pool = seeding.seed_sample_pool(session, ACTOR, now(), parcels, number)
    with database.transaction() as session:
        built = seed_hub(session, ACTOR, now())
    click.echo(
        f"{network}\n{stock}; {orders} orders, {back} returns\n{pool}\n{built} units being built at a hub"
    )
