"""The periods that figures are reported for, under the names people call them by, and where months of a report end."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.organisation import READ_ALL


class PeriodKind(Choice):
    """How long a period is; ``CUSTOM`` is any other."""

    WEEK = "WEEK", _("Week")
    MONTH = "MONTH", _("Month")
    QUARTER = "QUARTER", _("Quarter")
    HALF = "HALF", _("Half year")
    YEAR = "YEAR", _("Year")
    CUSTOM = "CUSTOM", _("Other period")


class PeriodRule(Versioned, Base):
    """On which day months of a report begin: dated, because periodic reports once followed the calendar.

    A month that begins on the 15th runs from the 15th of the month before to the 14th. Source: Decree 09/2019, art. 12.
    """

    __tablename__ = "period_rule"
    __table_args__ = (CheckConstraint("first_day BETWEEN 1 AND 28", name="first_day_in_every_month"),)
    __screen__: ClassVar = Screen(
        title=_("Reporting months"),
        singular=_("Rule of reporting months"),
        group=_("Figures"),
        icon="calendar3",
        help=_("Without a rule, the months of reports are those of the calendar."),
        order="-valid_from_date",
        grants={"ADMIN": grant("manage delete"), "DIRECTOR": grant("manage"), "AUDITOR": grant("oversee")},
        delete=True,
    )

    id: Mapped[Key]
    valid_from_date: Mapped[date] = mapped_column(
        unique=True,
        info=ui(
            _("From the month of"),
            list=1,
            help=_("Any day of the first month that ends by this rule; it still begins where the one before ended."),
        ),
    )
    first_day: Mapped[int] = mapped_column(
        default=1,
        info=ui(
            _("Months begin on day"),
            list=2,
            required=True,
            help=_("1: as in the calendar. 15: from the 15th of the month before to the 14th. At most 28."),
        ),
    )
    source: Mapped[str | None] = mapped_column(
        String(300), info=ui(_("Source"), list=3, help=_("The text of law the rules come from."))
    )

    def __str__(self) -> str:
        return f"{self.valid_from_date:%m/%Y}: {self.first_day}"


def _is_month(period: Any, *_rest: Any) -> Any:
    return period.kind == PeriodKind.MONTH


class ReportPeriod(Versioned, Base):
    """A stretch of days under a name; both ends are included. Its days stay once its figures are frozen."""

    __tablename__ = "report_period"
    __table_args__ = (
        CheckConstraint("until_date >= from_date", name="ends_after_it_begins"),
        Index("ix_report_period_from_date_id", "from_date", "id"),
    )
    __screen__: ClassVar = Screen(
        title=_("Reporting periods"),
        singular=_("Reporting period"),
        group=_("Figures"),
        icon="calendar-range",
        help=_("Periods appear here once a year's are added, or one of any days is."),
        order="-from_date",
        grants={**READ_ALL, "ADMIN": grant("manage delete"), "DIRECTOR": grant("manage delete freeze")},
        quick=(QuickView(name="months", label=_("Months"), where=_is_month),),
        delete=True,
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120), unique=True, info=ui(_("Name"), list=1, example="Tháng 4/2016"))
    kind: Mapped[PeriodKind] = mapped_column(
        default=PeriodKind.CUSTOM, info=ui(_("Kind"), list=2, filter=True, required=True)
    )
    from_date: Mapped[date] = mapped_column(info=ui(_("From"), list=3, filter=True))
    until_date: Mapped[date] = mapped_column(info=ui(_("To"), list=4, help=_("The last day, included.")))

    def __str__(self) -> str:
        return self.name
