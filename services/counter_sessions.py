"""Who serves at which counter: opened at sign-in, taken over by badge and PIN, closed at the end."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.access import User
from models.base import _
from models.organisation import Counter
from models.staff import CounterSession, Staff
from services.errors import UserError
from services.guessing import find_badge_retry_time, guess_at_badge, record_guess
from services.passwords import pin_hashing
from services.session import unscoped


class StaffNotActiveError(UserError):
    """People who have left serve nobody."""

    message = _("%(name)s no longer works here and cannot open a counter.")
    status = 409


class CounterNotInUseError(UserError):
    """A counter that was closed for good."""

    message = _("Counter %(counter)s is not in use. Choose another one.")
    status = 409


class TakeOverRefusedError(UserError):
    """One answer for an unknown badge, a wrong or missing PIN, and a person without a sign-in."""

    message = _("Badge number or PIN is wrong. Whoever has no PIN yet signs in with the password and sets one.")


class TakeOverBrakedError(UserError):
    """Too many wrong PINs for this badge."""

    message = _("Too many wrong PINs for this badge. Try again at %(time)s, or sign in with the password.")
    status = 429


@dataclass(frozen=True, slots=True)
class TakeOver:
    """How it ended: the session and its user, or when to try again, or neither (refused)."""

    counter_session: CounterSession | None = None
    user: User | None = None
    retry_at: datetime | None = None


def find_open_counter_session(session: Session, counter_id: int) -> CounterSession | None:
    """Return who serves at the counter now, with the person, or None."""
    return session.scalars(
        select(CounterSession)
        .where(CounterSession.counter_id == counter_id, CounterSession.ended_at.is_(None))
        .options(joinedload(CounterSession.staff))
    ).one_or_none()


def open_counter_session(session: Session, *, counter: Counter, staff: Staff, at: datetime) -> CounterSession:
    """Have ``staff`` serve at ``counter`` from ``at`` on; the predecessor there and the person's other counter end.

    Somebody who already serves there simply goes on.
    Raises: StaffNotActiveError, CounterNotInUseError.
    """
    if not staff.is_active:
        raise StaffNotActiveError(name=staff.full_name)
    if not counter.is_active:
        raise CounterNotInUseError(counter=counter.number)
    concerned = select(CounterSession).where(
        CounterSession.ended_at.is_(None),
        (CounterSession.counter_id == counter.id) | (CounterSession.staff_id == staff.id),
    )
    for other in session.scalars(concerned.with_for_update()).all():
        if other.counter_id == counter.id and other.staff_id == staff.id:
            return other
        other.ended_at = max(at, other.started_at)
    session.flush()  # the partial unique indexes allow one open session per counter and person at any moment
    opened = CounterSession(counter=counter, staff=staff, started_at=at, recorded_at=at)
    session.add(opened)
    session.flush()  # a second opener of the same instant meets the unique index here
    return opened


def close_counter_session(session: Session, *, counter_session: CounterSession, at: datetime) -> None:
    """End the serving; a session that has ended stays as it was."""
    if counter_session.ended_at is None:
        counter_session.ended_at = max(at, counter_session.started_at)
    session.flush()  # the counter is free for the next person in this transaction


def take_over_counter(
    session: Session, *, counter: Counter, badge: str, pin: str, at: datetime, address: str = ""
) -> TakeOver:
    """Have whoever shows ``badge`` (typed or scanned) and knows its PIN serve at ``counter`` from ``at`` on.

    The edge commits also a refusal: it is what the brake counts. An unknown badge takes as long as a wrong PIN.
    Raises: CounterNotInUseError.
    """
    guess = guess_at_badge(badge, address)
    with unscoped(session, "take over a counter"):
        staff = session.scalars(
            select(Staff).where(Staff.badge_number == badge.strip()).with_for_update()
        ).one_or_none()
        retry_at = find_badge_retry_time(session, guess, at=at)
        if retry_at is not None:
            return TakeOver(retry_at=retry_at)
        verdict = pin_hashing().verify(staff.pin_hash if staff is not None else None, pin)
        user = _find_user(session, staff) if staff is not None else None
        is_right = verdict.is_right and user is not None
        record_guess(session, guess, succeeded=is_right, at=at)
        if staff is None or user is None or not is_right:
            return TakeOver()
        if verdict.new_hash is not None:
            staff.pin_hash = verdict.new_hash
        return TakeOver(open_counter_session(session, counter=counter, staff=staff, at=at), user)


def _find_user(session: Session, staff: Staff) -> User | None:
    """Return the sign-in of an active person that needs no new password first."""
    found = select(User).where(User.staff_id == staff.id, User.is_active, User.must_change_password.is_(False))
    return session.scalars(found).one_or_none() if staff.is_active else None
