"""From the database to what `routing.assembling` takes: network, order pool and rates, with what was left out.

Loaded with a fixed number of queries and no lock; nothing here decides anything. The network is read once a
revision (`app.usecases.network_cache`), the goods that wait are read every time.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.usecases.network_cache import network_facts
from app.usecases.pool_facts import read_pool
from app.usecases.pricing_facts import Finding
from app.usecases.scoping import Scope, narrowed, with_emissions_priced
from routing.chains import ChainStore
from routing.network import Network
from routing.pool import Pool, Rates

CHAINS = ChainStore()
"""The itineraries this process has enumerated; hand it to `assemble`."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What a run is made of. `findings` are what the facts leave out, and why."""

    network: Network
    pool: Pool
    rates: Rates
    findings: tuple[Finding, ...]


def load_facts(session: Session, scope: Scope, now: datetime) -> Facts:
    """Read the network from `now` over the scope's horizon, and the goods of the scope that wait."""
    known = network_facts(session, now, scope.horizon_days)
    findings, prices = list(known.findings), known.prices.copy()
    network = narrowed(known.network, scope.modes)
    network = with_emissions_priced(network, prices, scope.weights.co2e_per_tonne)
    pool = read_pool(session, scope, network, prices, known.index, now, findings)
    return Facts(network, pool, prices.rates(), tuple(findings))
