"""Until it has left, an order is given up at every stage, and all it had is free stock again."""

import pytest

from app.actor import Actor
from app.errors import BinFull, Conflict, Forbidden
from app.usecases.warehousing import ledger, voiding, waving
from tests.outbound_rows import a_wave, again, again_wave, an_order, balance, brought_to, free, picked_from
from tests.stock_rows import NOW, House, a_house, stocked
from warehouses.outbound import LEFT, VOIDABLE


@pytest.fixture
def house(session) -> House:
    return a_house(session)


@pytest.mark.parametrize("state", sorted(set(VOIDABLE) - {"confirming", "waiting_seller"}))
def test_voiding_gives_everything_back_at_every_stage(session, house, state):
    stocked(session, house, "SKU-1", 2)
    order = brought_to(session, house, state)

    voiding.void_order(session, house.actor, NOW, order.public_id, reason="buyer withdrew")

    order = again(session, order)
    assert (order.status, order.wave_id) == ("void", None)
    assert ledger.pending(session, order.public_id) == []
    assert (free(session, house, "A-01"), balance(session, house, "staging")) == (2, 0)
    assert an_order(session, house, reference="SO-2").status == "confirmed"


@pytest.mark.parametrize("state", LEFT)
def test_what_has_left_comes_back_as_a_return_only(session, house, state):
    stocked(session, house, "SKU-1", 2)
    order = brought_to(session, house, state)
    with pytest.raises(Conflict, match="return"):
        voiding.void_order(session, house.actor, NOW, order.public_id)
    assert balance(session, house, "customer") == 2


def test_an_owner_voids_and_the_staff_put_it_back_where_there_is_room(session, house):
    stocked(session, house, "SKU-1", 20, "A-03")
    order = brought_to(session, house, "packed", place="A-03")
    stocked(session, house, "SKU-2", 2, "A-03")
    owner = Actor("user", "usr_1", "exporter", house.owner.id)

    voiding.void_order(session, owner, NOW, order.public_id)
    assert again(session, order).status == "voiding"
    assert balance(session, house, "staging") == 2
    with pytest.raises(Forbidden):
        voiding.put_back(session, owner, NOW, order.public_id)
    with pytest.raises(BinFull, match="name the bin"):
        voiding.put_back(session, house.actor, NOW, order.public_id)
    voiding.put_back(session, house.actor, NOW, order.public_id, into="A-01")

    assert again(session, order).status == "void"
    assert free(session, house, "A-01") == 2


def test_a_void_order_in_a_wave_leaves_the_others_to_be_picked(session, house):
    stocked(session, house, "SKU-1", 5)
    first, second = an_order(session, house), an_order(session, house, reference="SO-2")
    wave = a_wave(session, house, first, second)
    picked_from(session, house, wave, "A-01", "SKU-1", 3)

    voiding.void_order(session, house.actor, NOW, first.public_id)

    assert sum(task.quantity for task in waving.tasks_of(session, wave)) == 1
    voiding.void_order(session, house.actor, NOW, second.public_id)
    assert again_wave(session, wave) == "done"
    assert free(session, house, "A-01") == 5
