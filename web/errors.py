"""Errors as pages: what happened and what to do, never a trace; the same for a part of a page and for JSON."""

import logging

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from models.base import _
from services.errors import DeniedError, UserError
from services.passwords import TooBusyError
from web import access, sessions
from web.database import database
from web.held import read_form
from web.logs import log_event
from web.password_pages import render_held_form

RETRY_AFTER_SECONDS = 5
PAGES = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)
_FORGED = _(
    "The page was open for too long or in two windows, so that this form could not be told from a forged one. "
    "Nothing was saved. Go back, reload the page and send it again."
)


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(UserError, _answer_user)
    app.register_error_handler(DeniedError, _answer_denied)
    for busy in (OperationalError, PoolTimeoutError, TooBusyError):
        app.register_error_handler(busy, _answer_busy)
    for conflict in (IntegrityError, StaleDataError):
        app.register_error_handler(conflict, _answer_conflict)


def answer_error(status: int, message: str = "", *, retry_after_seconds: int | None = None) -> Response:
    """Return the error page of ``status`` as the request wants it: a page, a part of one, or JSON."""
    _roll_back()
    if _wants_json():
        response = make_response(jsonify(status=status, message=message, incident=_incident(status)))
    else:
        response = make_response(_page(status, message))
    response.status_code = status
    if retry_after_seconds is not None:
        response.headers["Retry-After"] = str(max(1, retry_after_seconds))
    return response


def _page(status: int, message: str) -> str:
    if request.headers.get("HX-Request") == "true":
        return render_template("errors/part.html", status=status, message=message, incident=_incident(status))
    facts = {"message": message, "incident": _incident(status), "why_url": _why_url(status)}
    try:
        return render_template(f"errors/{status}.html", **facts)
    except TemplateNotFound:
        return render_template("errors/other.html", status=status, **facts)


def _why_url(status: int) -> str:
    """Return where the person's rights on what was asked for are explained; the row asked for plays no part."""
    if status not in (403, 404) or request.endpoint is None or not sessions.current().is_open:
        return ""
    entity, action = g.get("denied", ("", ""))
    rule = access.rule_of(current_app, request.endpoint)
    if not entity and rule is not None:
        entity, action = rule.entity, rule.action
    return url_for("why.show_own", entity=entity, action=action) if entity else ""


def _incident(status: int) -> str:
    return g.get("request_id", "") if status >= 500 else ""


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes["text/html"] < 1


def _roll_back() -> None:
    """Give back what the request had begun; a page about an error must not wait for a lock."""
    database().session.rollback()


def _answer_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    standard = type(error).description
    message = error.description if error.description and error.description != standard else ""
    if error.code >= 500:
        cause = getattr(error, "original_exception", None) or error
        log_event("fault", level=logging.ERROR, exc_info=cause, endpoint=request.endpoint)
    if error.code == 403:
        log_event("access_refused", reason="forbidden", endpoint=request.endpoint)
    response = answer_error(error.code, message)
    for name, value in error.get_response().headers.items():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _answer_csrf(error: CSRFError) -> Response:
    """Refuse; but a page of our own that is merely older than the sign-in keeps what was typed on it.

    The browser itself says that the form came from a page of ours, and no other site can make it say so.
    """
    log_event("forged_form_refused", reason=error.description, endpoint=request.endpoint)
    is_own_page = request.headers.get("Sec-Fetch-Site") == "same-origin" and "HX-Request" not in request.headers
    form = read_form() if is_own_page and not _wants_json() else None
    if form is None or not sessions.load().is_open:
        return answer_error(400, gettext(_FORGED))
    response = make_response(render_held_form(form))
    response.status_code = 400
    return response


def _answer_user(error: UserError) -> Response:
    return answer_error(error.status, gettext(error.message_id, **error.values))


def _answer_denied(error: DeniedError) -> Response:
    g.denied = (error.entity, error.action)
    log_event("access_refused", entity=error.entity, action=error.action, endpoint=request.endpoint)
    return answer_error(403)


def _answer_busy(error: Exception) -> Response:
    log_event("busy", level=logging.WARNING, exc_info=error, endpoint=request.endpoint)
    return answer_error(503, retry_after_seconds=RETRY_AFTER_SECONDS)


def _answer_conflict(error: Exception) -> Response:
    log_event("conflict", level=logging.WARNING, exc_info=error, endpoint=request.endpoint)
    return answer_error(409)
