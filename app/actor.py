"""Who is asking: the same small fact for pages, API, jobs and commands."""

from dataclasses import dataclass

ROLES = ("admin", "operator", "warehouse", "customs", "finance", "exporter", "regulator")
STAFF = frozenset({"admin", "operator"})
"""Roles that may change capacity, the pool and plans."""
READERS = frozenset(ROLES) - {"exporter"}
"""Roles that see the whole installation."""
PLANNERS = ("operator", "finance", "warehouse", "customs")
"""Roles that see runs and plans, and with them what space costs the operation; the admin always does."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API key, or the system itself. `exporter_id` limits an exporter to what is theirs."""

    kind: str
    """`user`, `key` or `system`."""
    reference: str
    """Public id of the user or key; the name of the job or command for the system."""
    role: str
    exporter_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this actor runs the operation."""
        return self.role in STAFF

    def may(self, *roles: str) -> bool:
        """Whether the role is one of `roles`; the admin may always."""
        return self.role == "admin" or self.role in roles


def system(reference: str) -> Actor:
    """The actor of jobs and terminal commands."""
    return Actor("system", reference, "admin")
