"""The settlement report: what was received, carried over, finished and left open in a period, and how much on time.

Every figure is counted from events: ``as_of`` cuts when things happened, ``known_at`` when they were written down,
so that a month can be reproduced as it was reported then, or as it is known today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.procedure import Procedure
from services.errors import UserError
from services.localtime import LOCAL_ZONE, local_date
from services.service_figures import ServiceReport, service_to_json, summarise_service
from services.settlement_counting import count_all, count_slices
from services.settlement_figures import EVERY_FIGURE, FIGURES
from services.settlement_query import Cut, classified
from services.settlement_slices import Dimension, key_of

EMPTY = "–"
FIRST_DATE, LAST_DATE = date(1990, 1, 1), date(2199, 12, 31)


class PeriodEmptyError(UserError):
    """The period ends before it begins."""

    message = _("The period ends on %(until)s, before it begins on %(since)s. Choose a later end.")


class PeriodUnknownError(UserError):
    """Days of which no dossier can be."""

    message = _("Choose days from %(first)s to %(last)s.")


class PeriodAheadError(UserError):
    """Nothing of the period has happened yet."""

    message = _("The period begins on %(since)s, which has not come yet. Choose an earlier period.")


class AsOfOutsideError(UserError):
    """The instant asked for does not lie in the period."""

    message = _(
        "The figures can be taken as of an instant within the period only. Choose one from %(since)s to %(until)s."
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that keeps what it was made of; ``percent`` is None on an empty denominator."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> Decimal | None:
        """Per cent with two decimals, half-up, computed exactly. Source: domain.md 1.1."""
        if self.denominator == 0:
            return None
        hundredths = (self.numerator * 20_000 + self.denominator) // (2 * self.denominator)
        return Decimal(hundredths).scaleb(-2)

    def __str__(self) -> str:
        return EMPTY if self.percent is None else f"{self.percent:.2f}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SettlementCounts:
    """The counts of one slice. ``carried_over + received == finished + refused + open`` always holds."""

    received: int = 0
    carried_over: int = 0
    finished: int = 0
    on_time: int = 0
    late: int = 0
    undue: int = 0
    overdue: int = 0
    refused: int = 0
    no_due_time: int = 0
    returned_by_post: int = 0
    open: int = 0
    late_entered: int = 0

    @property
    def on_time_rate(self) -> Rate:
        """The headline: what is not yet due is no part of it. Source: design section 6."""
        return Rate(self.on_time, self.on_time + self.late + self.overdue)

    @property
    def closed_on_time_rate(self) -> Rate:
        """Among what ended."""
        return Rate(self.on_time, self.on_time + self.late)

    @property
    def national_on_time_rate(self) -> Rate:
        """The national index, in which open dossiers within their time count as on time. Source: domain.md 2.7."""
        return Rate(self.on_time + self.undue, self.on_time + self.late + self.undue + self.overdue)

    @property
    def rates(self) -> dict[str, Rate]:
        """The three rates by name, headline first."""
        return {name: getattr(self, name) for name in RATES}

    def to_json(self) -> dict[str, Any]:
        """Return counts as integers and rates as text with numerator and denominator beside them."""
        values: dict[str, Any] = {name: getattr(self, name) for name in FIGURES}
        for name, rate in self.rates.items():
            values |= {name: str(rate), f"{name}_numerator": rate.numerator, f"{name}_denominator": rate.denominator}
        return values


RATES = ("on_time_rate", "closed_on_time_rate", "national_on_time_rate")


@dataclass(frozen=True, kw_only=True, slots=True)
class SettlementRow:
    """One slice of the report: ``key`` is what it is filtered by, ``code`` and ``name`` what people know it by."""

    key: str
    code: str
    name: str
    counts: SettlementCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class SettlementReport:
    """The report of a period; ``rows`` add up to ``total`` where a dimension was asked for."""

    since_date: date
    until_date: date
    as_of: datetime
    known_at: datetime
    total: SettlementCounts
    dimension: Dimension | None = None
    rows: Sequence[SettlementRow] = ()
    service: ServiceReport | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as the interface gives it (design section 6); times are local with their offset."""
        document: dict[str, Any] = {
            "period": {"from": self.since_date.isoformat(), "to": self.until_date.isoformat()},
            "as_of": self.as_of.astimezone(LOCAL_ZONE).isoformat(),
            "known_at": self.known_at.astimezone(LOCAL_ZONE).isoformat(),
            "total": self.total.to_json(),
        }
        if self.dimension is not None:
            document["by"] = self.dimension.value
            document["rows"] = [
                {self.dimension.value: row.code, "name": row.name, **row.counts.to_json()} for row in self.rows
            ]
        if self.service is not None:
            self._add_service(document, self.service)
        return document

    def _add_service(self, document: dict[str, Any], service: ServiceReport) -> None:
        document["total"]["service"] = service_to_json(service.total)
        for row, told in zip(self.rows, document.get("rows", []), strict=False):
            told["service"] = service_to_json(service.of(row.key))


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledDossier:
    """One dossier behind a figure, as it stood at as-of."""

    dossier_id: int
    code: str
    procedure_name: str
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    state: str


def make_cut(
    *, since: date, until: date, now: datetime, as_of: datetime | None = None, known_at: datetime | None = None
) -> Cut:
    """Return what a report looks at; both dates are local and included.

    ``as_of`` defaults to the end of the period, or ``now`` if that is earlier; ``known_at`` to ``now``.
    Raises: PeriodUnknownError, PeriodEmptyError, PeriodAheadError, AsOfOutsideError.
    """
    if not (FIRST_DATE <= since <= LAST_DATE and FIRST_DATE <= until <= LAST_DATE):
        raise PeriodUnknownError(first=_written(FIRST_DATE), last=_written(LAST_DATE))
    if until < since:
        raise PeriodEmptyError(since=_written(since), until=_written(until))
    start_at = datetime.combine(since, time.min, LOCAL_ZONE)
    end_at = datetime.combine(until + timedelta(days=1), time.min, LOCAL_ZONE)
    if start_at > now:
        raise PeriodAheadError(since=_written(since))
    if as_of is not None and not start_at <= as_of <= end_at:
        raise AsOfOutsideError(since=_written(since), until=_written(until))
    return Cut(
        start_at=start_at,
        end_at=end_at,
        as_of=min(end_at, now) if as_of is None else as_of,
        known_at=now if known_at is None else known_at,
        is_known_today=known_at is None or known_at >= now,
    )


def summarise_settlement(
    session: Session, cut: Cut, *, by: Dimension | None = None, with_service: bool = False
) -> SettlementReport:
    """Return the settlement report for ``cut``, over the dossiers the session's actor may read.

    ``with_service`` adds what applicants had to bear, by the same slices.
    Source: design section 6, domain.md 1.1 and 2.7, docs/adr/0012.
    """
    total = SettlementCounts(**count_all(session, cut, FIGURES))
    rows: list[SettlementRow] = []
    if by is not None:
        rows = [
            SettlementRow(key=one.key, code=one.code, name=one.name, counts=SettlementCounts(**one.values))
            for one in count_slices(session, cut, by, FIGURES)
        ]
    return SettlementReport(
        since_date=local_date(cut.start_at),
        until_date=local_date(cut.end_at - timedelta(microseconds=1)),
        as_of=cut.as_of,
        known_at=cut.known_at,
        total=total,
        dimension=by,
        rows=rows,
        service=summarise_service(session, cut, by=by or Dimension.DEPARTMENT) if with_service else None,
    )


def list_settlement_dossiers(
    session: Session,
    cut: Cut,
    *,
    figure: str,
    by: Dimension | None = None,
    key: str = "",
    after_id: int = 0,
    limit: int = 50,
) -> list[SettledDossier]:
    """Return dossiers behind a figure in the order of their ids, beginning after ``after_id``.

    Raises: ValueError for a figure that the report does not have.
    """
    if figure not in EVERY_FIGURE:
        raise ValueError(f"no figure {figure!r}; there are {', '.join(sorted(EVERY_FIGURE))}")
    counted = classified(cut, by, (figure,)).subquery()
    found = (
        select(
            Dossier.id, Dossier.code, Procedure.name.label("procedure_name"),
            counted.c.intake_at, counted.c.due_at, counted.c.ended_at, counted.c.state,
        )
        .join(counted, counted.c.dossier_id == Dossier.id)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .where(counted.c[figure] == 1, Dossier.id > after_id)
        .order_by(Dossier.id)
        .limit(limit)
    )  # fmt: skip
    if by is not None:
        found = found.where(counted.c.key.is_not_distinct_from(key_of(by, key)))
    return [
        SettledDossier(
            dossier_id=row.id,
            code=row.code,
            procedure_name=row.procedure_name,
            received_at=row.intake_at,
            due_at=row.due_at,
            ended_at=row.ended_at,
            state=row.state,
        )
        for row in session.execute(found)
    ]


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
