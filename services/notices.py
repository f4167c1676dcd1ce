"""Telling people: one notification per person and reason, told once; and who those people are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.access import Role, User, UserRole
from models.base import _
from models.dossier import Dossier
from models.notice import Notification, NotificationKind
from models.staff import Staff
from services.dossier_access import departments_above
from services.session import actor_of, audit_value, unscoped

COUNT_CAP = 99


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What is to be told about a row; ``message`` is a message id, ``key`` the same for the same news."""

    kind: NotificationKind
    entity: str
    row_id: int
    message: str
    key: str
    values: Mapping[str, Any]


def tell(session: Session, user_ids: Iterable[int], news: News, *, at: datetime) -> int:
    """Tell each of these people once, whoever acts himself excepted; return how many were told."""
    wanted = sorted(set(user_ids) - {actor_of(session).user_id})
    if not wanted:
        return 0
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {name: audit_value(value) for name, value in news.values.items()}
    rows = [
        {
            "user_id": user_id,
            "key": news.key[:120],
            "kind": news.kind,
            "entity": news.entity,
            "row_id": news.row_id,
            "message": news.message,
            "message_values": values,
            "at": at,
        }
        for user_id in wanted
    ]
    inserted = dialect.insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.id)
    return len(session.scalars(inserted).all())


def tell_of_work(session: Session, dossier: Dossier, staff_id: int | None, *, at: datetime) -> None:
    """Tell somebody that a dossier is theirs now; who takes it themselves knows, and training tells nobody."""
    if staff_id is None or staff_id == actor_of(session).staff_id or dossier.is_training:
        return
    news = News(
        kind=NotificationKind.WORK,
        entity="dossier",
        row_id=dossier.id,
        message=_("%(code)s is given to you."),
        key=f"work:{dossier.id}:{dossier.event_count}",
        values={"code": dossier.code},
    )
    tell(session, users_of_staff(session, {staff_id}), news, at=at)


def users_of_staff(session: Session, staff_ids: Iterable[int | None]) -> list[int]:
    """Return the logins of members of staff who can sign in."""
    wanted = {staff_id for staff_id in staff_ids if staff_id is not None}
    with unscoped(session, "whom to tell"):
        return list(session.scalars(select(User.id).where(User.staff_id.in_(wanted), User.is_active))) if wanted else []


def heads_of(session: Session, department_id: int) -> list[int]:
    """Return the logins that lead a department; of the nearest one above it that has any, where it has none."""
    for each in (department_id, *departments_above(session, department_id)):
        found = users_with_role(session, "DEPARTMENT_HEAD", department_id=each)
        if found:
            return found
    return []


def users_with_role(session: Session, role_code: str, *, department_id: int | None = None) -> list[int]:
    """Return the active logins that hold a role, in one department where one is given."""
    statement = (
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .join(Role, Role.id == UserRole.role_id)
        .where(Role.code == role_code, User.is_active)
        .order_by(User.id)
    )
    if department_id is not None:
        own = func.coalesce(User.department_id, Staff.department_id)
        statement = statement.outerjoin(Staff, Staff.id == User.staff_id).where(own == department_id)
    with unscoped(session, "whom to tell"):
        return list(session.scalars(statement))


def count_unread(session: Session, user_id: int) -> int:
    """Return how many notifications somebody has not read, counted no further than one beyond the cap."""
    found = (
        select(Notification.id)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .limit(COUNT_CAP + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(found)) or 0


def list_notifications(
    session: Session, user_id: int, *, before_id: int | None = None, size: int = 50
) -> list[Notification]:
    """Return somebody's notifications, the newest first."""
    statement = select(Notification).where(Notification.user_id == user_id).order_by(Notification.id.desc())
    if before_id is not None:
        statement = statement.where(Notification.id < before_id)
    return list(session.scalars(statement.limit(size)))


def list_since(session: Session, user_id: int, *, since: datetime, until: datetime) -> list[Notification]:
    """Return what somebody was told in ``[since, until)`` and has not read, in order: the day's digest."""
    return list(
        session.scalars(
            select(Notification)
            .where(
                Notification.user_id == user_id,
                Notification.at >= since,
                Notification.at < until,
                Notification.read_at.is_(None),
            )
            .order_by(Notification.at, Notification.id)
        )
    )


def mark_read(session: Session, user_id: int, *, at: datetime, notification_id: int | None = None) -> None:
    """Mark one of somebody's notifications as read, or all of them."""
    statement = update(Notification).where(
        Notification.user_id == user_id, Notification.read_at.is_(None), Notification.at <= at
    )
    if notification_id is not None:
        statement = statement.where(Notification.id == notification_id)
    session.execute(statement.values(read_at=at).execution_options(synchronize_session=False))
