"""The periods figures are reported for: those of a year by the rule of its months, and finding them by their days."""

import calendar
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.report_period import PeriodKind, PeriodRule, ReportPeriod
from services.errors import UserError
from services.session import require

FIRST_YEAR, LAST_YEAR = 1990, 2200
_DAY = timedelta(days=1)
MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
"""How many months a period of a kind has."""


class YearUnknownError(UserError):
    """A year of which no dossier can be."""

    message = _("Choose a year from %(first)s to %(last)s.")


class NoKindError(UserError):
    """Nothing was chosen to be added."""

    message = _("Choose at least one kind of period.")


@dataclass(frozen=True, slots=True)
class PeriodDays:
    """A period before it is stored: ``name`` is a message id with ``number`` and ``year``."""

    kind: PeriodKind
    name: str
    number: int
    year: int
    from_date: date
    until_date: date


@dataclass(frozen=True, slots=True)
class Added:
    """What adding the periods of a year did, in rows."""

    added: int
    kept: int


class MonthEnds:
    """Where the months of reports end, by dated rules; without one, where those of the calendar do."""

    def __init__(self, rules: Collection[PeriodRule] = ()) -> None:
        self._first_days = sorted((rule.valid_from_date.replace(day=1), rule.first_day) for rule in rules)

    def end_of(self, year: int, month: int) -> date:
        """Return the last day of a reporting month."""
        begun = [first_day for since, first_day in self._first_days if since <= date(year, month, 1)]
        if not begun or begun[-1] == 1:
            return date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, begun[-1] - 1)

    def days_of(self, year: int, first_month: int, months: int) -> tuple[date, date]:
        """Return first and last day of so many reporting months; each begins where the one before ended."""
        before = (year, first_month - 1) if first_month > 1 else (year - 1, 12)
        return self.end_of(*before) + _DAY, self.end_of(year, first_month + months - 1)


def list_year(year: int, kinds: Collection[PeriodKind], ends: MonthEnds) -> Iterator[PeriodDays]:
    """Yield the periods of ``year``: its weeks by ISO 8601, all others made of reporting months."""
    for kind in PeriodKind:
        if kind not in kinds or kind is PeriodKind.CUSTOM:
            continue
        if kind is PeriodKind.WEEK:
            yield from _weeks(year)
            continue
        months = MONTHS[kind]
        for number in range(1, 12 // months + 1):
            since, until = ends.days_of(year, months * (number - 1) + 1, months)
            yield PeriodDays(kind, _name(kind, number), number, year, since, until)


def period_around(day: date, kind: PeriodKind, ends: MonthEnds) -> tuple[date, date]:
    """Return first and last day of the period of a kind that ``day`` lies in; months may begin in the year before."""
    years = (year for year in (day.year, day.year + 1) if year <= LAST_YEAR)
    periods = (period for year in years for period in list_year(year, {kind}, ends))
    return next((p.from_date, p.until_date) for p in periods if p.from_date <= day <= p.until_date)


def add_periods(
    session: Session, *, year: int, kinds: Collection[PeriodKind], translate: Callable[[str], str] = str
) -> Added:
    """Add the periods of ``year`` that are not there yet; one of the same name or the same days stays as it is.

    ``translate`` turns names into the language of the office, in which they are stored.
    Raises: DeniedError, YearUnknownError, NoKindError.
    """
    require(session, "report_period", "create")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearUnknownError(first=FIRST_YEAR, last=LAST_YEAR)
    if not kinds:
        raise NoKindError
    wanted = list(list_year(year, kinds, MonthEnds(session.scalars(select(PeriodRule)).all())))
    names, days = set[str](), set[Any]()
    for period in session.scalars(select(ReportPeriod)):
        names.add(period.name)
        days.add((period.kind, period.from_date, period.until_date))
    new = []
    for period in wanted:
        name = translate(period.name) % {"number": period.number, "year": period.year}
        if name not in names and (period.kind, period.from_date, period.until_date) not in days:
            new.append(
                ReportPeriod(name=name, kind=period.kind, from_date=period.from_date, until_date=period.until_date)
            )
    session.add_all(new)
    session.flush()  # a name taken meanwhile is found here
    return Added(added=len(new), kept=len(wanted) - len(new))


def list_begun_periods(session: Session, *, today: date) -> Sequence[ReportPeriod]:
    """Return the periods that have begun, the longest kinds last and the newest of each kind first."""
    found = session.scalars(
        select(ReportPeriod).where(ReportPeriod.from_date <= today).order_by(ReportPeriod.from_date.desc())
    ).all()
    order = list(PeriodKind)
    return sorted(found, key=lambda period: order.index(period.kind))


def find_period(session: Session, *, since: date, until: date) -> ReportPeriod | None:
    """Return the period of just these days, a month before any other kind; None where they have no name."""
    found = session.scalars(
        select(ReportPeriod)
        .where(ReportPeriod.from_date == since, ReportPeriod.until_date == until)
        .order_by(ReportPeriod.id)
    ).all()
    return next((period for period in found if period.kind is PeriodKind.MONTH), found[0] if found else None)


def _weeks(year: int) -> Iterator[PeriodDays]:
    monday, number = date.fromisocalendar(year, 1, 1), 1
    while monday.isocalendar().year == year:
        yield PeriodDays(PeriodKind.WEEK, _("Week %(number)s/%(year)s"), number, year, monday, monday + 6 * _DAY)
        monday, number = monday + 7 * _DAY, number + 1


def _name(kind: PeriodKind, number: int) -> str:
    if kind is PeriodKind.MONTH:
        return _("Month %(number)s/%(year)s")
    if kind is PeriodKind.QUARTER:
        return _("Quarter %(number)s/%(year)s")
    if kind is PeriodKind.YEAR:
        return _("Year %(year)s")
    return _("First half of %(year)s") if number == 1 else _("Second half of %(year)s")
