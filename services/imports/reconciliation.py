"""Closing an import: what came in and what is there now, by year and department, so that sums can be compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import Base
from models.batch import Batch, BatchRow, RowOutcome
from models.describe import Attribute, attributes
from models.organisation import Department
from services.localtime import LOCAL_ZONE, local_date
from services.session import actor_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One year of one department: rows of the file by what became of them, and rows there are now."""

    year: int | None
    department: str
    created: int
    updated: int
    unchanged: int
    present: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciliation:
    """``by_date`` and ``by_department`` are what is counted by; refused rows belong to no year, having come to none."""

    by_date: Attribute
    by_department: Attribute
    lines: Sequence[Line]
    refused: int


def reconcile(session: Session, model: type[Base], batch: Batch) -> Reconciliation | None:
    """Return the reconciliation of an import; None for an entity without a date or a department.

    Only rows that the session's actor may see are counted.
    """
    dated, placed = _axes(session, model)
    if dated is None or placed is None or placed.column is None:
        return None
    mapped: Any = model
    day = getattr(mapped, dated.key)
    place = getattr(mapped, model.__mapper__.get_property_by_column(placed.column).key)
    counted: Counter[tuple[int | None, int | None, RowOutcome]] = Counter()
    statement = (
        select(day, place, BatchRow.outcome)
        .join(BatchRow, BatchRow.entity_id == mapped.id)
        .where(BatchRow.batch_id == batch.id, BatchRow.entity == model.__tablename__)
    )
    for at, department_id, outcome in session.execute(statement.execution_options(yield_per=1000)):
        counted[_year(at), department_id, outcome] += 1
    present = _present(session, day, place, {year for year, _place, _outcome in counted})
    names = _names(session, {place for _year, place, _outcome in counted})
    groups = sorted({(year, key) for year, key, _outcome in counted}, key=lambda g: (g[0] or 0, names.get(g[1], "")))
    lines = [
        Line(
            year=year,
            department=names.get(key, ""),
            created=counted[year, key, RowOutcome.CREATED],
            updated=counted[year, key, RowOutcome.UPDATED],
            unchanged=counted[year, key, RowOutcome.UNCHANGED],
            present=present.get((year, key), 0),
        )
        for year, key in groups
    ]
    return Reconciliation(by_date=dated, by_department=placed, lines=lines, refused=batch.refused_count)


def _axes(session: Session, model: type[Base]) -> tuple[Attribute | None, Attribute | None]:
    """Return the attributes to count by, as far as the actor may read them: the first date, and the department."""
    permit = actor_of(session).permit(model.__tablename__, "read")
    level = permit.level if permit is not None else -1
    shown = [a for a in attributes(model).values() if a.field.level <= level and not a.field.secret]
    dated = next((a for a in shown if a.kind in ("date", "datetime") and a.key != "deleted_at"), None)
    placed = next((a for a in shown if a.kind == "one" and a.target is Department), None)
    return dated, placed


def _year(at: date | datetime | None) -> int | None:
    if at is None:
        return None
    return local_date(at).year if isinstance(at, datetime) else at.year


Group = tuple[int | None, int | None]


def _present(session: Session, day: Any, place: Any, years: set[int | None]) -> dict[Group, int]:
    """Return how many rows there are now in each of ``years`` per department."""
    found: dict[Group, int] = {}
    for year in years:
        if year is None:
            condition = day.is_(None)
        else:
            begin, end = _begin(day, year), _begin(day, year + 1)
            condition = (day >= begin) & (day < end)
        for key, count in session.execute(select(place, func.count()).where(condition).group_by(place)):
            found[year, key] = count
    return found


def _begin(day: Any, year: int) -> date | datetime:
    first = date(year, 1, 1)
    return datetime.combine(first, time(), LOCAL_ZONE) if day.type.python_type is datetime else first


def _names(session: Session, keys: set[int | None]) -> dict[int | None, str]:
    found = session.scalars(select(Department).where(Department.id.in_([key for key in keys if key is not None])))
    return {row.id: row.name for row in found}
