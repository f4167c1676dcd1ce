"""The demonstration centre: an invented province's hall with three months of life in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.organisation import Department
from services.demo.centre import Badge, Builder, Centre, Login
from services.demo.days import DAYS_LIVED, Days
from services.errors import ConflictError

SEED = 20170515
DEFAULT_DOSSIERS = 240


class CentreNotEmptyError(ConflictError):
    """There is a centre already."""

    message = _("This database already holds a centre. The demonstration is only put into an empty one.")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far seeding has come, in dossiers."""

    made: int
    wanted: int


def is_empty(session: Session) -> bool:
    """Return whether nobody has entered an organisation yet."""
    return session.scalar(select(Department.id).limit(1)) is None


def build_centre(session: Session, *, at: datetime, translate: Callable[[str], str] = str, seed: int = SEED) -> Centre:
    """Make organisation, people, procedures and logins; the caller commits. The same ``seed``, the same centre.

    Passwords and PINs are random each time. Raises: CentreNotEmptyError.
    """
    if not is_empty(session):
        raise CentreNotEmptyError
    opened_at = at - timedelta(days=DAYS_LIVED + 30)
    return Builder(session, Random(seed), opened_at, translate).build()  # noqa: S311 -- a demonstration, repeatable


def live_through(
    session: Session, centre: Centre, *, at: datetime, dossiers: int = DEFAULT_DOSSIERS, seed: int = SEED
) -> Iterator[Progress]:
    """Let the three months before ``at`` pass, with so many dossiers; yields after each day, to be committed."""
    days = Days(session, centre, rng=Random(seed + 1), at=at, dossiers=dossiers)  # noqa: S311
    for made in days.run():
        yield Progress(made, dossiers)


def describe_logins(centre: Centre, *, base_url: str) -> str:
    """Return the sheet of logins, for whoever tries the demonstration."""
    lines = [
        f"Trung tâm mẫu / Demonstration centre: {base_url}",
        "",
        f"{'Tên / User':<14}{'Mật khẩu / Password':<24}Vai trò",
    ]
    lines += [_login_line(login) for login in centre.logins]
    lines += ["", "Số thẻ và mã PIN tại quầy / Badge numbers and PINs at the counters:"]
    lines += [_badge_line(badge) for badge in centre.badges]
    lines += ["", f"Máy tính bảng / Tablet: {base_url}/tablet/ (mã ghép nối: đăng nhập quantri, mục Máy tính bảng)", ""]
    return "\n".join(lines)


def _login_line(login: Login) -> str:
    return f"{login.user_name:<14}{login.password:<24}{login.role}. {login.purpose}"


def _badge_line(badge: Badge) -> str:
    return f"  {badge.counter:<18}{badge.badge_number:<8}PIN {badge.pin:<8}{badge.full_name}"
