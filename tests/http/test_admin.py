"""Administration in the browser: who may open what, what is shown once, and what is wrong stands at its field."""

import re

import pytest
from sqlalchemy import select

from app.clock import now
from app.models import AuditEvent, Job, Tariff, TariffBreak, User, WebhookMessage
from app.usecases import working
from tests import factories as make
from tests.http.pages import person, sign_in, words

OPEN = {
    "/admin": {"operator", "finance", "regulator"},
    "/admin/users": set(),
    "/admin/roles": {"regulator"},
    "/admin/clients": {"operator", "finance"},
    "/admin/clients/acme": {"operator", "finance"},
    "/admin/rates": {"operator", "finance"},
    "/admin/deliveries": {"operator"},
    "/admin/failures": {"operator"},
    "/admin/jobs": {"operator"},
    "/admin/audit": {"regulator"},
    "/admin/audit.csv": {"regulator"},
}
ROLES = ("operator", "warehouse", "customs", "finance", "exporter", "regulator")


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def acme(database):
    with database.transaction() as session:
        return make.make_party(session, "acme")


@pytest.fixture
def admin(app):
    return person(app, "admin")


def field_errors(page):
    return dict(re.findall(r'class="field-error" id="f-([\w-]+)-help">([^<]*)<', page.text))


def link_of(page):
    return re.search(r'id="f-link" type="text" value="[^"]*(/password/[^"]+)"', page.text)[1]


def test_each_role_opens_what_is_for_it_and_nothing_else(app, acme):
    for role in ("admin", *ROLES):
        client = person(app, role)
        for path, roles in OPEN.items():
            expected = 200 if role == "admin" or role in roles else 403
            assert client.get(path).status_code == expected, (role, path)
        entry = 'href="/admin"' in client.get("/departures").text
        assert entry is (role in {"admin", *OPEN["/admin"]})


def test_somebody_is_invited_comes_in_and_is_shut_out_at_once(admin, app, database):
    page = admin.post("/admin/users", data={"email": "Ann@Example.com", "role": "finance"})
    link = link_of(page)
    ann = app.test_client()
    ann.post(link, data={"password": "correct horse battery"})
    assert ann.get("/admin/clients").status_code == 200
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "ann@example.com")).one()
    path = f"/admin/users/{user.public_id}"
    assert "Finance" in words(admin.get(path))

    closed = admin.post(f"{path}/deactivate")
    assert "every session has ended" in words(admin.get(closed.location))
    assert ann.get("/admin/clients").status_code == 303
    admin.post(f"{path}/reactivate")
    assert ann.get("/admin/clients").status_code == 303, "the session of before stays ended"
    assert link_of(admin.post(f"{path}/link")) != link
    assert "user.deactivated" in words(admin.get(f"/admin/audit?subject={user.public_id}"))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "nonsense", "role": "operator"}, "email"),
        ({"email": "a@example.com", "role": "exporter"}, "exporter"),
        ({"email": "a@example.com", "role": "warehouse", "warehouse": "NOWHERE"}, "warehouse"),
    ],
)
def test_what_is_wrong_with_an_invitation_stands_at_its_field(admin, acme, form, field):
    page = admin.post("/admin/users", data=form)
    assert page.status_code in (404, 422)
    assert field in field_errors(page)
    assert form["email"] in page.text


def test_an_administrator_cannot_shut_himself_out(app, database):
    with database.transaction() as session:
        user = make.make_user(session, "admin")
    client = sign_in(app.test_client(), user)
    page = client.get(f"/admin/users/{user.public_id}")
    assert "This is you" in words(page)
    answer = client.post(f"/admin/users/{user.public_id}/deactivate")
    assert "nobody changes his own role" in words(client.get(answer.location))
    answer = client.post(f"/admin/users/{user.public_id}/role", data={"role": "finance"})
    assert "nobody changes his own role" in words(client.get(answer.location))


def test_the_matrix_says_what_the_routes_declare(admin):
    page = admin.get("/admin/roles")
    text = words(page)
    assert "POST /admin/users Administrator" in text
    assert "GET /admin/jobs Administrator, Operator" in text
    row = re.search(r"<tr>\s*<th scope=.row.>(?:(?!</tr>).)*/admin/jobs<.*?</tr>", page.text, re.DOTALL)[0]
    admins, operators, warehouse = re.findall(r"<td>.*?</td>", row, re.DOTALL)[:3]
    assert ">acts<" in admins
    assert re.search(r"acts \d+ of \d+", operators)
    assert "–" in warehouse


def test_the_log_is_read_and_taken_away_and_formulas_stay_text(admin, database):
    with database.transaction() as session:
        session.add(AuditEvent(at=now(), actor_kind="system", actor="=cmd", action="sku.changed", subject="sku_1",
                               before={"name": "old", "same": 1}, after={"name": "new", "same": 1}))  # fmt: skip
    text = words(admin.get("/admin/audit?action=sku&who==cmd"))
    assert "name old → became new" in text
    assert "same" not in text.partition("Before and after")[2]
    file = admin.get("/admin/audit.csv?action=sku").text
    assert file.lstrip("\ufeff").startswith("at,actor_kind")
    assert "'=cmd" in file
    assert "Nothing of the kind" in words(admin.get("/admin/audit?action=sku&to=2020-01-01"))


def test_jobs_are_shown_without_redis_in_words_and_given_up(app, database):
    operator = person(app)
    with database.transaction() as session:
        job_id = working.enqueue(
            session, "import_batch", "default", make.make_batch(session).public_id, now()
        ).id
    assert "Redis does not answer" in words(operator.get("/admin/jobs?state=queued"))
    page = operator.get(f"/admin/jobs/{job_id}")
    assert "Ring a worker again" in words(page)
    answer = operator.post(f"/admin/jobs/{job_id}/abandon")
    assert "It was given up" in words(operator.get(answer.location))
    assert "abandoned" in words(operator.get("/admin/jobs?state=failed"))
    again = operator.post(f"/admin/jobs/{job_id}/retry")
    assert "start this one anew" in words(operator.get(again.location))
    with database.reading() as session:
        assert session.get_one(Job, job_id).status == "failed"


def test_finance_decides_about_credit_and_the_operator_asks(app, acme):
    operator, finance = person(app), person(app, "finance")
    path = "/admin/clients/acme"
    assert operator.post(f"{path}/hold", data={"reason": "late"}).status_code == 403
    asked = operator.post(f"{path}/ask", data={"reason": "two invoices are late"})
    assert "two invoices are late" in words(finance.get(asked.location))
    assert "reason" in field_errors(finance.post(f"{path}/hold", data={"reason": ""}))
    finance.post(f"{path}/hold", data={"reason": "INV-1 is overdue"})
    assert "INV-1 is overdue" in words(operator.get("/admin/clients?state=hold"))
    assert "limit" in field_errors(finance.post(f"{path}/credit", data={"limit": "1.234", "currency": "CNY"}))
    finance.post(f"{path}/credit", data={"limit": "50000", "currency": "cny"})
    assert "CN¥50,000.00" in words(operator.get(path))
    finance.post(f"{path}/lift", data={"reason": "paid"})
    assert "Free to book" in words(operator.get("/admin/clients"))
    assert operator.get("/admin/clients/nobody").status_code == 404


def test_a_rate_card_is_read_and_its_days_are_cut(app, database):
    with database.transaction() as session:
        card = Tariff(code="SELL-X", side="sell", channel="AIR-EU", currency="USD", valid_from=now().date(),
                      source="example", breaks=[TariffBreak(from_g=0, rate_micros_per_kg=3_500_000)])  # fmt: skip
        session.add(card)
        session.flush()
        path = f"/admin/rates/{card.id}"
    finance = person(app, "finance")
    assert "SELL-X" in words(finance.get("/admin/rates?q=sell&side=sell&state=holds"))
    text = words(finance.get(path))
    assert "USD 3.5" in text
    assert "US$350.00" in text or "$350.00" in text
    for wrong in ("2020-01-01", "soon"):
        page = finance.post(f"{path}/end", data={"valid_to": wrong})
        assert page.status_code == 422
        assert "valid_to" in field_errors(page)
    finance.post(f"{path}/end", data={"valid_to": "2099-01-01"})
    assert "tariff.end_set" in words(finance.get(path))


def test_failing_addresses_come_first_and_messages_are_sent_again(app, database, acme):
    owner = person(app, "exporter", exporter=acme)
    owner.post(
        "/webhooks", data={"url": "https://erp.example.com/hook", "event_types": ["booking.confirmed"]}
    )
    hook = re.search(r"/webhooks/(whk_\w+)", owner.get("/webhooks").text)[1]
    owner.post(f"/webhooks/{hook}/test")
    with database.transaction() as session:
        message = session.scalars(select(WebhookMessage)).one()
        message.status, message.next_at = "failed", None
        name = message.public_id
    operator = person(app)
    text = words(operator.get("/admin/deliveries?status=failed&exporter=acme"))
    assert "Addresses that fail" in text
    assert name in text
    operator.post("/admin/deliveries?status=failed", data={"message": [name]})
    assert "is on its way again" in words(operator.get("/admin/deliveries"))
    assert "Nothing of the kind was sent" in words(operator.get("/admin/deliveries?exporter=-"))


def test_a_key_is_rotated_and_the_new_secret_is_shown_once(app, acme):
    owner = person(app, "exporter", exporter=acme)
    first = owner.post("/api-keys", data={"name": "erp"})
    key = re.search(r"/api-keys/(key_\w+)/rotate", first.text)[1]
    secrets = [re.search(r'id="f-secret" type="text" value="([^"]+)"', page.text)[1]
               for page in (first, owner.post(f"/api-keys/{key}/rotate"))]  # fmt: skip
    for secret in secrets:
        answer = app.test_client().get("/api/v1/bookings", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200
    assert len(set(secrets)) == 2
