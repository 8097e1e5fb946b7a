"""The words of committing a plan: its states, and why a parcel of it is not booked with what to do about it."""

from app.web.labels import Words, word
from app.web.languages import lazy as _l

STATES: Words = {
    "draft": _l("Draft"),
    "committing": _l("Being committed"),
    "committed": _l("Committed"),
    "discarded": _l("Discarded"),
}
TONES = {"draft": "plain", "committing": "info", "committed": "good", "discarded": "warn"}
STALE: Words = {
    "parcel_cancelled": _l("The parcel was cancelled"),
    "parcel_under_way": _l("The parcel is under way already"),
    "booked_already": _l("It fills another booking"),
    "lane_changed": _l("Its origin or destination was changed"),
    "cutoff_missed": _l("It would not be there by the cut-off"),
    "would_be_late": _l("It would be late and must not be"),
    "departure_cancelled": _l("The departure was cancelled"),
    "departure_closed": _l("The departure is closed for booking"),
    "departure_changed": _l("The departure does not call there any more"),
    "cutoff_passed": _l("The cut-off has passed"),
    "no_room": _l("No room any more"),
    "credit_hold": _l("The exporter is on credit hold"),
    "credit_limit_exceeded": _l("Over the exporter’s credit limit"),
    "no_price": _l("A leg has no price"),
    "decided_otherwise": _l("The return was decided otherwise"),
    "disposition_refused": _l("This disposition is not possible any more"),
    "awaits_approval": _l("Waits for the exporter’s word"),
    "no_return": _l("No return stands behind it"),
    "refused": _l("It was refused"),
}
REMEDIES: Words = {
    "parcel_cancelled": _l("Nothing is to be done."),
    "parcel_under_way": _l("Nothing is to be done."),
    "booked_already": _l("Nothing is to be done, or take it out of that booking and plan anew."),
    "lane_changed": _l("Start another run: it plans for where the parcel goes now."),
    "cutoff_missed": _l("Start another run, or book it on a later departure."),
    "would_be_late": _l("Ask the exporter whether it may be late, then start another run."),
    "departure_cancelled": _l("Plan anew, and tell that the departure is cancelled."),
    "departure_closed": _l("Open the departure again, or start another run."),
    "departure_changed": _l("Plan anew: the timetable is not what it was."),
    "cutoff_passed": _l("Start another run: the next departure takes it."),
    "no_room": _l("Start another run: it plans with the room that is left."),
    "credit_hold": _l("Lift the hold, then start another run."),
    "credit_limit_exceeded": _l("Raise the limit or await a payment, then start another run."),
    "no_price": _l("Import a sell tariff for this leg, then start another run."),
    "decided_otherwise": _l("Nothing is to be done; the decision of the returns desk stands."),
    "disposition_refused": _l("Choose another at the returns desk, or start another run."),
    "awaits_approval": _l("Once it is approved, another run gives it its space."),
    "no_return": _l("Record it as a return: then what stays can be restocked, relabelled or destroyed."),
    "refused": _l("Read the reason, then start another run."),
}


def tone(state: str) -> str:
    """The colour of a plan's state; its word stands beside it."""
    return TONES.get(state, "plain")


FILTERS = {
    "plan_state": word(STATES),
    "plan_tone": tone,
    "stale": word(STALE),
    "stale_remedy": word(REMEDIES),
}
