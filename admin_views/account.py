"""A person's own account: password, PIN, sign-ins elsewhere; and the one-time password an administrator gives."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.verbs import Verb, offer
from models.access import LoginSession, User
from models.base import _
from models.staff import Staff
from services import login_sessions
from services.delegations import list_delegations
from services.errors import UserError
from services.users import change_password as store_password
from services.users import change_pin as store_pin
from services.users import clear_pin as take_pin_away
from services.users import reset_password as give_one_time_password
from web import sessions
from web.access import permitted, signed_in, signed_in_at_first
from web.clock import request_time
from web.confirmation import check_password_of, explain_refusal
from web.counter_cookie import new_device_mark
from web.database import database
from web.redirects import find_own_path

bp = Blueprint("account", __name__)

offer(
    "user_account",
    Verb(
        action="reset_password",
        label=_("Give a one-time password"),
        endpoint="account.reset_password",
        icon="key",
        method="post",
        confirm=_("The present password stops working at once and the person is signed out everywhere. Go on?"),
        when=lambda user: user.is_active,
    ),
)
offer(
    "staff",
    Verb(
        action="clear_pin",
        label=_("Take the PIN away"),
        endpoint="account.clear_pin",
        icon="x-circle",
        method="post",
        confirm=_("The person cannot take over a counter until they set a new PIN. Go on?"),
        when=lambda staff: staff.pin_hash is not None,
    ),
)


def _own() -> tuple[Session, User, LoginSession]:
    current = sessions.current()
    assert current.user is not None and current.login is not None  # noqa: S101, PT018 -- the rule of these views
    return database().session(), current.user, current.login


def _refusal_of_password(user: User, password: str) -> tuple[str, int, dict[str, str]] | None:
    """Return why ``password`` is not the user's present one, None if it is; it counts like a try to sign in."""
    result = check_password_of(user.user_name, password, device=new_device_mark())
    return explain_refusal(result, is_known=True) if result.user is None else None


@bp.get("/account")
@signed_in
def show_account() -> str:
    """Show one's own account."""
    return _account_page()


def _account_page(pin_error: str = "") -> str:
    session, user, login = _own()
    open_sessions = login_sessions.list_open_sessions(session, user, limits=sessions.limits(), at=request_time())
    return render_template(
        "access/account.html",
        user=user,
        own_session=login,
        open_sessions=open_sessions,
        pin_error=pin_error,
        delegations=list_delegations(session, user=user, at=request_time()),
        at=request_time(),
        may_delegate=sessions.current().actor.may("delegation", "delegate"),
    )


@bp.get("/password")
@signed_in_at_first
def change_password() -> str:
    """Show the form for a new password."""
    return _password_page(find_own_path(request.args.get("next")) or "")


def _password_page(next_url: str, **errors: str) -> str:
    _session, user, _login = _own()
    return render_template("access/password.html", user=user, next_url=next_url, errors=errors)


@bp.post("/password")
@signed_in_at_first
def submit_password() -> ResponseReturnValue:
    """Replace the password; every other sign-in of the person ends, this one goes on under a new token."""
    session, user, login = _own()
    next_url = find_own_path(request.form.get("next")) or ""
    present, new = request.form.get("present", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _password_page(next_url, again=gettext("The two do not agree. Type the new password again.")), 422
    refusal = _refusal_of_password(user, present)
    if refusal is not None:
        text, status, headers = refusal
        return _password_page(next_url, present=text), status, headers
    try:
        store_password(session, user=user, present=present, new=new, at=request_time())
    except UserError as error:
        session.rollback()
        return _password_page(next_url, new=gettext(error.message_id, **error.values)), error.status
    login_sessions.end_session(session, login, reason="password", at=request_time())
    sessions.begin(user, counter_id=login.counter_id)
    session.commit()
    flash(gettext("Your new password holds from now on. You were signed out everywhere else."), "success")
    return redirect(next_url or url_for("account.show_account"), 303)


@bp.post("/account/pin")
@signed_in
def submit_pin() -> ResponseReturnValue:
    """Set one's PIN for taking over a counter."""
    session, user, _login = _own()
    refusal = _refusal_of_password(user, request.form.get("present", ""))
    if refusal is not None:
        text, status, headers = refusal
        return _account_page(text), status, headers
    try:
        store_pin(session, user=user, pin=request.form.get("pin", ""))
    except UserError as error:
        session.rollback()
        return _account_page(gettext(error.message_id, **error.values)), error.status
    session.commit()
    flash(gettext("Your new PIN holds from now on."), "success")
    return redirect(url_for("account.show_account"), 303)


@bp.post("/account/sessions/<int:login_id>/end")
@signed_in
def end_session(login_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins; another person's is as good as absent."""
    session, user, own = _own()
    found = session.scalars(
        select(LoginSession).where(LoginSession.id == login_id, LoginSession.user_id == user.id)
    ).one_or_none()
    if found is None or found.id == own.id:
        abort(404)
    login_sessions.end_session(session, found, reason="ended_elsewhere", at=request_time())
    session.commit()
    flash(gettext("That sign-in has ended."), "success")
    return redirect(url_for("account.show_account"), 303)


@bp.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's own sign-ins but this one."""
    session, user, own = _own()
    for login in login_sessions.list_open_sessions(session, user, limits=sessions.limits(), at=request_time()):
        if login.id != own.id:
            login_sessions.end_session(session, login, reason="ended_elsewhere", at=request_time())
    session.commit()
    flash(gettext("You are signed out everywhere else."), "success")
    return redirect(url_for("account.show_account"), 303)


@bp.post("/admin/user_account/<int:id>/reset-password")
@permitted("user_account", "reset_password")
def reset_password(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Give a user a one-time password and show it this once."""
    session = database().session()
    user = session.scalars(select(User).where(User.id == id)).one_or_none()
    if user is None:
        abort(404)
    given = give_one_time_password(session, user=user, at=request_time())
    session.commit()
    return render_template("access/one_time_password.html", user=user, given=given)


@bp.post("/admin/staff/<int:id>/clear-pin")
@permitted("staff", "clear_pin")
def clear_pin(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Take a PIN away that others may know."""
    session = database().session()
    staff = session.scalars(select(Staff).where(Staff.id == id)).one_or_none()
    if staff is None:
        abort(404)
    take_pin_away(session, staff=staff)
    session.commit()
    flash(gettext("The PIN is gone. The person sets a new one under “My account”."), "success")
    return redirect(url_for("staff.details_view", id=id), 303)
