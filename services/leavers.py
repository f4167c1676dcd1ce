"""People who leave: everything that lets them in ended in one act, their open work listed; and their return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import LoginSession, User
from models.base import _
from models.dossier import Dossier
from models.staff import CounterSession
from models.states import OPEN_STATES
from services.audit import record_act
from services.counter_sessions import close_counter_session
from services.delegations import end_delegations
from services.errors import UserError
from services.login_sessions import end_session
from services.session import actor_of, require, unscoped
from services.users import OneTimePassword, give_password

WORK_SHOWN = 50


class LeaverSelfError(UserError):
    """A slip of the finger that would shut the door from inside."""

    message = _("You cannot end your own access. Ask another administrator.")
    status = 409


class AccessNotEndedError(UserError):
    """Somebody whose access never ended, or has been given back by another administrator."""

    message = _("%(name)s still has access: there is nothing to give back.")
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenWork:
    """The open dossiers somebody is responsible for: how many, and the first by their due time."""

    count: int
    dossiers: Sequence[Dossier]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What ended with somebody's access, and what others have to take over."""

    user: User
    sessions: int
    counters: int
    delegations: int
    work: OpenWork


def end_access(session: Session, *, user: User, at: datetime) -> Ended:
    """End everything that lets ``user`` in: sign-ins, password, counter, delegations from and to; staff record too.

    Roles stay as they were, for the return. Doing it twice ends what is left.
    Raises: DeniedError; LeaverSelfError; what ``services.access_rules`` refuses, such as the last administrator.
    """
    require(session, "user_account", "end_access", user)
    if user.id == actor_of(session).user_id:
        raise LeaverSelfError
    work = list_open_work(session, user=user)
    user.is_active, user.password_hash = False, None
    if user.staff is not None:
        user.staff.is_active = False
    session.flush()  # the rules of access speak up here
    with unscoped(session, "sign-ins of a leaver"):
        logins = session.scalars(
            select(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
        ).all()
        for login in logins:
            end_session(session, login, reason="left", at=at)
        counters = session.scalars(
            select(CounterSession).where(CounterSession.staff_id == user.staff_id, CounterSession.ended_at.is_(None))
        ).all()
        for counter in counters:
            close_counter_session(session, counter_session=counter, at=at)
    lent = end_delegations(session, user=user, at=at)
    ended = Ended(user=user, work=work, sessions=len(logins), counters=len(counters), delegations=lent)
    record_act(
        session, "user_account", user.id, "end_access",
        sessions=ended.sessions, counters=ended.counters, delegations=lent, work=work.count,
    )  # fmt: skip
    session.flush()
    return ended


def list_open_work(session: Session, *, user: User) -> OpenWork:
    """Return the open dossiers that ``user`` is responsible for, the first due first."""
    if user.staff_id is None:
        return OpenWork(count=0, dossiers=())
    own = Dossier.responsible_id == user.staff_id
    conditions = (own, Dossier.state.in_(OPEN_STATES), Dossier.annulled_at.is_(None))
    with unscoped(session, "open work of a leaver"):
        count = session.scalar(select(func.count(Dossier.id)).where(*conditions)) or 0
        first = select(Dossier).where(*conditions).order_by(Dossier.due_sort_at, Dossier.id).limit(WORK_SHOWN)
        return OpenWork(count=count, dossiers=session.scalars(first).all())


def return_access(session: Session, *, user: User, at: datetime) -> OneTimePassword:
    """Let somebody whose access was ended in again, with the roles they had and a one-time password.

    Delegations and counters that ended stay ended.
    """
    require(session, "user_account", "end_access", user)
    if user.is_active:  # it would be a new password without the right to give one
        raise AccessNotEndedError(name=user.display_name)
    user.is_active = True
    if user.staff is not None:
        user.staff.is_active = True
    record_act(session, "user_account", user.id, "return_access")
    session.flush()  # the rules of access speak up here
    return give_password(session, user, at)
