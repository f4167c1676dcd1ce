"""Figures frozen for good: what a period was when it was signed, and what has changed in it since.

A freeze is a row that is never changed; a corrected one is the next version with its reason. What changed since is the
same report at the same as-of, as known today. Source: docs/adr/0024.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from models.base import _
from models.frozen_figures import FrozenFigures
from models.report_period import ReportPeriod
from services.audit import record_act
from services.dossier_moves import ReasonMissingError
from services.errors import ConflictError, UserError
from services.form_06a import DIMENSIONS, Form06a, summarise_form_06a
from services.localtime import local_date
from services.service_figures import HallWaiting, ServiceReport
from services.session import actor_of, require, unscoped
from services.settlement import SettlementReport, make_cut, summarise_settlement
from services.settlement_query import Cut
from services.settlement_slices import Dimension
from services.step_times import StepTimes, summarise_step_times

SETTLEMENT, FORM, SERVICE = "settlement", "form_06a", "service"
DEPARTMENT = Dimension.DEPARTMENT


class PeriodNotOverError(UserError):
    """Figures of a period that still runs would not be those of the period."""

    message = _("%(period)s ends on %(until)s. Its figures can be frozen from the day after.")


class FrozenMeanwhileError(ConflictError):
    """Somebody froze the period since the page was opened."""

    message = _("These figures have been frozen meanwhile, as version %(version)s. Look at them before you go on.")


class PeriodFrozenError(ConflictError):
    """The days of a period cannot change once its figures are frozen."""

    message = _("The figures of %(period)s are frozen, so its days stay. Add another period instead.")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one slice, frozen and as known today; ``key`` is empty for the total."""

    key: str
    name: str
    figure: str
    frozen: int
    today: int


def get_versions(session: Session, period: ReportPeriod) -> Sequence[FrozenFigures]:
    """Return what was frozen of ``period``, newest first."""
    return session.scalars(
        select(FrozenFigures).where(FrozenFigures.period_id == period.id).order_by(FrozenFigures.version.desc())
    ).all()


def freeze_period(
    session: Session, period: ReportPeriod, *, last_version: int, reason: str | None, at: datetime
) -> FrozenFigures:
    """Store the figures of ``period`` as known at ``at``; ``last_version`` is the newest one seen, 0 for none.

    Raises: DeniedError, PeriodNotOverError, FrozenMeanwhileError, ReasonMissingError for a correction without one.
    """
    require(session, "report_period", "freeze", period)
    session.refresh(period, with_for_update={"of": ReportPeriod})  # one freezes at a time
    if period.until_date >= local_date(at):
        raise PeriodNotOverError(period=period.name, until=f"{period.until_date:%d/%m/%Y}")
    version = session.scalar(select(func.max(FrozenFigures.version)).where(FrozenFigures.period_id == period.id)) or 0
    if version != last_version:
        raise FrozenMeanwhileError(version=version)
    reason = (reason or "").strip() or None
    if version and reason is None:
        raise ReasonMissingError
    cut = make_cut(since=period.from_date, until=period.until_date, now=at)
    frozen = FrozenFigures(
        period=period,
        version=version + 1,
        since_date=period.from_date,
        until_date=period.until_date,
        as_of=cut.as_of,
        known_at=cut.known_at,
        frozen_at=at,
        frozen_by_id=actor_of(session).user_id,
        reason=reason,
        figures=count_figures(session, cut),
    )
    session.add(frozen)
    session.flush()  # its key goes into the audit trail
    record_act(session, "frozen_figures", frozen.id, "freeze", reason or "", period=period.name, version=frozen.version)
    return frozen


def count_figures(session: Session, cut: Cut) -> dict[str, Any]:
    """Return every figure of ``cut`` over the whole centre, as it is frozen."""
    with unscoped(session, "figures of the whole centre, to be frozen"):
        report = summarise_settlement(session, cut, by=DEPARTMENT, with_service=True)
        forms = {by.value: _form(summarise_form_06a(session, cut, by=by)) for by in DIMENSIONS}
        steps = summarise_step_times(session, cut)
    service = report.service or ServiceReport()
    return {
        SETTLEMENT: {DEPARTMENT.value: _settlement(report)},
        FORM: forms,
        SERVICE: {DEPARTMENT.value: _table(service.total, service.rows.values())},
        "waiting": _waiting(service.waiting),
        "steps": _steps(steps),
    }


def cut_of(frozen: FrozenFigures, *, at: datetime, is_frozen: bool) -> Cut:
    """Return what was looked at when the figures were frozen, or the same as known ``at`` a later instant."""
    return make_cut(
        since=frozen.since_date,
        until=frozen.until_date,
        now=at,
        as_of=frozen.as_of,
        known_at=frozen.known_at if is_frozen else None,
    )


def list_differences(
    session: Session, frozen: FrozenFigures, *, part: str, by: Dimension, at: datetime
) -> list[Difference]:
    """Return what is no longer as it was frozen, in the total and in every slice, as known at ``at``.

    ``part`` is ``SETTLEMENT`` or ``FORM``.
    """
    cut = cut_of(frozen, at=at, is_frozen=False)
    with unscoped(session, "frozen figures of the whole centre, beside today's"):
        if part == FORM:
            today = _form(summarise_form_06a(session, cut, by=by))
        else:
            today = _settlement(summarise_settlement(session, cut, by=by))
    before = frozen.figures[part][by.value]
    found = _differences("", "", before["total"], today["total"])
    was = {row["key"]: row for row in before["rows"]}
    now = {row["key"]: row for row in today["rows"]}
    for key in dict.fromkeys((*was, *now)):
        name = (now.get(key) or was[key])["name"]
        found += _differences(key, name, was.get(key, {}).get("values", {}), now.get(key, {}).get("values", {}))
    return found


def _differences(key: str, name: str, frozen: Mapping[str, int], today: Mapping[str, int]) -> list[Difference]:
    figures = dict.fromkeys((*frozen, *today))
    pairs = [(figure, frozen.get(figure, 0), today.get(figure, 0)) for figure in figures]
    return [Difference(key, name, figure, before, now) for figure, before, now in pairs if before != now]


def _settlement(report: SettlementReport) -> dict[str, Any]:
    rows = [
        {"key": row.key, "code": row.code, "name": row.name, "values": asdict(row.counts)} for row in report.rows
    ]  # fmt: skip
    return {"total": asdict(report.total), "rows": rows}


def _form(form: Form06a) -> dict[str, Any]:
    return _table(form.total, form.rows)


def _table(total: Mapping[str, int], rows: Any) -> dict[str, Any]:
    told = [{"key": row.key, "code": row.code, "name": row.name, "values": dict(row.values)} for row in rows]
    return {"total": dict(total), "rows": told}


def _waiting(waiting: HallWaiting | None) -> dict[str, Any]:
    if waiting is None or waiting.median is None or waiting.most is None:
        return {"called": 0}
    return {
        "called": waiting.called,
        "not_called": waiting.not_called,
        "median_seconds": round(waiting.median.total_seconds()),
        "most_seconds": round(waiting.most.total_seconds()),
    }


def _steps(steps: StepTimes) -> list[dict[str, Any]]:
    return [
        {
            "department": row.department,
            "step": row.step,
            "is_worked": row.is_worked,
            "dossiers": row.dossiers,
            "legs": row.legs,
            "used_seconds": round(row.used / 1_000_000),
            "waited_seconds": round(row.waited.total_seconds()),
        }
        for row in steps.rows
    ]


@event.listens_for(Session, "before_flush")
def _keep_days(session: Session, context: UOWTransaction, instances: Any) -> None:
    """Refuse other days for a period whose figures are frozen, by any road."""
    for row in session.dirty:
        if not isinstance(row, ReportPeriod):
            continue
        attributes = inspect(row).attrs
        if attributes.from_date.history.has_changes() or attributes.until_date.history.has_changes():
            with session.no_autoflush, unscoped(session, "whether a period is frozen"):
                if session.scalar(select(FrozenFigures.id).where(FrozenFigures.period_id == row.id).limit(1)):
                    raise PeriodFrozenError(period=row.name)
