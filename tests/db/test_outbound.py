"""Orders out of a warehouse: stock is theirs from confirming on, and nobody else's; until they leave it comes back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, Forbidden, Invalid, NotFound, ScanReused
from app.models import AuditEvent, StockCount, StockPosting
from app.usecases.warehousing import (
    handing_over,
    ledger,
    ordering,
    packing,
    picking,
    resuming,
    voiding,
    waving,
)
from app.usecases.warehousing.ordering import Changes, WantedLine
from app.usecases.warehousing.packing import Content
from tests.outbound_rows import (
    ADA,
    a_box,
    a_wave,
    again,
    again_wave,
    an_order,
    balance,
    brought_to,
    free,
    picked_from,
)
from tests.stock_rows import NOW, TODAY, House, a_house, stocked


@pytest.fixture
def house(session) -> House:
    return a_house(session)


def test_a_confirmed_order_has_its_stock_reserved_without_an_end(session, house):
    stocked(session, house, "SKU-1", 5)

    order = an_order(session, house)

    assert order.status == "confirmed"
    (kept,) = ledger.pending(session, order.public_id)
    assert (kept.quantity, kept.expires_at) == (2, None)
    assert free(session, house, "A-01") == 3


@pytest.mark.parametrize(("rule", "bin_code"), [("fifo", "A-01"), ("fefo", "A-02")])
def test_the_owner_chooses_whether_the_first_received_or_the_first_to_expire_leaves(
    session, house, rule, bin_code
):
    house.skus["SKU-1"].issue_rule = rule
    stocked(session, house, "SKU-1", 5, "A-01", received_on=date(2026, 10, 1), expires_on=date(2027, 9, 1))
    stocked(session, house, "SKU-1", 5, "A-02", received_on=date(2026, 11, 1), expires_on=date(2027, 3, 1))

    order = an_order(session, house)

    assert [one.from_id for one in ledger.pending(session, order.public_id)] == [house.places[bin_code].id]


def test_what_has_expired_or_is_damaged_or_is_being_counted_is_not_promised(session, house):
    stocked(session, house, "SKU-1", 5, expires_on=TODAY - timedelta(days=1))
    stocked(session, house, "SKU-1", 5, condition="C")

    order = an_order(session, house)

    assert order.status == "waiting_seller"
    assert order.waits_for == [{"code": "stock_short", "sku": "SKU-1", "wanted": 2, "missing": 2}]


def test_an_order_that_is_short_keeps_nothing_from_others_and_goes_on_when_stock_comes(session, house):
    stocked(session, house, "SKU-1", 1)
    order = an_order(session, house, ("SKU-1", 2))
    assert ledger.pending(session, order.public_id) == []
    assert resuming.resume_all(session, house.actor, NOW) == 0

    stocked(session, house, "SKU-1", 1, "A-02")

    assert resuming.resume_all(session, house.actor, NOW) == 1
    assert again(session, order).status == "confirmed"
    assert order.waits_for == []


def test_an_order_without_an_address_says_what_is_missing_and_goes_on_once_it_is_there(session, house):
    stocked(session, house, "SKU-1", 5)
    order = an_order(session, house, consignee={"city": "", "postal_code": ""})
    assert order.status == "waiting_seller"
    assert [one["member"] for one in order.waits_for] == ["city", "postal_code"]

    address = Changes(consignee={"city": "Duisburg", "postal_code": "47051"})
    ordering.change_order(session, house.actor, NOW, order.public_id, address)

    assert ordering.confirm_order(session, house.actor, NOW, order.public_id).status == "confirmed"


def test_a_draft_keeps_stock_for_as_long_as_it_asks(session, house):
    stocked(session, house, "SKU-1", 2)
    until = NOW + timedelta(minutes=30)
    first = an_order(session, house, confirm=False, hold_until=until)
    assert [one.expires_at for one in ledger.pending(session, first.public_id)] == [until]
    assert an_order(session, house, reference="SO-2").status == "waiting_seller"

    assert ledger.release_expired(session, until) == 1

    assert resuming.resume_all(session, house.actor, until) == 1
    assert ordering.confirm_order(session, house.actor, until, first.public_id).status == "waiting_seller"


def test_a_draft_changes_and_a_confirmed_order_does_not(session, house):
    stocked(session, house, "SKU-2", 1)
    order = an_order(session, house, confirm=False)
    lines = Changes(lines=[WantedLine("4000000000002", 1)], service="DHL")
    ordering.change_order(session, house.actor, NOW, order.public_id, lines)
    ordering.confirm_order(session, house.actor, NOW, order.public_id)

    order = again(session, order)
    assert (order.status, order.service, order.lines[0].sku_id) == (
        "confirmed",
        "DHL",
        house.skus["SKU-2"].id,
    )
    with pytest.raises(Conflict):
        ordering.change_order(session, house.actor, NOW, order.public_id, lines)


def test_a_reference_is_used_once_and_every_sku_must_be_known(session, house):
    an_order(session, house, confirm=False)
    with pytest.raises(Invalid) as twice:
        an_order(session, house, confirm=False)
    with pytest.raises(Invalid) as unknown:
        an_order(session, house, ("SKU-1", 1), ("NONE", 1), reference="SO-2")
    assert (twice.value.errors[0].code, twice.value.errors[0].field) == ("duplicate_reference", "reference")
    assert (unknown.value.errors[0].code, unknown.value.errors[0].field) == ("sku_unknown", "lines.1.sku")


def test_practice_moves_no_stock(session, house):
    learner = Actor("key", "key_1", "exporter", house.owner.id, test_mode=True)
    with pytest.raises(Forbidden):
        an_order(session, house, confirm=False, actor=learner)


def test_a_wave_is_walked_bin_by_bin_for_all_its_orders(session, house):
    stocked(session, house, "SKU-1", 3, "A-02")
    stocked(session, house, "SKU-2", 9, "A-01")
    first = an_order(session, house, ("SKU-1", 2), ("SKU-2", 1))
    second = an_order(session, house, ("SKU-1", 1), ("SKU-2", 4), reference="SO-2")
    wave = a_wave(session, house)

    picked_from(session, house, wave, "A-01", "4000000000002", 5)
    assert (again(session, first).status, again(session, second).status) == ("picking", "picking")
    picked_from(session, house, wave, "A-02", "SKU-1", 3)

    assert (again(session, first).status, again(session, second).status) == ("picked", "picked")
    assert again_wave(session, wave) == "done"
    assert balance(session, house, "staging") == 8
    assert free(session, house, "staging") == 0


def test_a_scan_of_the_wrong_bin_or_article_or_of_too_much_is_refused(session, house):
    stocked(session, house, "SKU-1", 5)
    wave = a_wave(session, house, an_order(session, house))

    for scan, code in (
        (("A-02", "SKU-1", 2), "wrong_bin"),
        (("A-01", "SKU-2", 2), "wrong_sku"),
        (("A-01", "SKU-1", 3), "more_than_asked"),
        (("A-01", "SKU-1", 0), "nothing_picked"),
    ):
        with pytest.raises(Invalid) as refused:
            picked_from(session, house, wave, *scan)
        assert refused.value.errors[0].code == code
        assert refused.value.errors[0].suggestion
    assert balance(session, house, "staging") == 0


def test_a_pick_that_is_sent_twice_counts_once(session, house):
    stocked(session, house, "SKU-1", 5)
    order = an_order(session, house)
    wave = a_wave(session, house, order)

    for _ in range(2):
        picked_from(session, house, wave, "A-01", "SKU-1", 1, scan_id="s-1")

    assert again(session, order).lines[0].picked == 1
    with pytest.raises(ScanReused):
        picked_from(session, house, wave, "A-01", "SKU-1", 2, scan_id="s-1")


def test_a_short_pick_looks_elsewhere(session, house):
    stocked(session, house, "SKU-1", 2, "A-01")
    stocked(session, house, "SKU-1", 2, "A-02")
    order = an_order(session, house)
    wave = a_wave(session, house, order)

    picked_from(session, house, wave, "A-01", "SKU-1", 1, short=True)

    assert [(one.bin, one.quantity) for one in waving.tasks_of(session, wave)] == [("A-02", 1)]
    picked_from(session, house, wave, "A-02", "SKU-1", 1)
    assert again(session, order).status == "picked"
    (count,) = session.scalars(select(StockCount)).all()
    assert (count.reason, count.status) == ("short pick", "open")
    assert an_order(session, house, reference="SO-2").waits_for[0]["missing"] == 1


def test_a_short_pick_with_nothing_elsewhere_lets_the_order_wait_and_later_picks_only_the_rest(
    session, house
):
    stocked(session, house, "SKU-1", 2, "A-01")
    order = an_order(session, house)
    wave = a_wave(session, house, order)

    picked_from(session, house, wave, "A-01", "SKU-1", 1, short=True)

    order = again(session, order)
    assert (order.status, order.wave_id, order.waits_for[0]["missing"]) == ("waiting_seller", None, 1)
    assert again_wave(session, wave) == "done"
    assert balance(session, house, "staging") == 1
    stocked(session, house, "SKU-1", 5, "A-02")
    resuming.resume_all(session, house.actor, NOW)
    (rest,) = waving.tasks_of(session, a_wave(session, house, again(session, order)))
    assert rest.quantity == 1


def test_a_wave_nobody_began_is_given_up_and_its_orders_wait_for_another(session, house):
    stocked(session, house, "SKU-1", 5)
    order = an_order(session, house)
    wave = a_wave(session, house, order)
    with pytest.raises(Conflict):
        a_wave(session, house, order)

    waving.cancel_wave(session, house.actor, NOW, wave.public_id)

    assert again(session, order).wave_id is None
    second = a_wave(session, house)
    picked_from(session, house, second, "A-01", "SKU-1", 1)
    with pytest.raises(Conflict):
        waving.cancel_wave(session, house.actor, NOW, second.public_id)
    with pytest.raises(Conflict):
        a_wave(session, house)


def test_boxes_are_measured_again_and_one_that_varies_says_so(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "picked")

    first = a_box(session, house, order, [Content("SKU-1", 1)], weight_g=1300, height_mm=100)
    second = a_box(session, house, order, weight_g=2600)

    assert (first.expected_g, first.expected_cm3, first.varies) == (1000, 2000, False)
    assert (second.expected_g, second.varies, second.contents) == (
        1000, True, [{"line_seq": 1, "sku": "SKU-1", "quantity": 1}],
    )  # fmt: skip
    assert again(session, order).status == "packed"
    assert order.tracking_number == first.tracking_number != second.tracking_number


def test_no_more_is_packed_than_was_picked(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "picked")
    for contents, code in (
        ([Content("SKU-1", 3)], "more_than_picked"),
        ([Content("SKU-1", 2), Content("SKU-1", 1)], "more_than_picked"),
        ([Content("SKU-2", 1)], "sku_unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            a_box(session, house, order, contents)
        assert refused.value.errors[0].code == code
    with pytest.raises(Conflict):
        a_box(session, house, an_order(session, house, reference="SO-2"))


def test_a_box_is_opened_again_before_it_leaves(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "packed")

    packing.unpack(session, house.actor, NOW, order.public_id, order.tracking_number)

    order = again(session, order)
    assert (order.status, order.packages, order.tracking_number, order.lines[0].packed) == (
        "packing", [], None, 0,
    )  # fmt: skip
    a_box(session, house, order)
    assert again(session, order).status == "packed"


def test_what_is_handed_over_is_the_customers_and_is_followed_to_the_door(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "packed")
    with pytest.raises(Invalid) as refused:
        handing_over.hand_over(session, house.actor, NOW, order.public_id, ["FP1"])
    assert refused.value.errors[0].code == "wrong_boxes"

    handing_over.hand_over(session, house.actor, NOW, order.public_id, [order.tracking_number])
    handing_over.follow(session, house.actor, NOW, order.public_id, "delivering")
    handing_over.follow(session, house.actor, NOW, order.public_id, "delivering")
    later = NOW + timedelta(days=1)
    handing_over.follow(session, house.actor, later, order.public_id, "delivered", NOW + timedelta(hours=20))

    order = again(session, order)
    assert (order.status, order.handed_over_at, order.delivered_at) == (
        "delivered", NOW, NOW + timedelta(hours=20),
    )  # fmt: skip
    assert (balance(session, house, "customer"), balance(session, house, "staging")) == (2, 0)
    assert ledger.pending(session, order.public_id) == []


def test_others_do_not_find_an_order(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "picked")
    other = a_house(session, "USLAX-WHS", "globex")
    stranger = Actor("user", "usr_2", "exporter", other.owner.id)
    neighbour = Actor("user", "usr_3", "warehouse", warehouse_id=other.warehouse.id)
    for actor in (stranger, neighbour):
        for attempt in (ordering.confirm_order, voiding.void_order, voiding.put_back, handing_over.hand_over):
            with pytest.raises(NotFound):
                attempt(session, actor, NOW, order.public_id)
        with pytest.raises(NotFound):
            a_box(session, House(house.warehouse, house.owner, {}, {}, actor), order)
    with pytest.raises(NotFound):
        waving.create_wave(session, neighbour, NOW, house.warehouse)


def test_every_state_is_in_the_log_and_every_move_has_its_subject(session, house):
    stocked(session, house, "SKU-1", 5)
    order = brought_to(session, house, "delivered")

    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject == order.public_id).order_by(AuditEvent.id)
    )
    assert [one for one in actions if one != "order.box_closed"] == [
        f"order.{state}" for state in ("draft", "confirming", "confirmed", "picking", "picked", "packing",
                                       "packed", "handed_over", "delivered")
    ]  # fmt: skip
    kinds = session.execute(select(StockPosting.kind, StockPosting.subject).order_by(StockPosting.id)).all()
    assert [kind for kind, _ in kinds] == ["import", "pick", "hand_over"]
    assert kinds[-1].subject == order.public_id
    assert ADA.items() <= order.consignee.items()


def test_picking_has_no_other_door(session, house):
    stocked(session, house, "SKU-1", 5)
    wave = a_wave(session, house, an_order(session, house))
    owner = Actor("user", "usr_1", "exporter", house.owner.id)
    with pytest.raises(Forbidden):
        picking.pick(session, owner, NOW, wave.public_id, picking.Picked("A-01", "SKU-1", 1))
