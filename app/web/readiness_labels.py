"""Why a warehouse has the points of readiness it has, part by part and in words."""

from collections.abc import Callable

from flask_babel import gettext

from app.web import formats
from warehouses.directory import ReadinessPart


def explain(part: ReadinessPart) -> str:
    """What was measured, and what all the points would need."""
    if part.measured is None:
        return gettext("Not known, so there are no points for it.")
    return REASONS[part.code](part, part.measured) if part.code in REASONS else str(part.measured)


def _free_space(part: ReadinessPart, measured: int) -> str:
    return gettext(
        "%(share)s of the floor is free; all points from %(full)s on.",
        share=formats.share(measured / 1000),
        full=formats.share(part.full_at / 1000),
    )


def _services(_part: ReadinessPart, measured: int) -> str:
    return gettext(
        "%(share)s of the services exporters ask for most are offered.", share=formats.share(measured / 1000)
    )


def _cut_off(part: ReadinessPart, measured: int) -> str:
    return gettext(
        "What arrives until %(time)s counts for the same day; all points from %(full)s on, none before %(none)s.",
        time=_clock(measured),
        full=_clock(part.full_at),
        none=_clock(part.zero_at),
    )


def _display_centre(_part: ReadinessPart, measured: int) -> str:
    if measured:
        return gettext("There is a display centre where buyers see the goods.")
    return gettext("There is no display centre.")


def _bonded(_part: ReadinessPart, measured: int) -> str:
    return gettext("It may keep bonded goods.") if measured else gettext("It may not keep bonded goods.")


def _data_freshness(part: ReadinessPart, measured: int) -> str:
    return gettext(
        "Its facts were confirmed %(days)s days ago; all points up to %(full)s days, none after %(none)s.",
        days=measured,
        full=part.full_at,
        none=part.zero_at,
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


REASONS: dict[str, Callable[[ReadinessPart, int], str]] = {
    "free_space": _free_space,
    "services": _services,
    "cut_off": _cut_off,
    "display_centre": _display_centre,
    "bonded": _bonded,
    "data_freshness": _data_freshness,
}
FILTERS: dict[str, Callable[..., str]] = {"readiness_reason": explain}
