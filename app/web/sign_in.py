"""The door: signing in and out, and the one-time link that sets a password."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import Invalid, NotFound, Unauthenticated
from app.http import transaction
from app.models import User
from app.usecases import people
from app.web import languages
from app.web.limits import PASSWORD_LINK, SIGN_IN, limited

pages = Blueprint("sign_in", __name__)
Page = str | tuple[str, int] | Response


@pages.get("/sign-in")
@auth.public
def form() -> Page:
    """Ask for e-mail and password."""
    if auth.signed_in() is not None:
        return redirect(inside(request.args.get("next")), 303)
    return render_template("sign_in.html", next=request.args.get("next"))


@pages.post("/sign-in")
@auth.public
def enter() -> Page:
    """Check the password, begin a session, and go where the person wanted to go."""
    auth.refuse_other_sites()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        with limited(SIGN_IN, email.strip().lower()[:254]), transaction() as session:
            user = people.authenticate(session, now(), email, password)
            keep_language(user)
    except Unauthenticated:
        return refuse(email, gettext("The e-mail address or the password is not right."), 401)
    except TooManyRequests:
        return refuse(email, gettext("Too many tries. Wait five minutes, then try again."), 429)
    auth.sign_in(user)
    return redirect(inside(request.form.get("next")), 303)


def refuse(email: str, error: str, status: int) -> tuple[str, int]:
    """The form again, with what was typed and what was wrong."""
    return render_template("sign_in.html", error=error, email=email, next=request.form.get("next")), status


def keep_language(user: User) -> None:
    """A language chosen at the door is a wish for all that follows."""
    wished = request.cookies.get(languages.COOKIE)
    if wished in languages.LANGUAGES:
        user.locale = wished


def inside(target: str | None) -> str:
    """The address to go to, if it is one of ours; else the start page."""
    parts = urlsplit(target or "")
    ours = target and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and not parts.netloc and target else url_for("tower.show")


@pages.post("/sign-out")
@auth.allow(*ROLES)
def leave() -> Page:
    """End the person's sessions."""
    auth.sign_out()
    return redirect(url_for("sign_in.form"), 303)


@pages.get("/password/<token>")
@auth.public
def new_password(token: str) -> Page:
    """Ask for a new password; whether the link still works is said when it is used."""
    del token
    return render_template("password.html")


@pages.post("/password/<token>")
@auth.public
def set_password(token: str) -> Page:
    """Use the one-time link, and sign in."""
    auth.refuse_other_sites()
    try:
        with limited(PASSWORD_LINK), transaction() as session:
            user = people.set_password(session, now(), token, request.form.get("password", ""))
            keep_language(user)
    except NotFound:
        return render_template(
            "password.html", error=gettext("This link was used or is too old. Ask for a new one.")
        ), 404
    except Invalid:
        weak = gettext("Take 12 to 128 characters, and not the same few again and again.")
        return render_template("password.html", error=weak), 422
    auth.sign_in(user)
    return redirect(url_for("tower.show"), 303)
