"""Passwords and PINs: argon2id, what a good one is, and one-time ones.

Hashing is slow and takes memory on purpose, so at most a few run at once and the rest wait their turn.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from models.base import _
from models.text import fold
from services.errors import UserError

MIN_LENGTH = 12
MAX_LENGTH = 256
_ESTIMATED_LENGTH = 72  # what the estimator reads; longer is stronger anyway
_GOOD_SCORE = 3  # of 4: at least 10**8 guesses for somebody who knows the person and the office
_AT_ONCE = 2
_WAITING = 2  # few, or somebody who only sends passwords would hold every thread of the server
_WAIT_SECONDS = 4.0
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LOCAL_WORDS = (
    "motcua", "matkhau", "hanhchinhcong", "hanhchinh", "trungtam", "canbo", "vietnam", "hanoi", "saigon", "danang",
    "dongnai", "bienhoa", "anhyeuem", "emyeuanh", "yeuemnhieu", "khongbiet", "khongco", "congan", "nguyen", "xinchao",
)  # fmt: skip


class PasswordTooShortError(UserError):
    """Length is the one thing asked of everybody."""

    message = _("Use at least %(length)s characters. A few words one after the other are easy to remember.")


class PasswordTooLongError(UserError):
    """A bound that only keeps hashing from being abused."""

    message = _("Use at most %(length)s characters.")


class PasswordTooCommonError(UserError):
    """Among the leaked and obvious ones, or made of them by small changes."""

    message = _("This password is among the first that others would try. Put together words that only you connect.")


class PasswordHoldsNameError(UserError):
    """The user name is public."""

    message = _("Leave your user name out of the password.")


class PinNotValidError(UserError):
    """A PIN that cannot be typed at a counter."""

    message = _("A PIN has 4 to 6 digits.")


class PinTooEasyError(UserError):
    """All the same, counting up or down, or printed on the badge."""

    message = _("This PIN is too easy to guess. Take digits that do not count up or down and are not on your badge.")


class TooBusyError(Exception):
    """Too many people sign in at this moment; answered 503 with Retry-After."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comparing a password with a hash said; ``new_hash`` is set where the parameters have changed."""

    is_right: bool
    new_hash: str | None = None


@dataclass(frozen=True)
class Hashing:
    """argon2id with its cost; the defaults are RFC 9106's second choice (64 MiB, about 0.1 s)."""

    time_cost: int = 3
    memory_kib: int = 65536
    parallelism: int = 4

    @cached_property
    def hasher(self) -> PasswordHasher:
        return PasswordHasher(
            time_cost=self.time_cost, memory_cost=self.memory_kib, parallelism=self.parallelism, hash_len=32
        )

    @cached_property
    def decoy(self) -> str:
        """A hash nobody has the password of, so that an unknown name takes as long as a known one."""
        return self.hasher.hash(secrets.token_urlsafe(24))

    def hash(self, password: str) -> str:
        """Return the argon2id hash of ``password``, with its salt and parameters."""
        with _turn():
            return self.hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> Verdict:
        """Compare; without a hash the work is done all the same and the answer is no.

        Raises: TooBusyError if the turn does not come within seconds, or too many wait already.
        """
        decoy = self.decoy  # made in any case, or the first unknown name would take twice as long
        with _turn():
            try:
                self.hasher.verify(password_hash or decoy, password)
            except (VerificationError, InvalidHashError):
                return Verdict(is_right=False)
            if not password_hash:
                return Verdict(is_right=False)
            stale = self.hasher.check_needs_rehash(password_hash)
            return Verdict(is_right=True, new_hash=self.hasher.hash(password) if stale else None)


PASSWORDS = Hashing()
PINS = Hashing(time_cost=2, memory_kib=19456, parallelism=1)  # a PIN is kept by its brake; this must be quick
_settings: dict[str, Hashing] = {"passwords": PASSWORDS, "pins": PINS}
_slots = threading.BoundedSemaphore(_AT_ONCE)
_places = threading.BoundedSemaphore(_AT_ONCE + _WAITING)


def configure_hashing(*, passwords: Hashing, pins: Hashing) -> None:
    """Set the cost for this process; hashes of another cost are renewed when their owner signs in."""
    _settings.update(passwords=passwords, pins=pins)


def password_hashing() -> Hashing:
    """Return the hashing in force for passwords."""
    return _settings["passwords"]


def pin_hashing() -> Hashing:
    """Return the hashing in force for PINs."""
    return _settings["pins"]


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooBusyError
    try:
        if not _slots.acquire(timeout=_WAIT_SECONDS):
            raise TooBusyError
        try:
            yield
        finally:
            _slots.release()
    finally:
        _places.release()


def check_password(password: str, *, user_name: str, display_name: str = "") -> None:
    """Raise the UserError that says why ``password`` is no good; any characters and spaces are welcome.

    Source: NIST SP 800-63B section 3.1.1; OWASP ASVS 5.0 6.2. Instead of a bare list, an estimator that holds
    the 30,000 most leaked passwords and names also sees through added digits, doubled and swapped letters.
    """
    if len(password) < MIN_LENGTH:
        raise PasswordTooShortError(length=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise PasswordTooLongError(length=MAX_LENGTH)
    plain_name = fold(user_name)
    if len(plain_name) >= 3 and plain_name in fold(password):
        raise PasswordHoldsNameError
    known = [*_LOCAL_WORDS, user_name, *plain_name.split("."), *fold(display_name).split()]
    known.append("".join(fold(display_name).split()))
    if estimate_strength(password, [word for word in known if len(word) > 2]) < _GOOD_SCORE:
        raise PasswordTooCommonError


def estimate_strength(password: str, known_words: list[str]) -> int:
    """Return 0 (guessed at once) to 4; Vietnamese accents do not hide a common word."""
    typed, plain = password[:_ESTIMATED_LENGTH], fold(password)[:_ESTIMATED_LENGTH]
    joined = plain.replace(" ", "")
    return min(_score(text, known_words) for text in (typed, plain, joined) if text)


def _score(text: str, known_words: list[str]) -> int:
    return int(zxcvbn(text, user_inputs=known_words)["score"])


def check_pin(pin: str, *, badge_number: str) -> None:
    """Raise PinNotValidError or PinTooEasyError where ``pin`` cannot be used at a counter."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 6):
        raise PinNotValidError
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {9}) or pin in badge_number or pin == pin[:2] * (len(pin) // 2):
        raise PinTooEasyError


def make_one_time_password() -> str:
    """Return a random password of 79 bits that can be read out on the telephone: ``4k7m-...`` in four groups."""
    letters = [secrets.choice(_ONE_TIME_ALPHABET) for _index in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))
