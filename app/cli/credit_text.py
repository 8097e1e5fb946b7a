"""An exporter's credit in a few words."""

from app.queries.credit import Credit
from trade.money import Money


def sentence(credit: Credit) -> str:
    """One line: the limit, what is owed and left, and the hold."""
    return f"{credit.exporter}: {_limit(credit)}; {_owed(credit)}; {_hold(credit)}"


def _limit(credit: Credit) -> str:
    if credit.limit_minor is None:
        return "no limit"
    return f"limit {Money(credit.limit_minor, credit.currency)}"


def _owed(credit: Credit) -> str:
    if credit.exposure_minor is None:
        parts = ", ".join(str(Money(one.net_minor, one.currency)) for one in credit.owed)
        return f"owed and booked {parts}, and a rate to {credit.currency} is missing"
    words = f"owed and booked {Money(credit.exposure_minor, credit.currency)}"
    left = credit.left_minor
    return words if left is None else f"{words}, left {Money(left, credit.currency)}"


def _hold(credit: Credit) -> str:
    return f"on hold: {credit.hold_reason}" if credit.hold else "not on hold"
