"""Signing in and out, and the screen that locks itself with the work intact."""

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from werkzeug import Response

from admin_views.navigation import find_work_page
from models.access import LoginSession
from models.base import _
from services import counter_sessions, login_sessions
from services.login_sessions import SessionState
from services.sign_in import SignIn
from web import sessions
from web.access import public, signed_in_at_first
from web.clock import request_time
from web.confirmation import check_password_of, explain_refusal
from web.counter_cookie import find_counter_of_computer, new_device_mark, remember_device
from web.database import database
from web.held import release_form
from web.password_pages import render_held_form, render_sign_in, render_unlock
from web.preferences import keep_chosen_language
from web.redirects import find_own_path

START_PAGE = "/admin/"
_NOTICES = {
    "expired": _("Your sign-in has reached its limit for the day. Sign in again to go on."),
    "ended": _("You were signed out. Sign in again to go on."),
    "rights_changed": _("Your rights or your password were changed. Sign in again to go on."),
    "signed_out": _("You are signed out."),
}

bp = Blueprint("access", __name__)


@bp.get("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page, or go on where somebody is signed in already."""
    next_url = find_own_path(request.args.get("next")) or ""
    if sessions.current().is_open:
        return redirect(next_url or START_PAGE, 303)
    notice = _NOTICES.get(request.args.get("why", ""), "")
    return render_sign_in(notice=gettext(notice) if notice else "", next_url=next_url)


@bp.post("/login")
@public
def submit_sign_in() -> ResponseReturnValue:
    """Let somebody in, open this computer's counter for them if they wish, and go on where they were."""
    typed_name = request.form.get("user_name", "")
    next_url = find_own_path(request.form.get("next")) or ""
    held = request.form.get("held", "")
    mark = new_device_mark()
    before = sessions.current().login
    before_id = before.id if before is not None else None
    result = check_password_of(typed_name, request.form.get("password", ""), device=mark)
    if result.user is None:
        error, status, headers = explain_refusal(result)
        page = render_sign_in(error=error, user_name=typed_name[:60], next_url=next_url, held=held)
        return page, status, headers
    _start(result, before_id)
    return _go_on(held, next_url, mark)


def _start(result: SignIn, before_id: int | None) -> None:
    """Begin the sign-in and, where asked, the serving at this computer's counter; commit both as one."""
    assert result.user is not None  # noqa: S101 -- the caller has looked
    session = database().session()
    user = result.user
    sessions.begin(user)
    if before_id is not None:
        _end(before_id, "replaced")
    actor, login = sessions.current().actor, sessions.current().login
    counter = find_counter_of_computer(session)
    wishes = request.form.get("open_counter") == "1" and not user.must_change_password
    if login is not None and counter is not None and user.staff is not None and wishes:
        if actor.may("counter", "serve"):
            counter_sessions.open_counter_session(session, counter=counter, staff=user.staff, at=request_time())
            login.counter_id = counter.id
    keep_chosen_language(session, user)
    session.commit()
    form_session.clear()  # a new token against forged forms, too


def _go_on(held: str, next_url: str, mark: str) -> Response:
    current = sessions.current()
    assert current.user is not None  # noqa: S101 -- just signed in
    form = release_form(held, current.user.id)
    receives = current.actor.may("counter", "serve") and current.actor.may("dossier", "receive")
    serves = receives and current.user.staff_id is not None  # a head who may step in does not choose every morning
    if current.user.must_change_password:
        response = redirect(url_for("account.change_password", next=next_url or None), 303)
    elif form is not None:
        response = make_response(render_held_form(form))
    elif serves and current.login is not None and current.login.counter_id is None and not next_url:
        response = redirect(url_for("counter_desk.choose_counter"), 303)
    else:
        at_counter = current.login is not None and current.login.counter_id is not None
        response = redirect(next_url or find_work_page(current.actor, at_counter=at_counter), 303)
    remember_device(response, mark)
    return response


def _end(login_id: int, reason: str) -> None:
    session = database().session()
    login = session.get(LoginSession, login_id)
    if login is not None:
        login_sessions.end_session(session, login, reason=reason, at=request_time())


@bp.post("/logout")
@public
def sign_out() -> ResponseReturnValue:
    """End the sign-in on the server, and the serving at its counter; a copied cookie is worth nothing then."""
    current = sessions.current()
    if current.login is not None and current.user is not None:
        session = database().session()
        sessions.act_for(current.actor if current.is_open else sessions.system_actor("sign-out"))
        login_sessions.end_session(session, current.login, reason="signed_out", at=request_time())
        serving = (
            counter_sessions.find_open_counter_session(session, current.login.counter_id)
            if current.login.counter_id is not None
            else None
        )
        if serving is not None and serving.staff_id == current.user.staff_id:
            counter_sessions.close_counter_session(session, counter_session=serving, at=request_time())
        session.commit()
    form_session.clear()
    sessions.forget()
    response = redirect(url_for("access.sign_in", why="signed_out"), 303)
    response.headers["Clear-Site-Data"] = '"storage"'  # pages are never cached; clearing "cache" takes seconds
    return response


@bp.post("/lock")
@signed_in_at_first
def lock() -> ResponseReturnValue:
    """Lock the screen; the page stays as it is under the lock, and the server answers nothing else."""
    login = sessions.current().login
    assert login is not None  # noqa: S101 -- the rule of this view
    session = database().session()
    login_sessions.lock_session(session, login, at=request_time())
    session.commit()
    if _wants_json():
        return "", 204
    return redirect(url_for("access.unlock", next=find_own_path(request.form.get("next"))), 303)


@bp.get("/session")
@signed_in_at_first
def stay() -> ResponseReturnValue:
    """Say that the person is at work though the page asks for nothing; what renews the sign-in is the request."""
    return "", 204


@bp.get("/unlock")
@public
def unlock() -> ResponseReturnValue:
    """Show the locked screen, or go on where it is not locked."""
    next_url = find_own_path(request.args.get("next")) or ""
    state = sessions.current().state
    if state is SessionState.LOCKED:
        return render_unlock(next_url=next_url)
    if state is SessionState.OPEN:
        return redirect(next_url or START_PAGE, 303)
    return redirect(url_for("access.sign_in", next=next_url or None), 303)


@bp.post("/unlock")
@public
def submit_unlock() -> ResponseReturnValue:
    """Open the locked screen with the password of the person who locked it."""
    current = sessions.current()
    next_url = find_own_path(request.form.get("next")) or ""
    held = request.form.get("held", "")
    if current.state is not SessionState.LOCKED or current.user is None:
        if _wants_json():
            return jsonify(unlocked=current.is_open), 200 if current.is_open else 401
        return redirect(url_for("access.unlock", next=next_url or None), 303)
    mark = new_device_mark()
    user_name, user_id = current.user.user_name, current.user.id
    result = check_password_of(user_name, request.form.get("password", ""), device=mark)
    if result.user is None:
        error, status, headers = explain_refusal(result, is_known=True)
        if _wants_json():
            return jsonify(unlocked=False, message=error), status, headers
        return render_unlock(error=error, next_url=next_url, held=held), status, headers
    sessions.reopen()
    database().session().commit()
    form = release_form(held, user_id)
    if _wants_json():
        response = jsonify(unlocked=True, csrf_token=generate_csrf())
    else:
        response = make_response(render_held_form(form)) if form else redirect(next_url or START_PAGE, 303)
    remember_device(response, mark)
    return response


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
