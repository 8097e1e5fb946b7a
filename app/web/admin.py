"""Administration at a glance: each part with what in it wants attention."""

from datetime import timedelta

from flask import Blueprint

from app import auth
from app.clock import now
from app.http import reading
from app.queries import admin as queries
from app.web.admin_frame import HELP, render

pages = Blueprint("admin", __name__)
LATELY = timedelta(days=1)


@pages.get("/admin")
@auth.allow("operator", "finance", "regulator")
def index() -> str:
    """The parts this person may open."""
    with reading() as session:
        return render("index", help=HELP, counts=queries.overview(session, now(), now() - LATELY))
