"""What the tests of pages share: signing in without the door, and a small world to look at."""

import re
from html import unescape
from types import SimpleNamespace

from app.clock import now
from tests import factories as make


def sign_in(client, user):
    """Let the client's cookie say that this person signed in."""
    with client.session_transaction() as cookie:
        cookie["user"], cookie["epoch"] = user.public_id, user.session_epoch
    return client


def person(app, role="operator", **facts):
    """A client signed in as somebody of this role."""
    with app.extensions["fourport"]["database"].transaction() as session:
        user = make.make_user(session, role, **facts)
    return sign_in(app.test_client(), user)


def words(answer):
    """The text of a page, without tags, with single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def small_world(database):
    """Two ports, a flight and a sailing, a parcel with a way and one without, the run and its plan."""
    with database.transaction() as session:
        qingdao = make.make_location(session, "CNTAO-PORT", name_en="Qingdao port", name_zh="青岛港")
        angeles = make.make_location(
            session, "USLAX-PORT", name_en="Los Angeles port", name_zh="洛杉矶港",
            time_zone="America/Los_Angeles", latitude=33.7, longitude=-118.3,
        )  # fmt: skip
        hub = make.make_location(session, "CNTAO-HUB", kind="origin_hub")
        home = make.make_location(session, "USLAX-WH", kind="overseas", country="US")
        make.make_warehouse(session, home)
        make.make_country_group(session, "US", "US")
        liner = make.make_service(session, "PAC1", "sea")
        sailing = make.make_departure(
            session, liner, [qingdao, angeles], departs_at=now() + 4 * make.DAY, number="VOY7",
            pools={"g": (20_000_000, 2_000_000, 5_000_000), "teu": (40_000, 0, 12_000)},
        )  # fmt: skip
        box = make.make_unit_type(session, "40HC")
        make.make_departure_unit(session, sailing, box, cost_minor=1_234_500, currency="CNY")
        exporter = make.make_party(session, "LINYI-TOYS")
        rides = make.make_parcel(session, exporter, hub, home, reference="RIDES")
        stays = make.make_parcel(session, exporter, hub, home, reference="STAYS", goods_class="li_ion_alone")
        run = make.make_run(
            session, points=[(1.0, 1_500_000.0, 1_000_000.0), (2.0, 1_250_000.0, 1_200_000.0)]
        )
        plan = make.make_plan(session, run)
        way = make.make_itinerary(session, plan, [sailing])
        make.make_plan_item(session, plan, rides, way)
        make.make_plan_item(session, plan, stays, reason="DG_NOT_ALLOWED", reason_fact="PAC1 takes none")
        make.make_load(session, plan, sailing)
        make.make_planned_unit(session, plan, sailing, box)
        batch = make.make_batch(session)
        return SimpleNamespace(
            exporter=exporter, sailing=sailing, rides=rides, stays=stays, run=run, plan=plan, batch=batch
        )
