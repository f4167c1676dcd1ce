"""Users: made, given a one-time password, choosing their own password and PIN."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User, normalise_user_name
from models.base import _
from models.organisation import Department
from models.staff import Staff
from services import access_rules
from services.audit import record_act
from services.errors import UserError
from services.passwords import check_password, check_pin, make_one_time_password, password_hashing, pin_hashing
from services.roles import ADMIN
from services.session import require, unscoped

ONE_TIME_PASSWORD_LASTS = timedelta(hours=24)


class UserNameTakenError(UserError):
    """Names are compared without case."""

    message = _("There is already a user %(name)s. Choose another name, or reset that user's password.")
    status = 409


class RoleUnknownError(UserError):
    """A code that no role has."""

    message = _("There is no role %(role)s. Known roles: %(known)s.")


class UserUnknownError(UserError):
    """A name that no user has."""

    message = _("There is no user %(name)s.")


class UserNotActiveError(UserError):
    """A password would open nothing."""

    message = _("%(name)s is not active. Activate the user first.")
    status = 409


class PasswordUnchangedError(UserError):
    """The new password is the old one."""

    message = _("Choose a password that differs from your present one.")


class NoStaffMemberError(UserError):
    """A PIN belongs to a badge, and a badge to a member of staff."""

    message = _("You have no badge, so you need no PIN. An administrator can link you with a staff member.")
    status = 409


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password to be handed over once; it is stored nowhere in clear."""

    user: User
    password: str
    expires_at: datetime


def create_user(
    session: Session,
    *,
    user_name: str,
    roles: Iterable[str],
    at: datetime,
    display_name: str = "",
    staff: Staff | None = None,
    department: Department | None = None,
) -> OneTimePassword:
    """Make a user with ``roles`` (codes) and a one-time password.

    Raises: UserNameTakenError, UserNameNotValidError, RoleUnknownError, RoleNotHeldError.
    """
    require(session, "user_account", "create")
    name = normalise_user_name(user_name)
    with unscoped(session, "is the name free"):
        if session.scalar(select(User.id).where(User.user_name == name)) is not None:
            raise UserNameTakenError(name=name)
    user = User(
        user_name=name,
        display_name=display_name or (staff.full_name if staff is not None else name),
        staff=staff,
        department=department,
        roles=_read_roles(session, roles),
    )
    session.add(user)
    session.flush()  # the rules of access speak up here
    return give_password(session, user, at)


def reset_password(session: Session, *, user: User, at: datetime) -> OneTimePassword:
    """Give ``user`` a one-time password instead of the present one; its sessions end.

    Raises: DeniedError without the right; AccountAboveYouError where the user holds roles the actor lacks.
    """
    require(session, "user_account", "reset_password", user)
    if not user.is_active:
        raise UserNotActiveError(name=user.display_name)
    return give_password(session, user, at)


def change_password(session: Session, *, user: User, present: str, new: str, at: datetime) -> None:
    """Replace the user's password by one they chose; all their sessions end, the caller starts a new one.

    ``present`` was compared before, outside this transaction (``services.sign_in``), and must differ.
    Raises: PasswordUnchangedError and what ``check_password`` raises.
    """
    if present == new:
        raise PasswordUnchangedError
    check_password(new, user_name=user.user_name, display_name=user.display_name)
    user.password_hash = password_hashing().hash(new)
    user.must_change_password = False
    user.password_changed_at, user.password_expires_at = at, None
    session.flush()  # the epoch rises here, and the next session must be of the new one


def change_pin(session: Session, *, user: User, pin: str) -> None:
    """Set the PIN with which the user takes over a counter.

    Raises: NoStaffMemberError, PinNotValidError, PinTooEasyError.
    """
    if user.staff is None:
        raise NoStaffMemberError
    set_pin(session, staff=user.staff, pin=pin)


def set_pin(session: Session, *, staff: Staff, pin: str) -> None:
    """Set the PIN of ``staff``.

    Raises: PinNotValidError, PinTooEasyError.
    """
    check_pin(pin, badge_number=staff.badge_number)
    staff.pin_hash = pin_hashing().hash(pin)
    session.flush()


def clear_pin(session: Session, *, staff: Staff) -> None:
    """Take away a PIN that others may know; the person sets a new one after signing in with the password."""
    require(session, "staff", "clear_pin", staff)
    staff.pin_hash = None
    record_act(session, "staff", staff.id, "clear_pin")
    session.flush()


def get_user_by_name(session: Session, user_name: str) -> User:
    """Return the user of that name, whatever its case.

    Raises: UserUnknownError.
    """
    name = normalise_user_name(user_name)
    user = session.scalars(select(User).where(User.user_name == name)).one_or_none()
    if user is None:
        raise UserUnknownError(name=name)
    return user


def has_administrator(session: Session) -> bool:
    """Return whether anybody can let others in; an empty installation says how to make the first one."""
    found = select(User.id).join(User.roles).where(Role.code == ADMIN, User.is_active).limit(1)
    return session.scalar(found) is not None


def _read_roles(session: Session, codes: Iterable[str]) -> list[Role]:
    known: Sequence[Role] = session.scalars(select(Role).order_by(Role.code)).all()
    by_code = {role.code: role for role in known}
    for code in codes:
        if code not in by_code:
            raise RoleUnknownError(role=code, known=", ".join(by_code))
    return [by_code[code] for code in dict.fromkeys(codes)]


def give_password(session: Session, user: User, at: datetime) -> OneTimePassword:
    """Give ``user`` a one-time password; whether the actor may was asked before."""
    password = make_one_time_password()
    expires_at = at + ONE_TIME_PASSWORD_LASTS
    user.password_hash = password_hashing().hash(password)
    user.must_change_password = True
    user.password_changed_at, user.password_expires_at = at, expires_at
    record_act(session, "user_account", user.id, "one_time_password")
    session.flush()  # the rules of access speak up here
    return OneTimePassword(user, password, expires_at)


__all__ = [
    "OneTimePassword",
    "access_rules",
    "change_password",
    "change_pin",
    "clear_pin",
    "create_user",
    "get_user_by_name",
    "give_password",
    "has_administrator",
    "reset_password",
    "set_pin",
]
