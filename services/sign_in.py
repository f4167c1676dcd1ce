"""Signing in with name and password, in three steps, because hashing must not hold a transaction open.

``prepare_sign_in`` (reading), ``verify`` (no database), ``complete_sign_in`` (writing). The brake is asked again
in the last step, so that many guesses at once learn no more than the brake allows.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.access import User, normalise_user_name
from models.base import _
from services.audit import record_act
from services.errors import UserError
from services.guessing import Guess, find_retry_time, guess_at_user, record_guess, trust_device
from services.passwords import Verdict, password_hashing
from services.session import acting, actor_of


class SignInRefusedError(UserError):
    """One answer for every reason, so that nobody learns which names exist."""

    message = _("The user name or the password is wrong. A one-time password works for 24 hours.")


class PasswordWrongError(UserError):
    """The password of somebody whose name is known anyway: to unlock, or before something is changed."""

    message = _("The password is wrong.")


class SignInBrakedError(UserError):
    """Too many wrong guesses; ``retry_at`` is when the next one is answered."""

    message = _("Too many wrong tries. Try again at %(time)s, or ask an administrator for a new password.")
    status = 429


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who wants in: what the slow comparison needs, and how long the brake holds."""

    guess: Guess
    user_id: int | None
    password_hash: str | None
    retry_at: datetime | None

    def verify(self, password: str) -> Verdict:
        """Compare with the stored hash, or for the same time with a decoy; needs no database."""
        return password_hashing().verify(self.password_hash, password)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How it ended: the user, or when to try again, or neither (refused)."""

    user: User | None = None
    retry_at: datetime | None = None


def prepare_sign_in(session: Session, *, user_name: str, address: str, device: str, at: datetime) -> Candidate:
    """Return what is needed to check a password; ``device`` is the browser's mark, "" without one.

    Where ``retry_at`` is set the password must not be looked at.
    """
    guess = trust_device(session, guess_at_user(user_name, address, device), at=at)
    found = session.execute(
        select(User.id, User.password_hash).where(User.user_name == normalise_user_name(user_name)[:60])
    ).one_or_none()
    return Candidate(
        guess=guess,
        user_id=found.id if found else None,
        password_hash=found.password_hash if found else None,
        retry_at=find_retry_time(session, guess, at=at),
    )


def complete_sign_in(session: Session, candidate: Candidate, verdict: Verdict, *, device: str, at: datetime) -> SignIn:
    """Record the try and return how it ended. The edge commits also a refusal: it is what the brake counts.

    ``device`` is the mark that the browser will keep from now on.
    """
    # The row is locked until the commit, so that tries at one name are counted one after the other.
    user = session.get(User, candidate.user_id, with_for_update=True) if candidate.user_id is not None else None
    retry_at = find_retry_time(session, candidate.guess, at=at)
    if retry_at is not None:
        return SignIn(retry_at=retry_at)
    is_right = verdict.is_right and user is not None and _may_sign_in(user, candidate, at)
    guess = candidate.guess
    if is_right:
        guess = guess_at_device(guess, device)
    record_guess(session, guess, succeeded=is_right, at=at)
    if user is None:
        return SignIn()
    _record(session, user, "sign_in" if is_right else "sign_in_refused")
    if not is_right:
        return SignIn()
    if verdict.new_hash is not None:  # not by attribute: the password is the same, sessions elsewhere go on
        session.execute(update(User).where(User.id == user.id).values(password_hash=verdict.new_hash))
    return SignIn(user=user)


def guess_at_device(guess: Guess, device: str) -> Guess:
    """Return ``guess`` as made from the browser that keeps ``device``."""
    return replace(guess, device=guess_at_user("", "", device).device)


def _may_sign_in(user: User, candidate: Candidate, at: datetime) -> bool:
    is_unchanged = user.password_hash == candidate.password_hash
    is_expired = user.password_expires_at is not None and user.password_expires_at <= at
    return user.is_active and is_unchanged and not is_expired


def _record(session: Session, user: User, action: str) -> None:
    with acting(session, replace(actor_of(session), user_id=user.id, staff_id=user.staff_id)):
        record_act(session, "user_account", user.id, action)
