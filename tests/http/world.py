"""A small world for tests of the API: two exporters who must not see each other, and the operation."""

from dataclasses import dataclass
from datetime import date

from app.actor import Actor, system
from app.carriers.addresses import Allowed
from app.ids import new_id
from app.models import (
    Asn,
    CapacityPool,
    DockSlot,
    Location,
    OutboundOrder,
    RunInput,
    Scenario,
    StockCount,
    WarehouseCharge,
    WarehouseStatement,
    Wave,
    WorkOrder,
)
from app.usecases import api_keys, people, webhooks
from app.usecases.billing import invoice_booking
from app.usecases.loading.opening import NewUnit, open_unit
from app.usecases.returning.requesting import NewReturn, WantedItem, request_return
from app.usecases.warehousing.docks import add_dock
from app.usecases.warehousing.layout import NewBin, add_bins, add_zone, places_of
from app.usecases.warehousing.ledger import post
from app.usecases.warehousing.lots import LotKey, lot_of
from tests import factories as make
from tests.billing_rows import make_booking
from tests.booking_rows import make_quote
from tests.stock_rows import a_sku
from warehouses.stock import Move

ROLES = ("operator", "warehouse", "customs", "finance", "regulator")

NEW_PARCEL = {
    "reference": "ORDER-1",
    "direction": "export",
    "origin": "CNTAO-HUB",
    "destination": "DEDUI-WHS",
    "weight_kg": "2.5",
    "length_cm": 30,
    "width_cm": 20.5,
    "height_cm": "15",
    "goods_class": "li_ion_contained",
    "value": "49.90",
    "currency": "USD",
    "ready_at": "2026-11-25T10:00:00+08:00",
    "deliver_by": "2026-12-20T18:00:00+01:00",
}
NEW_RETURN = NEW_PARCEL | {
    "reference": "RETURN-1",
    "direction": "return",
    "origin": "DEDUI-WHS",
    "destination": "CNTAO-HUB",
    "grade": "B",
    "exported_on": "2026-03-01",
}


@dataclass
class World:
    """Public ids by what they are of, and the secret of each caller."""

    ids: dict
    secrets: dict


def build(session):
    """The rows every test of the API finds."""
    secrets, owners = callers(session)
    mine, other = owners["acme"], owners["globex"]
    hub = make.make_location(session, "CNTAO-HUB", "origin_hub", name_en="Qingdao hub", name_zh="青岛集货仓")
    port = make.make_location(session, "CNTAO-PORT", "port", unlocode="CNTAO")
    hamburg = make.make_location(session, "DEHAM-PORT", "port", country="DE", unlocode="DEHAM",
                                 time_zone="Europe/Berlin", latitude=53.5, longitude=9.9)  # fmt: skip
    duisburg = make.make_location(session, "DEDUI-WHS", "overseas", country="DE", unlocode="DEDUI",
                                  time_zone="Europe/Berlin", latitude=51.4, longitude=6.7)  # fmt: skip
    warehouse = make.make_warehouse(session, duisburg)
    make.make_country_group(session, "EU", "DE")
    service = make.make_service(session, "SEA-1", "sea")
    pools = {"g": (10_000_000, 1_000_000, 8_000_000), "teu": (4_000, 0, 0)}
    departure = make.make_departure(session, service, [port, hamburg], pools=pools, number="001W",
                                    accepts=["general", "li_ion_contained"])  # fmt: skip
    for owner, capacity in ((mine, 300_000), (other, 700_000)):
        allot(session, departure, owner, capacity)
    make.make_departure_unit(session, departure, make.make_unit_type(session, "40HC"))
    parcels = {
        name: make.make_parcel(session, owner, hub, duisburg, reference=f"{name}-1")
        for name, owner in (("mine", mine), ("other", other))
    }
    batches = {
        name: make.make_batch(session, exporter_id=owner.id if owner else None, filename=f"{name}.csv")
        for name, owner in (("mine", mine), ("other", other), ("staff", None))
    }
    ids = {
        "wave": waved(session, warehouse),
        "load_unit": built(session, departure),
        "departure": departure.public_id,
        "warehouse": warehouse.public_id,
        "my_parcel": parcels["mine"].public_id,
        "other_parcel": parcels["other"].public_id,
        "my_batch": batches["mine"].public_id,
        "other_batch": batches["other"].public_id,
        "staff_batch": batches["staff"].public_id,
        "exporter": mine.public_id,
    }
    for name, owner in (("my", mine), ("other", other)):
        ids |= {f"{name}_{what}": found for what, found in told(session, owner).items()}
        ids |= {f"{name}_order": ordered(session, owner, warehouse)}
    ids |= {"other_exporter": other.public_id} | billed(session, other) | worked_on(session, other, warehouse)
    ids |= kept(session, other, warehouse)
    ids |= sent_back(session, other)
    for name, owner in (("my", mine), ("other", other)):
        ids[f"{name}_statement"] = stated(session, owner, warehouse)
        ids[f"{name}_asn"] = expected(session, owner, warehouse)
    return World(ids | planned(session, departure, parcels), secrets)


def built(session, departure):
    """A bag that is built at the warehouse for a departure."""
    wanted = NewUnit(kind="bag", departure=departure.public_id, type_code="MAILBAG")
    return open_unit(session, system("test"), make.NOW, "DEDUI-WHS", wanted).public_id


def ordered(session, owner, warehouse):
    """A draft of an order out of the warehouse."""
    order = OutboundOrder(public_id=new_id("ord"), warehouse_id=warehouse.id, owner_id=owner.id, reference="WORLD-1",
                          consignee={}, ship_by=make.NOW + make.DAY, waits_for=[], created_at=make.NOW,
                          created_by="usr_test", lines=[], packages=[])  # fmt: skip
    session.add(order)
    session.flush()
    return order.public_id


def waved(session, warehouse):
    """A wave nobody began."""
    wave = Wave(
        public_id=new_id("wav"), warehouse_id=warehouse.id, created_at=make.NOW, created_by="usr_test"
    )
    session.add(wave)
    session.flush()
    return wave.public_id


def callers(session):
    """A key for each role and each exporter, and the exporters."""
    actor, secrets, owners = system("test"), {}, {}
    for reference in ("acme", "globex"):
        owners[reference] = people.add_exporter(session, actor, make.NOW, reference)
        secrets[reference] = api_keys.add_api_key(session, actor, make.NOW, exporter=reference)[1]
    for role in ROLES:
        secrets[role] = api_keys.add_api_key(session, actor, make.NOW, role=role)[1]
    session.flush()
    return secrets, owners


def told(session, owner):
    """A webhook of an exporter with one message, and a key that nobody uses."""
    actor = Actor("user", "usr_test", "exporter", owner.id)
    url = f"https://{owner.reference}.example/hook"
    hook = webhooks.subscribe(session, actor, make.NOW, Allowed(), url, ["booking.confirmed"])
    message = webhooks.ping(session, actor, make.NOW, hook.public_id)
    key, _ = api_keys.add_api_key(session, actor, make.NOW, name=owner.reference)
    return {"webhook": hook.public_id, "message": message.public_id, "key": key.public_id}


def billed(session, owner):
    """A booking of somebody's and its invoice."""
    ends = session.query(Location).order_by(Location.id).limit(2).all()
    booking = make_booking(session, owner, 4_711, ends=ends)
    invoice = invoice_booking(session, system("test"), booking, make.NOW - 90 * make.DAY)
    quote = make_quote(session, owner, *ends)
    return {
        "other_booking": booking.public_id,
        "other_invoice": invoice.public_id,
        "other_quote": quote.public_id,
    }


def worked_on(session, owner, warehouse):
    """Work on an owner's stock, and a count of a warehouse."""
    told = {"warehouse_id": warehouse.id, "created_at": make.NOW, "created_by": "usr_test"}
    work = WorkOrder(public_id=new_id("wko"), owner_id=owner.id, reference="W-1", kind="photo", **told)
    count = StockCount(public_id=new_id("cnt"), **told)
    session.add_all([work, count])
    session.flush()
    return {"other_work_order": work.public_id, "other_count": count.public_id}


def sent_back(session, owner):
    """A return of an owner that nobody has received yet."""
    sender = {"person_name": "Erika Muster", "city": "Duisburg", "country_code": "DE"}
    wanted = NewReturn(original=None, reason="unwanted", items=[WantedItem("SKU-77", 1)], sender=sender)
    made = request_return(session, system("test"), make.NOW, owner, wanted)
    return {"other_return": made.public_id, "photo": "0" * 32}


def kept(session, owner, warehouse):
    """An owner's article of which some lies in a bin, and an appointment at a dock."""
    actor = system("test")
    zone = add_zone(session, actor, make.NOW, warehouse, code="WORLD")
    (shelf,) = add_bins(session, actor, make.NOW, zone, [NewBin("WORLD")])
    dock = add_dock(session, actor, make.NOW, warehouse, code="WORLD", opens_local="08:00", closes_local="17:00",
                    slot_min=60)  # fmt: skip
    sku = a_sku(session, owner, 77)
    lot = lot_of(session, LotKey(owner.id, sku.id, received_on=make.NOW.date()))
    move = Move(lot.id, places_of(session, warehouse.id)["supplier"].id, shelf.id, 5)
    posting = post(session, actor, make.NOW, warehouse.id, "import", [move])
    slot = DockSlot(public_id=new_id("slt"), dock_id=dock.id, starts_at=make.NOW + make.DAY,
                    ends_at=make.NOW + make.DAY + make.HOUR, subject="asn_0000000000000000", booked_by="usr_test",
                    created_at=make.NOW)  # fmt: skip
    session.add(slot)
    session.flush()
    return {
        "other_sku": sku.public_id,
        "other_posting": posting.public_id,
        "other_slot": slot.public_id,
        "shelf": "WORLD",
    }


def expected(session, owner, warehouse):
    """A draft of goods that are to come."""
    asn = Asn(public_id=new_id("asn"), warehouse_id=warehouse.id, owner_id=owner.id, reference="PO-1",
              expected_on=date(2026, 12, 24), created_at=make.NOW, created_by="usr_test")  # fmt: skip
    session.add(asn)
    session.flush()
    return asn.public_id


def stated(session, owner, warehouse):
    """A month of an exporter in the warehouse: one order of 1.80 EUR, which no posting stands for any more."""
    facts = {"warehouse_id": warehouse.id, "exporter_id": owner.id, "currency": "EUR"}
    statement = WarehouseStatement(public_id=new_id("wst"), month=date(2026, 8, 1), total_minor=180,
                                   created_at=make.NOW, **facts)  # fmt: skip
    session.add(statement)
    session.flush()
    session.add(
        WarehouseCharge(day=date(2026, 8, 9), code="outbound_order", basis="order", quantity=2, price_micros=900_000,
                        subject=new_id("pst"), statement_id=statement.id, **facts)
    )  # fmt: skip
    session.flush()
    return statement.public_id


def allot(session, departure, owner, capacity):
    """A block of an exporter on the first segment."""
    session.add(
        CapacityPool(
            segment_id=departure.segments[0].id, dimension="g", capacity=capacity, exporter_id=owner.id
        )
    )
    session.flush()


def planned(session, departure, parcels):
    """A run that ended with a plan, one that waits, and one that failed."""
    run = make.make_run(session, scope={"directions": ["export"], "horizon_days": 56, "exporter": None},
                        incumbent=1_250_000.5, bound=1_200_000.9, gap=0.04)  # fmt: skip
    plan = make.make_plan(
        session, run, objective=1_250_000.5, lower_bound=1_200_000.9, solution=b"plan bytes"
    )
    session.add(RunInput(run_id=run.id, problem=b"problem bytes", catalogue=b"catalogue bytes"))
    way = make.make_itinerary(session, plan, [departure])
    make.make_plan_item(session, plan, parcels["mine"], way)
    make.make_plan_item(session, plan, parcels["other"], reason_fact="SEA-1 001W lacks 2.5 kg")
    make.make_load(session, plan, departure)
    make.make_planned_unit(session, plan, departure, make.make_unit_type(session, "20GP"))
    scope = {"directions": ["export", "return"], "horizon_days": 7, "exporter": "acme"}
    waiting = make.make_run(session, status="queued", phase="queued", scope=scope)
    failed = make.make_run(session, status="failed", phase="failed", failure_code="plan_infeasible",
                           failure_detail="no legal plan exists", scope=scope)  # fmt: skip
    return {
        "run": run.public_id,
        "plan": plan.public_id,
        "waiting": waiting.public_id,
        "failed": failed.public_id,
        "scenario": supposed(session, plan),
    }


def supposed(session, plan):
    """A what-if that waits to be solved."""
    run = make.make_run(session, status="queued", phase="queued")
    wish = {"name": "Nothing by air", "patches": [{"kind": "mode", "mode": "air"}]}
    told = {"created_by": "usr_test", "created_at": make.NOW}
    scenario = Scenario(public_id=new_id("scn"), plan_id=plan.id, run_id=run.id, **wish, **told)
    session.add(scenario)
    session.flush()
    return scenario.public_id
