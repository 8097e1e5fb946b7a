"""Who is asking: the same small fact for pages, API, jobs and commands."""

from dataclasses import dataclass

ROLES = ("admin", "operator", "warehouse", "customs", "finance", "exporter", "regulator")
STAFF = frozenset({"admin", "operator"})
"""Roles that may change capacity, the pool and plans."""
READERS = frozenset(ROLES) - {"exporter"}
"""Roles that see the whole installation."""
PLANNERS = ("operator", "finance", "warehouse", "customs")
"""Roles that see runs and plans, and with them what space costs the operation; the admin always does."""
AREAS = {
    "network": "departures, locations and warehouses",
    "quotes": "quotes, offers and rates",
    "bookings": "bookings, their documents and labels",
    "parcels": "the order pool and its imports",
    "plans": "optimisation runs, plans and re-plans",
    "tracking": "tracking events",
    "stock": "warehouse stock, inbound and outbound orders",
    "returns": "returns of customers",
    "billing": "invoices, statements and payments",
    "webhooks": "webhook subscriptions and their log",
    "keys": "API keys",
}
"""What an API key may be limited to."""
SCOPES = tuple(f"{area}:{verb}" for area in AREAS for verb in ("read", "write"))
"""The limits of API keys: `area:read` looks, `area:write` looks and changes."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API key, or the system itself. `exporter_id` limits an exporter to what is theirs."""

    kind: str
    """`user`, `key` or `system`."""
    reference: str
    """Public id of the user or key; the name of the job or command for the system."""
    role: str
    exporter_id: int | None = None
    warehouse_id: int | None = None
    """The warehouse a person or key of the role warehouse works in: no other is there for it."""
    test_mode: bool = False
    """What it makes is practice."""
    scopes: frozenset[str] | None = None
    """Of a key that is limited to some of `SCOPES`; None: everything the role may."""

    @property
    def is_staff(self) -> bool:
        """Whether this actor runs the operation."""
        return self.role in STAFF

    def may(self, *roles: str) -> bool:
        """Whether the role is one of `roles`; the admin may always."""
        return self.role == "admin" or self.role in roles

    def reaches(self, scope: str | None) -> bool:
        """Whether this actor is not limited, or to a scope that holds this one; nothing limited reaches None."""
        if self.scopes is None or scope is None:
            return self.scopes is None
        return bool(self.scopes & {scope, scope.replace(":read", ":write")})


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in: what requests need of a user."""

    id: int
    public_id: str
    email: str
    role: str
    exporter_id: int | None
    warehouse_id: int | None
    locale: str
    time_zone: str
    session_epoch: int
    """Sessions that began with another are over."""
    disabled: bool


def system(reference: str) -> Actor:
    """The actor of jobs and terminal commands."""
    return Actor("system", reference, "admin")
