"""Working time as pure arithmetic: no database, no web, no clock of its own.

Inside, an instant is a whole number of microseconds of the centre's local time (``tick``), and working time is a
number of working microseconds, a fraction where a site's days are scaled. How much has been worked since a year
began is one never-falling function of the tick, so sums are exact and add up without a remainder, and its inverse
is found by bisection over days.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from models.base import _
from models.calendar import CalendarDayKind, Shift
from services.errors import UserError
from services.limits import MICROSECONDS_PER_MINUTE, WORKING_DAY_MICROSECONDS
from services.localtime import LOCAL_ZONE

MICROSECONDS_PER_DAY = 24 * 60 * MICROSECONDS_PER_MINUTE
MONDAY, FRIDAY = 1, 5

Worked = int | Fraction
"""Working microseconds; exact, and an ``int`` wherever a full day divides evenly over its hours."""

_ZERO = datetime(1, 1, 1)  # noqa: DTZ001 -- local wall time, the origin of ticks
_MICROSECOND = timedelta(microseconds=1)


class CalendarMissingError(UserError):
    """A computation reached a year whose holidays nobody has entered."""

    message = _("The calendar of %(year)s is missing: add its holidays under Organisation › Calendar days.")


class HoursMissingError(UserError):
    """A computation reached a day for which a site has no hours."""

    message = _("%(site)s has no working hours on %(day)s: add them under Organisation › Working hours.")


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that differs from its weekday, and why."""

    kind: CalendarDayKind
    name: str
    swapped_with: date | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """The normal hours of a site by ISO weekday (1 to 7), from a first to a last day (None: open at that end)."""

    working: Mapping[int, tuple[Shift, ...]]
    reception: Mapping[int, tuple[Shift, ...]] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether the hours are in force on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def value_of(self, weekday: int) -> Worked:
        """Return the working microseconds a worked day with the hours of ``weekday`` counts.

        Monday to Friday are full working days, however long they are; hours at a weekend count in proportion
        to the longest of those. Source: docs/adr/0009-minute-ledger.md.
        """
        opened = _length(self.working.get(weekday, ()))
        if not opened or weekday <= FRIDAY:
            return WORKING_DAY_MICROSECONDS if opened else 0
        lengths = [_length(self.working.get(day, ())) for day in range(MONDAY, FRIDAY + 1)]
        full = max(lengths) or max(_length(shifts) for shifts in self.working.values())
        return min(WORKING_DAY_MICROSECONDS, Fraction(WORKING_DAY_MICROSECONDS * opened, full))


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One date of a site: its shifts, what they count, and the entry that made it special."""

    local_date: date
    shifts: tuple[Shift, ...]
    reception: tuple[Shift, ...]
    value: Worked
    special: SpecialDay | None

    @property
    def is_worked(self) -> bool:
        """Whether any working time passes on the day."""
        return bool(self.shifts)

    @property
    def length(self) -> int:
        """How long the site works on the day, in microseconds of the clock on the wall."""
        return _length(self.shifts)

    def worked_until(self, offset: int) -> Worked:
        """Return the working microseconds from midnight to ``offset`` microseconds after it."""
        if not self.shifts:
            return 0
        passed = 0
        for shift in self.shifts:
            passed += max(0, min(offset, _end(shift)) - _start(shift))
        if self.value == self.length:
            return passed
        return Fraction(passed * self.value, self.length)

    def offset_after(self, worked: Worked) -> int:
        """Return the first whole offset from midnight at which ``worked`` (above 0, at most ``value``) is used up."""
        rest = -(-worked * self.length // self.value)
        for shift in self.shifts[:-1]:
            length = _end(shift) - _start(shift)
            if rest <= length:
                return _start(shift) + rest
            rest -= length
        return _start(self.shifts[-1]) + rest


@dataclass(frozen=True, slots=True)
class _Year:
    """Working time of a year: ``sums[i]`` before its day ``i``; days without any hours in force."""

    first_ordinal: int
    sums: list[Worked]
    unknown: list[int]


def _start(shift: Shift) -> int:
    return shift.opens * MICROSECONDS_PER_MINUTE


def _end(shift: Shift) -> int:
    return shift.closes * MICROSECONDS_PER_MINUTE


def _length(shifts: Sequence[Shift]) -> int:
    return sum(_end(shift) - _start(shift) for shift in shifts)


def to_tick(at: datetime) -> int:
    """Return an aware instant as microseconds of local time."""
    return (at.astimezone(LOCAL_ZONE).replace(tzinfo=None) - _ZERO) // _MICROSECOND


def from_tick(tick: int) -> datetime:
    """Return microseconds of local time as an aware UTC instant."""
    return (_ZERO + timedelta(microseconds=tick)).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


def _ordinal(tick: int) -> int:
    return tick // MICROSECONDS_PER_DAY + 1


class WorkCalendar:
    """The working time of one site over the years whose holidays are known; immutable.

    Raises: CalendarMissingError, HoursMissingError from any method that reaches a day it knows nothing about.
    """

    def __init__(
        self,
        *,
        timetables: Sequence[Timetable],
        special_days: Mapping[date, SpecialDay],
        years: Collection[int],
        site_name: str = "",
    ) -> None:
        self.site_name = site_name
        self._timetables = tuple(timetables)
        self._special_days = dict(special_days)
        self._known_years = frozenset(years)
        self._years: dict[int, _Year] = {}
        self._days: dict[int, WorkDay | None] = {}

    def day(self, local_date: date) -> WorkDay:
        """Return what the site does on a date."""
        return self._day(local_date.toordinal())

    def worked_between(self, start: datetime, end: datetime) -> Worked:
        """Return the working microseconds from ``start`` to ``end``; negative if ``end`` lies before ``start``."""
        if end < start:
            return -self.worked_between(end, start)
        first, last = to_tick(start), to_tick(end)
        first_year, last_year = start.astimezone(LOCAL_ZONE).year, end.astimezone(LOCAL_ZONE).year
        self._check_known(_ordinal(first), _ordinal(last))
        whole_years = sum(self._year(year).sums[-1] for year in range(first_year, last_year))
        return whole_years + self._worked_in_year(last) - self._worked_in_year(first)

    def instant_after(self, start: datetime, worked: Worked) -> datetime:
        """Return the earliest instant at which ``worked`` microseconds have been worked since ``start``.

        An end that falls on closing time stays there. Nothing to work ends at ``start``.
        """
        if worked <= 0:
            return start
        tick = to_tick(start)
        year = start.astimezone(LOCAL_ZONE).year
        target = self._worked_in_year(tick) + worked
        ordinal = _ordinal(tick)
        while target > self._year(year).sums[-1]:
            target -= self._year(year).sums[-1]
            year += 1
            self._check_known(ordinal, date(year, 1, 1).toordinal() - 1)
            ordinal = date(year, 1, 1).toordinal()
        table = self._year(year)
        index = bisect_left(table.sums, target) - 1
        found = table.first_ordinal + index
        self._check_known(ordinal, found)
        offset = self._day(found).offset_after(target - table.sums[index])
        return from_tick((found - 1) * MICROSECONDS_PER_DAY + offset)

    def is_working_time(self, at: datetime) -> bool:
        """Return whether the site works just then; the instant of closing still counts, that of opening too."""
        tick = to_tick(at)
        offset = tick % MICROSECONDS_PER_DAY
        return any(_start(shift) <= offset <= _end(shift) for shift in self._day(_ordinal(tick)).shifts)

    def next_working_instant(self, at: datetime, *, closing_counts: bool = False) -> datetime:
        """Return ``at`` where the site works just then, else its next opening.

        At the very instant of closing nothing can be begun any more, but something may end: ``closing_counts``.
        """
        tick = to_tick(at)
        ordinal, offset = _ordinal(tick), tick % MICROSECONDS_PER_DAY
        while True:
            for shift in self._day(ordinal).shifts:
                if offset < _end(shift) or (closing_counts and offset == _end(shift)):
                    return from_tick((ordinal - 1) * MICROSECONDS_PER_DAY + max(offset, _start(shift)))
            ordinal, offset = ordinal + 1, 0

    def _check_known(self, first: int, last: int) -> None:
        """Raise HoursMissingError if a day from ``first`` to ``last`` has no hours in force."""
        for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
            unknown = self._year(year).unknown
            index = bisect_left(unknown, first)
            if index < len(unknown) and unknown[index] <= last:
                raise self._hours_missing(unknown[index])

    def _hours_missing(self, ordinal: int) -> HoursMissingError:
        return HoursMissingError(site=self.site_name, day=f"{date.fromordinal(ordinal):%d/%m/%Y}")

    def _worked_in_year(self, tick: int) -> Worked:
        """Return the working microseconds from the start of the tick's year to it."""
        ordinal = _ordinal(tick)
        table = self._year(date.fromordinal(ordinal).year)
        return table.sums[ordinal - table.first_ordinal] + self._day(ordinal).worked_until(tick % MICROSECONDS_PER_DAY)

    def _year(self, year: int) -> _Year:
        table = self._years.get(year)
        if table is None:
            first = date(year, 1, 1).toordinal()
            sums: list[Worked] = [0]
            unknown: list[int] = []
            for ordinal in range(first, date(year + 1, 1, 1).toordinal()):
                day = self._find_day(ordinal)
                if day is None:
                    unknown.append(ordinal)
                sums.append(sums[-1] + (day.value if day else 0))
            table = self._years[year] = _Year(first, sums, unknown)
        return table

    def _day(self, ordinal: int) -> WorkDay:
        day = self._find_day(ordinal)
        if day is None:
            raise self._hours_missing(ordinal)
        return day

    def _find_day(self, ordinal: int) -> WorkDay | None:
        if ordinal not in self._days:
            self._days[ordinal] = self._make_day(date.fromordinal(ordinal))
        return self._days[ordinal]

    def _make_day(self, local_date: date) -> WorkDay | None:
        if local_date.year not in self._known_years:
            raise CalendarMissingError(year=local_date.year)
        timetable = next((table for table in self._timetables if table.holds_on(local_date)), None)
        if timetable is None:
            return None
        special = self._special_days.get(local_date)
        if special and special.kind is CalendarDayKind.ORDINARY:
            special = None
        is_worked = special.kind.is_worked if special else None
        if is_worked is False:
            return WorkDay(local_date, (), (), 0, special)
        weekday = local_date.isoweekday()
        if is_worked:
            other = special.swapped_with.isoweekday() if special and special.swapped_with else MONDAY
            weekday = other if timetable.working.get(other) else MONDAY
        return WorkDay(
            local_date,
            timetable.working.get(weekday, ()),
            timetable.reception.get(weekday, ()),
            timetable.value_of(weekday),
            special,
        )
