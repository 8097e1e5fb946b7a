"""The page of a quote for a customer without an account, and the buttons that make and take back its links."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import Conflict, NotFound
from app.http import reading, transaction
from app.queries.quotes import get_quote
from app.usecases.quote_links import quote_of_link, revoke_link, share_quote
from app.web.limits import limited
from app.web.quotes import SELLERS, signer, view

pages = Blueprint("quote_links", __name__)
RATE = "60 per minute"
"""Of one address."""


@pages.get("/offer/<token>")
@auth.public
def show(token: str) -> AnyResponse:
    """One quote, its offers side by side, to be read and nothing else; never what the space costs."""
    with limited(RATE):
        moment = now()
        with reading() as session:
            row, shown = get_quote(session, moment, quote_of_link(session, _link(token), moment))
    page = render_template("quotes/shared.html", quote=row, offers=[view(offer) for offer in shown])
    response: Response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _link(token: str) -> str:
    try:
        return str(signer().loads(token))
    except BadSignature:
        raise NotFound("there is no such link") from None


@pages.post("/quotes/<public_id>/links")
@auth.allow(*SELLERS)
def share(public_id: str) -> AnyResponse:
    """Make a link and show it to be copied or written in an e-mail."""
    with transaction() as session:
        share_quote(session, auth.actor(), now(), public_id)
    flash(gettext("The link is ready: copy it, or write an e-mail."), "good")
    return redirect(url_for("quotes.show", public_id=public_id, _anchor="send"), 303)


@pages.post("/quotes/<public_id>/links/<link_id>/revoke")
@auth.allow(*SELLERS)
def revoke(public_id: str, link_id: str) -> AnyResponse:
    """Take a link back."""
    try:
        with transaction() as session:
            revoke_link(session, auth.actor(), now(), public_id, link_id)
    except Conflict:
        flash(gettext("The link was taken back already."), "info")
    else:
        flash(gettext("The link was taken back: it opens nothing any more."), "good")
    return redirect(url_for("quotes.show", public_id=public_id, _anchor="send"), 303)
