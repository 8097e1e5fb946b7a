"""Which warehouse serves an order: the cheapest in time, by fees, tariffs and cut-offs as they stand."""

from datetime import date

import pytest

from app.models import Location, WarehouseFee
from app.schemas.promises import PromiseAnswer
from tests import factories as make
from tests.http.answers import faults, good
from tests.quote_rows import fx, link, sell
from tests.stock_rows import a_house, stocked

CUPS = {
    "lines": [{"sku": "SKU-1", "quantity": 2}], "destination": {"country_code": "DE", "postal_code": "47051"},
    "currency": "EUR",
}  # fmt: skip


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def shops(house):
    """Two warehouses of acme's goods: Essen is near and dear, Lodz cheap and three days away; Ulm has no service."""
    with house.database.transaction() as session:
        fx(session, "USD", "EUR", 900_000)
        zone = make.make_location(session, "DE-ZONE", "zone", country="DE", time_zone="Europe/Berlin")
        found = {}
        for code, minutes, rate in (("ESSEN-WHS", 1440, 3_000_000), ("LODZ-WHS", 4320, 1_000_000)):
            rows = found[code] = a_house(session, code)
            sell(
                session,
                link(
                    session,
                    f"LM-{code}",
                    session.get_one(Location, rows.warehouse.location_id),
                    zone,
                    "last_mile",
                    minutes,
                ),
                rate=rate,
            )
            stocked(session, rows, "SKU-1", 5)
        stocked(session, a_house(session, "ULM-WHS"), "SKU-1", 9)
        stocked(session, found["LODZ-WHS"], "SKU-2", 1)
        return found


def reasons(answer):
    return {
        one["warehouse"]: one["reason"] for one in answer["warehouses"] if one["warehouse"] != "DEDUI-WHS"
    }


def test_the_cheapest_serves_unless_it_comes_too_late(acme, shops):
    any_time = good(acme.client.post("/api/v1/promises", json=CUPS, headers=acme.headers), PromiseAnswer)
    assert (any_time["parts"][0]["warehouse"], any_time["cost"]) == ("LODZ-WHS", "1.80")
    assert any_time["parts"][0]["leaves_at"] == "2026-11-23T16:00:00+01:00"
    assert any_time["arrives_at"] == "2026-11-26T16:00:00+01:00"

    soon = asked(acme, deliver_by="2026-11-25T12:00:00+01:00")

    assert reasons(soon) == {"ESSEN-WHS": "chosen", "LODZ-WHS": "too_late", "ULM-WHS": "no_service"}
    assert soon["cost"] == "5.40"


def test_fees_of_the_warehouse_count_as_well(acme, house, shops):
    with house.database.transaction() as session:
        for code, basis, micros in (("outbound_order", "order", 4_000_000), ("pick", "unit", 500_000)):
            session.add(
                WarehouseFee(
                    warehouse_id=shops["LODZ-WHS"].warehouse.id, code=code, basis=basis, price_micros=micros,
                    currency="EUR", effective_from=date(2026, 1, 1), free_days=0, minimum_minor=0, band_from=0,
                )
            )  # fmt: skip
    answer = asked(acme)
    assert answer["parts"][0]["warehouse"] == "ESSEN-WHS"
    (lodz,) = [one for one in answer["warehouses"] if one["warehouse"] == "LODZ-WHS"]
    assert (lodz["reason"], lodz["handling"], lodz["delivery"], lodz["cost"]) == (
        "dearer",
        "5.00",
        "1.80",
        "6.80",
    )


def test_an_order_is_shared_out_only_where_that_is_asked(acme, shops):
    lines = [{"sku": "SKU-1", "quantity": 8}, {"sku": "SKU-2", "quantity": 1}]
    alone = asked(acme, lines=lines)
    assert (alone["parts"], alone["cost"], alone["arrives_at"]) == ([], None, None)
    assert reasons(alone) == dict.fromkeys(("ESSEN-WHS", "LODZ-WHS", "ULM-WHS"), "stock_short")

    shared = asked(acme, lines=lines, split=True)

    assert {part["warehouse"] for part in shared["parts"]} == {"ESSEN-WHS", "LODZ-WHS"}
    assert sum(line["quantity"] for part in shared["parts"] for line in part["lines"]) == 9


def test_what_nobody_sends_and_what_nobody_knows_is_said(acme, globex, operator, shops):
    assert reasons(asked(acme, destination={"country_code": "BR"})) == dict.fromkeys(
        ("ESSEN-WHS", "LODZ-WHS", "ULM-WHS"), "no_service"
    )
    unknown = asked(globex, 422)
    assert unknown == {"lines.0.sku": "sku_unknown"}
    assert asked(operator, 422) == {"exporter": "required"}
    assert asked(operator, 422, exporter="nobody") == {"exporter": "exporter_unknown"}
    assert asked(acme, 422, currency="XXQ") == {"currency": "currency_unknown"}
    assert asked(operator, exporter="acme")["exporter"] == "acme"


def asked(caller, status=200, **changes):
    answer = caller.client.post("/api/v1/promises", json=CUPS | changes, headers=caller.headers)
    return good(answer, PromiseAnswer) if status == 200 else faults(answer, status)
