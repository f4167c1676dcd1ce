"""The working calendar of the centre: seeding it, and loading it for a computation."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version

import holidays
from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from models.calendar import CalendarDay, CalendarDayKind, Weekday, WorkingHours, parse_shifts
from models.organisation import Site
from services.localtime import local_date
from services.worktime import FRIDAY, MONDAY, SpecialDay, Timetable, WorkCalendar

FIRST_YEAR = 2010
YEARS_AHEAD = 6
DEFAULT_HOURS = "07:00-11:30, 13:30-17:00"
DEFAULT_TIMETABLE = Timetable({weekday: parse_shifts(DEFAULT_HOURS) for weekday in range(MONDAY, FRIDAY + 1)})

_SUBSTITUTED = re.compile(r"\d{2}/\d{2}/\d{4}")
_OBSERVED = "(nghỉ bù)"
_KEPT = "work_calendars"


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What seeding did, in rows."""

    added: int = 0
    corrected: int = 0
    withdrawn: int = 0
    kept: int = 0


def seeded_years(at: datetime) -> range:
    """Return every year a deadline can span: from the centres' first dossiers to six years ahead."""
    return range(FIRST_YEAR, local_date(at).year + YEARS_AHEAD + 1)


@lru_cache(maxsize=128)
def holiday_list(year: int) -> Mapping[date, SpecialDay]:
    """Return the public holidays, days in lieu and swapped days of a year, with their Vietnamese names.

    Source: the ``holidays`` package (Labour Code art. 112 and the yearly decisions on swapped days).
    """
    # A Saturday can be worked for a day off in another year (31 Dec 2018 for 5 Jan 2019), so neighbours are read too.
    national = holidays.country_holidays("VN", years=range(year - 1, year + 2), language="vi")
    days: dict[date, SpecialDay] = {}
    for day, name in national.items():
        other = _SUBSTITUTED.search(name)
        if other:
            worked = datetime.strptime(other[0], "%d/%m/%Y").date()  # noqa: DTZ007 -- only a date
            off_name = f"Nghỉ hoán đổi, làm bù ngày {worked:%d/%m/%Y}"
            days[day] = SpecialDay(CalendarDayKind.SWAPPED_DAY_OFF, off_name, worked)
            days[worked] = SpecialDay(CalendarDayKind.SWAPPED_WORKING_DAY, f"Làm bù cho ngày {day:%d/%m/%Y}", day)
        elif _OBSERVED in name:
            days[day] = SpecialDay(CalendarDayKind.IN_LIEU, name)
        else:
            days[day] = SpecialDay(CalendarDayKind.HOLIDAY, name)
    for day in national.weekend_workdays:
        days.setdefault(day, SpecialDay(CalendarDayKind.SWAPPED_WORKING_DAY, "Ngày làm bù"))
    return {day: special for day, special in sorted(days.items()) if day.year == year}


def seed_calendar(session: Session, years: Iterable[int], at: datetime) -> SeedReport:
    """Enter the national holidays of ``years``; run again, nothing changes.

    A row that a person has edited or entered is never touched. One that nobody has edited follows a newer list:
    it is corrected, or deleted where the list no longer has the day. ``at`` is written into the source.
    """
    wanted = {day: special for year in years for day, special in holiday_list(year).items()}
    present = _national_days(session, {day.year for day in wanted})
    source = f"holidays {version('holidays')}, {local_date(at):%d/%m/%Y}"
    counts = dict.fromkeys(("added", "corrected", "withdrawn", "kept"), 0)
    for day, special in wanted.items():
        row = present.pop(day, None)
        if row is None:
            row = CalendarDay(local_date=day)
            session.add(row)
            counts["added"] += 1
        elif row.seeded == _fingerprint(special) or row.seeded != _fingerprint(_special(row)):
            counts["kept"] += 1
            continue
        else:
            counts["corrected"] += 1
        row.kind, row.name, row.swapped_with_date = special.kind, special.name, special.swapped_with
        row.source, row.seeded = source, _fingerprint(special)
    for row in present.values():
        if row.seeded is not None and row.seeded == _fingerprint(_special(row)):
            session.delete(row)
            counts["withdrawn"] += 1
    session.flush()  # so that a calendar loaded in the same transaction sees the days
    return SeedReport(**counts)


def give_default_hours(session: Session, site: Site, valid_from_date: date) -> list[WorkingHours]:
    """Give a site Monday to Friday 07:00-11:30 and 13:30-17:00, for working and reception, and return the rows."""
    rows = [
        WorkingHours(
            site=site,
            weekday=Weekday(str(weekday)),
            working_hours=DEFAULT_HOURS,
            reception_hours=DEFAULT_HOURS,
            valid_from_date=valid_from_date,
        )
        for weekday in range(MONDAY, FRIDAY + 1)
    ]
    session.add_all(rows)
    session.flush()  # so that a calendar loaded in the same transaction sees the hours
    return rows


def count_calendar_days(session: Session, years: Iterable[int]) -> dict[int, int]:
    """Return how many days that hold for every site each of ``years`` has; 0 is a year no due time can reach."""
    counts = dict.fromkeys(years, 0)
    for day in session.scalars(select(CalendarDay.local_date).where(CalendarDay.site_id.is_(None))):
        if day.year in counts:
            counts[day.year] += 1
    return counts


def load_calendar(session: Session, site: Site, since: datetime) -> WorkCalendar:
    """Return the calendar of a site from the year of ``since`` on, in two queries, for all years that are entered.

    Within a transaction that does not change the calendar itself it is read once: an intake asks for it three times.
    """
    if _touches_calendar(session):
        session.flush()  # which forgets what was read before
    kept: dict[tuple[int, date], WorkCalendar] = session.info.setdefault(_KEPT, {})
    key = (site.id, date(local_date(since).year, 1, 1))
    if key not in kept:
        kept[key] = _read_calendar(session, site, key[1])
    return kept[key]


def _touches_calendar(session: Session) -> bool:
    rows = (*session.new, *session.dirty, *session.deleted)
    return any(isinstance(row, CalendarDay | WorkingHours | Site) for row in rows)


@event.listens_for(Session, "before_flush")
def _forget_changed(session: Session, context: object, instances: object) -> None:
    if _KEPT in session.info and _touches_calendar(session):
        del session.info[_KEPT]


@event.listens_for(Session, "after_transaction_end")
def _forget_ended(session: Session, transaction: SessionTransaction) -> None:
    """Read the calendar again after every transaction, a savepoint included: what it changed may be gone with it."""
    session.info.pop(_KEPT, None)


def _read_calendar(session: Session, site: Site, first: date) -> WorkCalendar:
    days = session.scalars(
        select(CalendarDay).where(
            CalendarDay.local_date >= first, (CalendarDay.site_id.is_(None)) | (CalendarDay.site_id == site.id)
        )
    ).all()
    national = [row for row in days if row.site_id is None]
    own = [row for row in days if row.site_id is not None]
    hours = session.scalars(select(WorkingHours).where(WorkingHours.site_id == site.id)).all()
    return WorkCalendar(
        timetables=tuple(_timetables(hours)),
        special_days={row.local_date: _special(row) for row in (*national, *own)},  # a site's own day goes first
        years={row.local_date.year for row in national},
        site_name=site.name,
    )


def builtin_calendar(years: Iterable[int], *, site_name: str = "") -> WorkCalendar:
    """Return the national calendar with default hours, for where no database is at hand."""
    years = frozenset(years)
    return WorkCalendar(
        timetables=(DEFAULT_TIMETABLE,),
        special_days={day: special for year in years for day, special in holiday_list(year).items()},
        years=years,
        site_name=site_name,
    )


def _national_days(session: Session, years: set[int]) -> dict[date, CalendarDay]:
    rows = session.scalars(select(CalendarDay).where(CalendarDay.site_id.is_(None)))
    return {row.local_date: row for row in rows if row.local_date.year in years}


def _special(row: CalendarDay) -> SpecialDay:
    return SpecialDay(row.kind, row.name, row.swapped_with_date)


def _fingerprint(special: SpecialDay) -> str:
    return f"{special.kind}|{special.swapped_with or ''}|{special.name}"


def _timetables(rows: Sequence[WorkingHours]) -> Iterator[Timetable]:
    """Cut dated rows per weekday into timetables; where two rows hold on a day, the later ``valid_from`` wins."""
    starts = {row.valid_from_date for row in rows}
    ends = {row.valid_to_date + timedelta(days=1) for row in rows if row.valid_to_date}
    cuts = sorted(starts | ends)
    for index, first in enumerate(cuts):
        last = cuts[index + 1] - timedelta(days=1) if index + 1 < len(cuts) else None
        in_force = sorted(
            (row for row in rows if row.valid_from_date <= first and (row.valid_to_date or date.max) >= first),
            key=lambda row: row.valid_from_date,
        )
        if in_force:
            yield Timetable(
                working={int(row.weekday): parse_shifts(row.working_hours) for row in in_force},
                reception={int(row.weekday): parse_shifts(row.reception_hours) for row in in_force},
                valid_from=first,
                valid_to=last,
            )
