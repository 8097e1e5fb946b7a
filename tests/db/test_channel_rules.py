"""What people pin goods to, or forbid them, holds in the problem that is built and is told where it cannot."""

from datetime import date

import pytest
from sqlalchemy import select

from app.errors import Invalid
from app.models import ChannelRule, Service, Tariff
from app.usecases.channel_rules import find_rule, replace_rules, rules_of, with_rule
from app.usecases.facts import load_facts
from app.usecases.optimizing import Scope
from routing.assembling import assemble
from routing.limits import Limits
from routing.solve import solve
from tests.factories import DAY, NOW, make_departure, make_location, make_parcel, make_party, make_service

SCOPE = Scope(horizon_days=30)


@pytest.fixture
def ends(session):
    """Two places, with a cheap sailing a day and a dear flight between them."""
    places = [make_location(session), make_location(session)]
    for code, mode, price in (("SLOW", "sea", 500), ("FAST", "air", 20_000)):
        service = make_service(session, code, mode)
        for nth in (3, 5):
            make_departure(session, service, places, departs_at=NOW + nth * DAY, number=f"{code}{nth}")
        session.add(Tariff(code=code, side="buy", currency="CNY", valid_from=date(2026, 1, 1), service_id=service.id,
                           flat_minor=price))  # fmt: skip
    return places


@pytest.fixture
def parcels(session, ends):
    exporter = make_party(session)
    return [make_parcel(session, exporter, *ends, currency="CNY", deliver_by=None) for _ in range(3)]


def decide(session, parcel, *rules, until=None):
    known = []
    for kind, by, name in rules:
        known = with_rule(known, find_rule(session, kind, by, name, until))
    replace_rules(session, "usr_test", NOW, {parcel.id: known})


def planned(session, now=NOW):
    """The departures or the reason of each parcel, by its id."""
    facts = load_facts(session, SCOPE, now)
    done = assemble(facts.network, facts.pool, facts.rates)
    plan = solve(done.problem, Limits(iterations=50))
    codes = dict(zip(done.catalogue.none_class.tolist(), done.catalogue.none_code.tolist(), strict=True))
    return {
        ref: {leg.service for leg in done.catalogue.legs(option)}
        if option >= 0
        else codes.get(int(done.problem.item_class[nth]))
        for nth, (ref, option) in enumerate(
            zip(done.catalogue.item_ref.tolist(), plan.item_option.tolist(), strict=True)
        )
    }


def test_the_plan_keeps_to_pins_and_bans_and_says_where_it_cannot(session, parcels):
    number = dict(session.execute(select(Service.code, Service.id)).all())
    free = planned(session)
    assert free == {one.id: {number["SLOW"]} for one in parcels}
    pinned, banned, stuck = parcels
    decide(session, pinned, ("pin", "departure", "FAST FAST5"))
    decide(session, banned, ("forbid", "service", "SLOW"))
    decide(session, stuck, ("pin", "mode", "sea"), ("forbid", "service", "SLOW"))
    assert planned(session) == {
        pinned.id: {number["FAST"]},
        banned.id: {number["FAST"]},
        stuck.id: "CHANNEL_RULE",
    }


def test_a_rule_ends_when_it_was_to_end(session, parcels):
    decide(session, parcels[0], ("pin", "mode", "air"), until=NOW + DAY)
    before, after = (planned(session, at)[parcels[0].id] for at in (NOW, NOW + DAY))
    assert before != after == planned(session)[parcels[1].id]


def test_there_is_one_pin_and_nothing_is_pinned_and_forbidden_at_once(session, parcels):
    parcel = parcels[0]
    rules = (
        ("forbid", "mode", "air"),
        ("pin", "mode", "sea"),
        ("pin", "service", "FAST"),
        ("pin", "mode", "air"),
    )
    decide(session, parcel, *rules)
    assert [(one.kind, one.by, one.value) for one in rules_of(session, [parcel.id])[parcel.id]] == [
        ("pin", "mode", "air")
    ]
    replace_rules(session, "usr_test", NOW, {parcel.id: []})
    assert session.scalars(select(ChannelRule)).all() == []


@pytest.mark.parametrize(
    ("by", "name"),
    [("mode", "balloon"), ("service", "NONE"), ("departure", "SLOW 9"), ("departure", "dep_x")],
)
def test_what_is_not_there_is_not_pinned_to(session, ends, by, name):
    with pytest.raises(Invalid, match="there is no"):
        find_rule(session, "pin", by, name, None)
