"""When a site works: its hours by weekday, and the days of the year that differ from them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.ddl import searchable
from models.organisation import READ_ALL, Site
from models.search import Searchable

MINUTES_PER_DAY = 24 * 60

_LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

_SHIFT = re.compile(r"(\d{1,2})[:hH.](\d{2})\s*[-–]\s*(\d{1,2})[:hH.](\d{2})")

_SHIFTS_UNREADABLE = _("Write hours as 07:00-11:30, 13:30-17:00, in order and without overlap.")


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """An uninterrupted stretch of a day, in minutes from midnight; ``opens`` lies before ``closes``."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.opens, self.closes))


def parse_shifts(written: str) -> tuple[Shift, ...]:
    """Return the shifts that ``written`` says: ``07:00-11:30, 13:30-17:00``; empty text means none.

    Raises: ValueError with a message id where it cannot be read, is out of order or overlaps.
    """
    shifts = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", written))):
        match = _SHIFT.fullmatch(part)
        if match is None:
            raise ValueError(_SHIFTS_UNREADABLE)
        open_hour, open_minute, close_hour, close_minute = (int(number) for number in match.groups())
        shift = Shift(open_hour * 60 + open_minute, close_hour * 60 + close_minute)
        if max(open_minute, close_minute) > 59 or not shift.opens < shift.closes <= MINUTES_PER_DAY:
            raise ValueError(_SHIFTS_UNREADABLE)
        if shifts and shift.opens <= shifts[-1].closes:
            raise ValueError(_SHIFTS_UNREADABLE)
        shifts.append(shift)
    return tuple(shifts)


def format_shifts(shifts: tuple[Shift, ...]) -> str:
    """Return shifts as ``parse_shifts`` reads them."""
    return ", ".join(str(shift) for shift in shifts)


class Weekday(Choice):
    """A day of the week, by its ISO 8601 number, so that the codes sort as the week runs."""

    MONDAY = "1", _("Monday")
    TUESDAY = "2", _("Tuesday")
    WEDNESDAY = "3", _("Wednesday")
    THURSDAY = "4", _("Thursday")
    FRIDAY = "5", _("Friday")
    SATURDAY = "6", _("Saturday")
    SUNDAY = "7", _("Sunday")


class WorkingHours(Versioned, Base):
    """The hours of a site on one weekday, while they are in force; a weekday without a row is not worked.

    Working hours move the legal clock; reception hours say when people are received and move nothing.
    """

    __tablename__ = "working_hours"
    __table_args__ = (
        Index(
            "uq_working_hours_site_weekday_from",
            "site_id",
            "weekday",
            "valid_from_date",
            unique=True,
        ),
        CheckConstraint("valid_to_date IS NULL OR valid_to_date >= valid_from_date", name="validity_in_order"),
    )
    __screen__: ClassVar = Screen(
        title=_("Working hours"),
        singular=_("Working hours of a weekday"),
        group=_("Organisation"),
        icon="clock",
        help=_("Every weekday a site works has a row here; without them no due time can be computed."),
        order="weekday",
        grants={"ADMIN": grant("manage delete"), **READ_ALL},
        delete=True,
    )

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    site: Mapped[Site] = relationship(back_populates="working_hours", info=ui(_("Site"), list=1, filter=True))
    weekday: Mapped[Weekday] = mapped_column(index=True, info=ui(_("Weekday"), list=2, filter=True))
    working_hours: Mapped[str] = mapped_column(
        String(120),
        default="",
        info=ui(
            _("Working hours"),
            list=3,
            example="07:00-11:30, 13:30-17:00",
            required=False,
            help=_("Deadlines count in these hours; leave empty where nobody works."),
        ),
    )
    reception_hours: Mapped[str] = mapped_column(
        String(120),
        default="",
        info=ui(
            _("Reception hours"),
            list=4,
            example="07:00-11:30, 13:30-16:30",
            required=False,
            help=_("Dossiers are taken in these hours; alone, as on some Saturdays, they move no deadline."),
        ),
    )
    valid_from_date: Mapped[date] = mapped_column(info=ui(_("In force from"), list=5))
    valid_to_date: Mapped[date | None] = mapped_column(
        info=ui(_("In force until"), list=6, help=_("The last day; empty while the hours are in force."))
    )

    @validates("working_hours", "reception_hours")
    def _tidy_hours(self, key: str, value: str | None) -> str:
        return format_shifts(parse_shifts(value or ""))

    def __str__(self) -> str:
        return f"{self.site} · {self.weekday.label}"


class CalendarDayKind(Choice):
    """Why a date differs from its weekday."""

    HOLIDAY = "HOLIDAY", _("Public holiday")
    IN_LIEU = "IN_LIEU", _("Day off in lieu")
    SWAPPED_DAY_OFF = "SWAPPED_DAY_OFF", _("Day off, worked on another day")
    SWAPPED_WORKING_DAY = "SWAPPED_WORKING_DAY", _("Worked instead of another day")
    CLOSURE = "CLOSURE", _("Closed by decision")
    ORDINARY = "ORDINARY", _("Ordinary day after all")

    @property
    def is_worked(self) -> bool | None:
        """Whether the day is worked whatever its weekday; None leaves it to the weekday."""
        if self is CalendarDayKind.ORDINARY:
            return None
        return self is CalendarDayKind.SWAPPED_WORKING_DAY


def _in_year(calendar_day: Any, at: datetime, later: int) -> ColumnElement[bool]:
    year = at.astimezone(_LOCAL_ZONE).year + later
    return calendar_day.local_date.between(date(year, 1, 1), date(year, 12, 31))


class CalendarDay(Searchable, Versioned, Base):
    """A date that is a holiday, a day in lieu, a swapped working day or closed; of everybody or of one site.

    ``seeded`` keeps what the holiday list said, so that a later list may correct a row that nobody has edited.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        Index(
            "uq_calendar_day_local_date",
            "local_date",
            unique=True,
            sqlite_where=text("site_id IS NULL"),
            postgresql_where=text("site_id IS NULL"),
        ),
        Index(
            "uq_calendar_day_site_local_date",
            "site_id",
            "local_date",
            unique=True,
            sqlite_where=text("site_id IS NOT NULL"),
            postgresql_where=text("site_id IS NOT NULL"),
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Calendar days"),
        singular=_("Calendar day"),
        group=_("Organisation"),
        icon="calendar",
        help=_("Holidays, days in lieu and swapped working days; every year a deadline can reach needs its days."),
        order="-local_date",
        orders=("local_date",),
        grants={"ADMIN": grant("manage seed reproject"), **READ_ALL},
        quick=(
            QuickView(name="this_year", label=_("This year"), where=lambda m, actor, at: _in_year(m, at, 0)),
            QuickView(name="next_year", label=_("Next year"), where=lambda m, actor, at: _in_year(m, at, 1)),
            QuickView(
                name="swaps",
                label=_("Swapped days"),
                where=lambda m, actor, at: m.kind.in_(
                    (CalendarDayKind.SWAPPED_DAY_OFF, CalendarDayKind.SWAPPED_WORKING_DAY)
                ),
            ),
            QuickView(name="own", label=_("Days of one site"), where=lambda m, actor, at: m.site_id.is_not(None)),
        ),
    )

    id: Mapped[Key]
    local_date: Mapped[date] = mapped_column(index=True, info=ui(_("Date"), list=1, filter=True))
    kind: Mapped[CalendarDayKind] = mapped_column(info=ui(_("Kind"), list=2, filter=True))
    name: Mapped[str] = mapped_column(String(200), info=ui(_("Name"), list=3, search=True, example="Tết Nguyên Đán"))
    swapped_with_date: Mapped[date | None] = mapped_column(
        info=ui(
            _("Swapped with"),
            list=4,
            help=_("The other day of a swap; a swapped working day has the hours of that weekday, else Monday's."),
        )
    )
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    site: Mapped[Site | None] = relationship(
        info=ui(
            _("Site"), list=5, filter=True, help=_("Empty: the day holds for every site. A site's own day goes first.")
        )
    )
    source: Mapped[str | None] = mapped_column(
        String(200), info=ui(_("Source"), list=6, help=_("The decision or list the day comes from."))
    )
    seeded: Mapped[str | None] = mapped_column(String(300))

    def __str__(self) -> str:
        return f"{self.local_date:%d/%m/%Y} · {self.name}"


searchable(CalendarDay)
