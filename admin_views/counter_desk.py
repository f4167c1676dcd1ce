"""The counter of this computer: opened, left, and taken over by a colleague in five seconds without a mouse."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import format_time, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from admin_views.navigation import find_work_page
from models.organisation import Counter
from models.staff import CounterSession
from services import counter_sessions, login_sessions
from services.counter_sessions import TakeOver, TakeOverBrakedError, TakeOverRefusedError
from services.roles import build_actor
from services.session import acting
from web import sessions
from web.access import permitted, public
from web.clock import request_time
from web.counter_cookie import find_counter_of_computer, remember_counter
from web.database import database
from web.logs import log_event
from web.redirects import find_own_path

bp = Blueprint("counter_desk", __name__)


@bp.get("/counter")
@permitted("counter", "serve")
def choose_counter() -> str:
    """Show the counters in use with who serves there, those of the person's own department first."""
    session = database().session()
    own = sessions.current().actor.department_ids
    counters = session.scalars(
        select(Counter)
        .where(Counter.is_active)
        .options(joinedload(Counter.site))
        .order_by(Counter.department_id.in_(own).desc(), Counter.site_id, Counter.number)
    ).all()
    serving = session.scalars(
        select(CounterSession).where(CounterSession.ended_at.is_(None)).options(joinedload(CounterSession.staff))
    )
    current = sessions.current()
    return render_template(
        "access/counter.html",
        counters=counters,
        serving={row.counter_id: row for row in serving},
        own_counter_id=current.login.counter_id if current.login is not None else None,
        usual=find_counter_of_computer(session),
        has_staff=current.actor.staff_id is not None,
    )


@bp.post("/counter")
@permitted("counter", "serve")
def open_counter() -> ResponseReturnValue:
    """Open a counter for oneself and have this computer stand there from now on."""
    session = database().session()
    current = sessions.current()
    counter = session.get(Counter, request.form.get("counter_id", type=int) or 0)
    if counter is None or current.login is None or current.user is None or current.user.staff is None:
        abort(404)
    counter_sessions.open_counter_session(session, counter=counter, staff=current.user.staff, at=request_time())
    current.login.counter_id = counter.id
    session.commit()
    response = redirect(find_own_path(request.form.get("next")) or find_work_page(current.actor, at_counter=True), 303)
    remember_counter(response, counter.id)
    return response


@bp.post("/counter/leave")
@permitted("counter", "serve")
def leave_counter() -> ResponseReturnValue:
    """Stop serving; the sign-in goes on."""
    session = database().session()
    current = sessions.current()
    assert current.login is not None  # noqa: S101 -- the rule of this view
    if current.login.counter_id is not None:
        serving = counter_sessions.find_open_counter_session(session, current.login.counter_id)
        if serving is not None and serving.staff_id == current.actor.staff_id:
            counter_sessions.close_counter_session(session, counter_session=serving, at=request_time())
    current.login.counter_id = None
    session.commit()
    flash(gettext("You have left the counter."), "success")
    return redirect(url_for("counter_desk.choose_counter"), 303)


def _counter_here(session: Session) -> Counter:
    counter = find_counter_of_computer(session)
    if counter is None:
        abort(404, gettext("This computer stands at no counter yet. Sign in and choose one first."))
    return counter


@bp.get("/counter/take-over")
@public
def take_over() -> str:
    """Show the two fields for badge number and PIN."""
    return _take_over_page(_counter_here(database().session()))


def _take_over_page(counter: Counter, *, badge: str = "", error: str = "") -> str:
    session = database().session()
    with acting(session, sessions.system_actor("take over a counter")):
        serving = counter_sessions.find_open_counter_session(session, counter.id)
    return render_template("access/take_over.html", counter=counter, serving=serving, badge=badge, error=error)


@bp.post("/counter/take-over")
@public
def submit_take_over() -> ResponseReturnValue:
    """Have whoever shows badge and PIN serve here; the sign-in of the one before ends."""
    session = database().session()
    counter = _counter_here(session)
    badge, pin = request.form.get("badge", "").strip()[:40], request.form.get("pin", "")
    if not badge or not pin:  # a scanner ends the badge with Enter: the PIN comes next
        return _take_over_page(counter, badge=badge)
    before = sessions.current().login
    with acting(session, sessions.system_actor("take over a counter"), at=request_time()):
        done = counter_sessions.take_over_counter(
            session, counter=counter, badge=badge, pin=pin, at=request_time(), address=request.remote_addr or ""
        )
        if done.user is not None and not build_actor(session, done.user).may("counter", "take_over"):
            session.rollback()
            done = TakeOver()
        if done.user is None:
            session.commit()
            return _refuse(counter, done, badge)
        if before is not None:
            login_sessions.end_session(session, before, reason="taken_over", at=request_time())
        sessions.begin(done.user, counter_id=counter.id)
        session.commit()
    form_session.clear()  # a form that the one before left open in another window is not sent in this name
    log_event("counter_taken_over", counter_id=counter.id, user_id=sessions.current().actor.user_id)
    response = redirect(find_work_page(sessions.current().actor, at_counter=True), 303)
    remember_counter(response, counter.id)
    return response


def _refuse(counter: Counter, done: TakeOver, badge: str) -> ResponseReturnValue:
    log_event("take_over_braked" if done.retry_at else "take_over_refused", counter_id=counter.id)
    if done.retry_at is None:
        error = gettext(TakeOverRefusedError.message)
        return _take_over_page(counter, badge=badge, error=error), TakeOverRefusedError.status
    seconds = max(1, round((done.retry_at - request_time()).total_seconds()))
    error = gettext(TakeOverBrakedError.message, time=format_time(done.retry_at, "HH:mm:ss"))
    return (
        _take_over_page(counter, badge=badge, error=error),
        TakeOverBrakedError.status,
        {"Retry-After": str(seconds)},
    )
