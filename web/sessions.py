"""The signed-in person of a request: our cookie, the session on the server behind it, Flask-Login's view of it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Flask, Request, Response, current_app, g, request
from flask_login import LoginManager, UserMixin
from sqlalchemy.orm import Session

from config import Settings
from models.access import LoginSession, User
from models.actor import Actor
from models.delegation import Delegation
from services import delegations, login_sessions
from services.login_sessions import FoundSession, Limits, SessionState
from services.roles import build_actor
from services.session import acting
from web.clock import request_time
from web.database import database, writing_session
from web.security import cookie_name, set_cookie

login_manager = LoginManager()


@dataclass(frozen=True, slots=True)
class Current:
    """Who sends this request. ``user`` and ``login`` are there also when the sign-in is locked or over."""

    state: SessionState
    actor: Actor
    user: User | None = None
    login: LoginSession | None = None
    delegation: Delegation | None = None  # the one that was switched to, valid or not

    @property
    def is_open(self) -> bool:
        return self.state is SessionState.OPEN


class SignedIn(UserMixin):
    """The signed-in user as Flask-Login hands it to templates: ``id``, ``name``, ``actor``."""

    def __init__(self, current: Current) -> None:
        self.id = str(current.actor.user_id)
        self.name = current.actor.name
        self.actor = current.actor


def settings() -> Settings:
    """Return the settings of this application."""
    return current_app.config["SETTINGS"]


def limits() -> Limits:
    """Return how long sign-ins last here."""
    return Limits(idle=timedelta(minutes=settings().idle_minutes), absolute=timedelta(hours=settings().session_hours))


def nobody() -> Actor:
    """Return the actor of a request without a sign-in: it may do nothing, and what is refused can be traced."""
    return Actor(request_id=g.get("request_id", ""), address=request.remote_addr or "")


def system_actor(reason: str) -> Actor:
    """Return the actor of the program itself in this request, for looking up who somebody is."""
    return replace(nobody(), system=True, reason=reason)


def current() -> Current:
    """Return who sends this request, as ``load`` found it."""
    return g.get("current") or Current(SessionState.NONE, nobody())


def act_for(actor: Actor, state: SessionState = SessionState.NONE) -> None:
    """Have the rest of this request work for ``actor``."""
    database().session().info.update(actor=actor, at=request_time(), scope_options=None)
    g.current = Current(state, actor)


def load() -> Current:
    """Find out who sends this request and have its session act for them."""
    session: Session = database().session()
    token = request.cookies.get(cookie_name(settings()), "")
    found = FoundSession(SessionState.NONE)
    actor = nobody()
    delegation = None
    if token:
        with acting(session, system_actor("sign-in")):
            found = login_sessions.find_session(session, token, limits=limits(), at=request_time())
            if found.state is SessionState.OPEN and found.login is not None:
                actor = _build(session, found.login)
                delegation = delegations.find_delegation(session, login=found.login)
                if delegation is not None and delegation.is_valid(request_time()):
                    actor = delegations.build_acting_actor(session, actor, delegation)
    act_for(actor, found.state)
    user = found.login.user if found.login is not None else None
    g.current = Current(found.state, actor, user, found.login, delegation)
    if g.current.is_open and user is not None:
        g.language = user.language
    return g.current


def _build(session: Session, login: LoginSession) -> Actor:
    return build_actor(
        session,
        login.user,
        login.counter_id,
        request_id=g.get("request_id", ""),
        address=request.remote_addr or "",
    )


def begin(user: User, *, counter_id: int | None = None) -> None:
    """Sign ``user`` in: a new session on the server, its cookie on the answer; the rest of the request is theirs."""
    session: Session = database().session()
    login, token = login_sessions.start_session(
        session,
        user=user,
        limits=limits(),
        at=request_time(),
        counter_id=counter_id,
        address=request.remote_addr or "",
        user_agent=request.user_agent.string,
    )
    with acting(session, system_actor("sign-in")):
        actor = _build(session, login)
    act_for(actor, SessionState.OPEN)
    g.current = Current(SessionState.OPEN, actor, user, login)
    g.session_cookie, g.language = token, user.language


def reopen() -> None:
    """Open the locked sign-in of this request again, under a new token."""
    login = current().login
    assert login is not None  # noqa: S101 -- only a locked sign-in is opened again
    g.session_cookie = login_sessions.unlock_session(database().session(), login, at=request_time())


def forget() -> None:
    """Take the cookie away with this answer."""
    g.session_cookie = ""


def _write_cookie(response: Response) -> Response:
    token = g.get("session_cookie")
    if token:
        set_cookie(response, settings(), "", token)
    elif token == "":
        response.delete_cookie(cookie_name(settings()), secure=settings().is_https, httponly=True, samesite="Lax")
    return response


def _note_use(response: Response) -> Response:
    """Write down that the person is at work; what a page asks for by itself (``X-Background``) is no work."""
    now_current = current()
    login = now_current.login
    is_work = now_current.is_open and "X-Background" not in request.headers
    if login is None or not is_work or g.get("session_cookie") is not None:
        return response
    if login_sessions.needs_renewal(login, at=request_time()):
        login_id = login.id
        database().session.rollback()  # what was to be kept is committed by now, and the gate must be free
        with writing_session() as writer, acting(writer, now_current.actor):
            login_sessions.renew_session(writer, login_id, at=request_time())
    return response


@login_manager.request_loader
def _load_user(_request: Request) -> SignedIn | None:
    found = current()
    return SignedIn(found) if found.is_open else None


def init_app(app: Flask) -> None:
    """Let Flask-Login read our session; it keeps no cookie of its own.

    To be called before ``database.init_app``: the use is noted after the audit of what was read.
    """
    login_manager.session_protection = None  # pyright: ignore[reportAttributeAccessIssue] -- documented, not typed
    login_manager.init_app(app)
    app.after_request(_note_use)
    app.after_request(_write_cookie)
