"""The brake on guessing: how long whoever has guessed wrong must wait, without locking out an office.

Four counts, each with a growing delay: guesses at one name from one address (hard), at one name from
anywhere (soft), from one browser that has signed in with that name before, and from one address at names that
never signed in there. A browser that knows the name is only held up by its own mistakes, and a colleague behind
the same address who types the right password the first time is not held up at all.
Source: OWASP "Slow Down Online Guessing Attacks with Device Cookies"; docs/adr/0007-sign-in-and-rights.md.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.access import LoginAttempt, normalise_user_name

WINDOW = timedelta(hours=24)
ADDRESS_WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)
HOT_ADDRESS = 30  # wrong guesses from an address in ADDRESS_WINDOW that make it suspect


@dataclass(frozen=True, slots=True)
class Delay:
    """``free`` tries without waiting, then ``first`` doubling up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta

    def after(self, failures: int) -> timedelta:
        """Return how long to wait since the last of ``failures`` in a row."""
        if failures < self.free:
            return timedelta(0)
        return min(self.longest, self.first * 2 ** min(failures - self.free, 20))


PER_NAME_AND_ADDRESS = Delay(5, timedelta(seconds=30), timedelta(minutes=15))
PER_NAME_AT_HOT_ADDRESS = Delay(1, timedelta(minutes=1), timedelta(minutes=15))
PER_NAME = Delay(20, timedelta(seconds=30), timedelta(minutes=5))
PER_DEVICE = Delay(8, timedelta(seconds=30), timedelta(minutes=15))
PER_BADGE = Delay(4, timedelta(seconds=30), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Guess:
    """Who is tried from where: ``device`` is the hash of the mark that the browser showed, or ""."""

    name_hash: str
    address: str
    device: str = ""


def guess_at_user(user_name: str, address: str, device: str = "") -> Guess:
    """Return the guess at a password; the name is hashed, it may be a password in the wrong box."""
    return Guess(_digest(f"user:{normalise_user_name(user_name)}"), address[:60], _digest(device) if device else "")


def trust_device(session: Session, guess: Guess, *, at: datetime) -> Guess:
    """Return ``guess`` with its device only where the name has signed in there lately."""
    if not guess.device:
        return guess
    there = (LoginAttempt.name_hash == guess.name_hash, LoginAttempt.device == guess.device)
    recent = (LoginAttempt.at > at - KNOWN_FOR, LoginAttempt.succeeded)
    known = session.scalar(select(LoginAttempt.id).where(*there, *recent).limit(1)) is not None
    return guess if known else replace(guess, device="")


def guess_at_badge(badge: str, address: str) -> Guess:
    """Return the guess at a PIN."""
    return Guess(_digest(f"badge:{badge.strip()}"), address[:60])


def record_guess(session: Session, guess: Guess, *, succeeded: bool, at: datetime) -> None:
    """Write down how a try went. The edge must commit this also where the person is refused."""
    session.add(
        LoginAttempt(at=at, name_hash=guess.name_hash, address=guess.address, device=guess.device, succeeded=succeeded)
    )
    session.flush()  # the next question of the same transaction must count it


def find_retry_time(session: Session, guess: Guess, *, at: datetime) -> datetime | None:
    """Return when the next try at a user's password will be answered, None where it is now.

    ``guess.device`` is believed: pass what ``trust_device`` returned.
    """
    if guess.device:
        own = LoginAttempt.device == guess.device
        return _later(at, _wait_until(session, guess, own, PER_DEVICE, at))
    here = LoginAttempt.address == guess.address
    knows_address = _has_signed_in_from(session, guess, at)
    is_hot = not knows_address and _count_wrong_from(session, guess.address, at) >= HOT_ADDRESS
    hard = PER_NAME_AT_HOT_ADDRESS if is_hot else PER_NAME_AND_ADDRESS
    times = [_wait_until(session, guess, here, hard, at)]
    if not knows_address:
        times.append(_wait_until(session, guess, LoginAttempt.device == "", PER_NAME, at))
    return _later(at, *times)


def find_badge_retry_time(session: Session, guess: Guess, *, at: datetime) -> datetime | None:
    """Return when the next try at a PIN will be answered; it counts from whichever counter it is tried."""
    return _later(at, _wait_until(session, guess, LoginAttempt.device == "", PER_BADGE, at))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _later(at: datetime, *times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None and time > at), default=None)


def _wait_until(
    session: Session, guess: Guess, group: ColumnElement[bool], delay: Delay, at: datetime
) -> datetime | None:
    """Return until when the failures of ``group`` since its last success make a try wait."""
    mine = (LoginAttempt.name_hash == guess.name_hash, LoginAttempt.at > at - WINDOW, group)
    # By key, not by time: a success and a failure can share an instant, and clocks step back.
    last_success = select(func.max(LoginAttempt.id)).where(*mine, LoginAttempt.succeeded).scalar_subquery()
    failures, last = session.execute(
        select(func.count(LoginAttempt.id), func.max(LoginAttempt.at)).where(
            *mine, LoginAttempt.succeeded.is_(False), (LoginAttempt.id > last_success) | last_success.is_(None)
        )
    ).one()
    wait = delay.after(failures)
    return last + wait if wait else None


def _has_signed_in_from(session: Session, guess: Guess, at: datetime) -> bool:
    there = (LoginAttempt.name_hash == guess.name_hash, LoginAttempt.address == guess.address)
    recent = (LoginAttempt.at > at - KNOWN_FOR, LoginAttempt.succeeded)
    return session.scalar(select(LoginAttempt.id).where(*there, *recent).limit(1)) is not None


def _count_wrong_from(session: Session, address: str, at: datetime) -> int:
    recent = (LoginAttempt.address == address, LoginAttempt.at > at - ADDRESS_WINDOW)
    return session.scalar(select(func.count(LoginAttempt.id)).where(*recent, LoginAttempt.succeeded.is_(False))) or 0
