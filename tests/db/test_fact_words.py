"""Facts of the optimizer are told with the codes people know."""

from app.usecases.fact_words import in_words
from tests import factories


def test_row_numbers_become_codes_of_departures_and_services(session):
    sailing = factories.make_departure(session, factories.make_service(session, "SEA-JPD"), number="118E")
    truck = factories.make_service(session, "ROAD-DAL", mode="road")
    late = f"arrives 3.0 h after its deadline by departure {sailing.id}"
    missed = f"ready 2.0 h too late for service {truck.id}"
    way = f"does not pay for opening 40HQ: deliver: A -road {truck.id}- B -sea {sailing.id}- C"

    assert in_words(session, [late, missed, way]) == {
        late: "arrives 3.0 h after its deadline by SEA-JPD 118E",
        missed: "ready 2.0 h too late for ROAD-DAL",
        way: "does not pay for opening 40HQ: deliver: A –ROAD-DAL→ B –SEA-JPD 118E→ C",
    }


def test_a_fact_without_numbers_and_one_about_nobody_stay_as_they_are(session):
    facts = ["no itinerary joins the two places", "departure 999999999 is full"]

    assert in_words(session, facts) == {fact: fact for fact in facts}
