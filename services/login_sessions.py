"""Sign-ins kept on the server: started, used, locked, ended; the cookie holds a token, the row only its hash."""

import enum
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from models.access import LoginSession, User

RENEWED_AFTER = timedelta(seconds=60)  # use is written down at most this often


class SessionState(enum.Enum):
    """What a token is worth at an instant."""

    NONE = "none"
    OPEN = "open"
    LOCKED = "locked"
    EXPIRED = "expired"
    ENDED = "ended"
    RIGHTS_CHANGED = "rights_changed"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sign-in lasts: idle until the screen locks, and altogether (design section 4)."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A sign-in with its state; ``login`` is None exactly when the state is NONE."""

    state: SessionState
    login: LoginSession | None = None


def hash_token(token: str) -> str:
    """Return what is stored of a token: its 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    session: Session,
    *,
    user: User,
    limits: Limits,
    at: datetime,
    counter_id: int | None = None,
    address: str = "",
    user_agent: str = "",
) -> tuple[LoginSession, str]:
    """Start a sign-in of ``user`` and return it with its token, which is known here and in the cookie only."""
    token = secrets.token_urlsafe(32)
    login = LoginSession(
        token_hash=hash_token(token),
        user=user,
        counter_id=counter_id,
        started_at=at,
        seen_at=at,
        expires_at=at + limits.absolute,
        access_epoch=user.access_epoch,
        address=address[:60],
        user_agent=user_agent[:200],
    )
    session.add(login)
    session.flush()  # the caller links it to the browser's other rows
    return login, token


def find_session(session: Session, token: str, *, limits: Limits, at: datetime) -> FoundSession:
    """Return the sign-in that ``token`` stands for, with its user, person and counter, in one query."""
    statement = (
        select(LoginSession)
        .where(LoginSession.token_hash == hash_token(token))
        .options(joinedload(LoginSession.user).joinedload(User.staff), joinedload(LoginSession.counter))
    )
    login = session.scalars(statement).one_or_none()
    return FoundSession(SessionState.NONE) if login is None else FoundSession(_state(login, limits, at), login)


def _state(login: LoginSession, limits: Limits, at: datetime) -> SessionState:
    if login.ended_at is not None:
        return SessionState.ENDED
    if at >= login.expires_at:
        return SessionState.EXPIRED
    if not login.user.is_active or login.access_epoch != login.user.access_epoch:
        return SessionState.RIGHTS_CHANGED
    if login.locked_at is not None or at - login.seen_at >= limits.idle:
        return SessionState.LOCKED
    return SessionState.OPEN


def needs_renewal(login: LoginSession, *, at: datetime) -> bool:
    """Return whether enough time has passed to write down that the sign-in is in use."""
    return at - login.seen_at >= RENEWED_AFTER


def renew_session(session: Session, login_id: int, *, at: datetime) -> None:
    """Write down that a sign-in is in use, unless it was locked or ended meanwhile."""
    still_open = (LoginSession.id == login_id, LoginSession.ended_at.is_(None), LoginSession.locked_at.is_(None))
    session.execute(
        update(LoginSession).where(*still_open, LoginSession.seen_at < at).values(seen_at=at),
        execution_options={"synchronize_session": False},
    )


def lock_session(session: Session, login: LoginSession, *, at: datetime) -> None:
    """Lock the screen: everything stays as it is, and the password is asked for first."""
    login.locked_at = login.locked_at or at
    session.flush()


def unlock_session(session: Session, login: LoginSession, *, at: datetime) -> str:
    """Open a locked sign-in again and return its new token; the old one is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    login.token_hash, login.locked_at, login.seen_at = hash_token(token), None, at
    session.flush()
    return token


def end_session(session: Session, login: LoginSession, *, reason: str, at: datetime) -> None:
    """End a sign-in now; one that has ended stays as it was."""
    if login.ended_at is None:
        login.ended_at, login.end_reason = at, reason
    session.flush()


def list_open_sessions(session: Session, user: User, *, limits: Limits, at: datetime) -> Sequence[LoginSession]:
    """Return the user's sign-ins that are open or locked, the latest used first."""
    statement = (
        select(LoginSession)
        .where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None), LoginSession.expires_at > at)
        .options(joinedload(LoginSession.counter), joinedload(LoginSession.user))
        .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
    )
    living = (SessionState.OPEN, SessionState.LOCKED)
    return [login for login in session.scalars(statement) if _state(login, limits, at) in living]
