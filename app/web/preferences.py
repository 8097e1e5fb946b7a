"""Language and light or dark: kept with the person where one is signed in, and in the browser."""

from flask import Blueprint, redirect, request
from sqlalchemy import update
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.http import transaction
from app.models import User
from app.web import languages
from app.web.rendering import THEMES
from app.web.sign_in import inside

pages = Blueprint("preferences", __name__)
YEAR_S = 365 * 24 * 3600


@pages.post("/language")
@auth.public
def language() -> Response:
    """Speak another language from now on."""
    wished = request.form.get("language", "")
    answer = redirect(inside(request.form.get("next")), 303)
    if wished in languages.LANGUAGES:
        user = auth.signed_in()
        if user is not None:
            auth.refuse_other_sites()
            with transaction() as session:
                session.execute(update(User).where(User.id == user.id).values(locale=wished))
        _keep(answer, languages.COOKIE, wished)
    return answer


@pages.post("/theme")
@auth.allow(*ROLES)
def theme() -> Response:
    """Light or dark."""
    answer = redirect(inside(request.form.get("next")), 303)
    if request.form.get("theme") in THEMES:
        _keep(answer, "theme", request.form["theme"])
    return answer


def _keep(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=YEAR_S, secure=request.is_secure, httponly=False, samesite="Lax")
