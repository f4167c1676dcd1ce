"""The legal clock of a dossier: a ledger of the time its limit grants and the time already used."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from models.base import Base, Choice, Key, Versioned, _
from models.ddl import append_only
from models.organisation import Site
from models.procedure_terms import LimitUnit
from models.states import EventKind


class Exact(TypeDecorator[Fraction]):
    """A rational number without rounding, as ``28800000000`` or ``14400000000/7``.

    Where a site's day is not eight hours long, a minute on the wall is a fraction of a working minute.
    """

    impl = String(60)
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        return None if value is None else Fraction(value)


class ClockState(Choice):
    """Whether the limit is being used up."""

    RUNNING = "RUNNING", _("Clock runs")
    STOPPED = "STOPPED", _("Clock stands still")
    ENDED = "ENDED", _("Clock has ended")


class ClockEventKind(Choice):
    """What happened to a clock."""

    START = "START", _("Clock started")
    STOP = "STOP", _("Clock stopped")
    RESUME = "RESUME", _("Clock resumed")
    RESTART = "RESTART", _("Limit counted anew")
    END = "END", _("Clock ended")
    REOPEN = "REOPEN", _("Clock reopened")
    EXTEND = "EXTEND", _("Due time extended")
    CALENDAR = "CALENDAR", _("Calendar changed")

    @property
    def counts_from_the_beginning(self) -> bool:
        """Whether the whole limit counts from this event on."""
        return self in (ClockEventKind.START, ClockEventKind.RESTART)


class Clock(Versioned, Base):
    """The ledger of one dossier, in microseconds; ``due_at`` is its projection, None without a computable limit.

    For ``WORKING_DAY`` and ``HOUR`` budget and consumption are working time (480 working minutes a full working
    day); otherwise elapsed time. A month's budget is its anniversary, so there the column is None.
    While the clock is stopped ``due_at`` stays as it was when it stopped: the dossier is overdue then only if it
    was already. ``statutory_due_at`` leaves extensions out; lateness is judged on it.
    """

    __tablename__ = "clock"
    __table_args__ = (
        CheckConstraint("(limit_quantity IS NULL) = (limit_unit IS NULL)", name="limit_whole"),
        CheckConstraint("(state = 'RUNNING') = (running_since_at IS NOT NULL)", name="running_since_when_running"),
        CheckConstraint("(state = 'STOPPED') = (stopped_at IS NOT NULL)", name="stopped_at_when_stopped"),
        CheckConstraint("(state = 'ENDED') = (ended_at IS NOT NULL)", name="ended_at_when_ended"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship()
    limit_quantity: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))
    limit_unit: Mapped[LimitUnit | None]
    state: Mapped[ClockState]
    counted_from_at: Mapped[datetime]
    running_since_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    budget_microseconds: Mapped[int | None]
    consumed_microseconds: Mapped[Fraction] = mapped_column(Exact)
    due_at: Mapped[datetime | None]
    statutory_due_at: Mapped[datetime | None]
    last_sequence: Mapped[int] = mapped_column(Integer)
    last_occurred_at: Mapped[datetime]


class ClockEvent(Base):
    """One entry of the ledger; never changed. What it leaves the clock at stands beside what happened.

    ``sequence`` numbers the events of a clock from 1. ``from_at`` is the instant counting begins or goes on
    (of START, RESUME, RESTART and REOPEN); outside working time it lies after ``occurred_at``. ``cause`` is what
    happened to the dossier just then, ``reason`` what somebody wrote about it.
    """

    __tablename__ = "clock_event"
    __table_args__ = (
        Index("ix_clock_event_clock_id_sequence", "clock_id", "sequence"),
        CheckConstraint("sequence > 0", name="sequence_positive"),
        CheckConstraint(
            "occurred_at = recorded_at OR staff_id IS NULL OR late_entry_id IS NOT NULL", name="written_at_once"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id", ondelete="RESTRICT"))
    sequence: Mapped[int] = mapped_column(Integer)
    kind: Mapped[ClockEventKind]
    occurred_at: Mapped[datetime]
    from_at: Mapped[datetime | None]
    limit_quantity: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))
    limit_unit: Mapped[LimitUnit | None]
    consumed_microseconds: Mapped[Fraction] = mapped_column(Exact)
    due_before_at: Mapped[datetime | None]
    due_after_at: Mapped[datetime | None]
    statutory_due_at: Mapped[datetime | None]
    cause: Mapped[EventKind | None]
    reason: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    late_entry_id: Mapped[int | None] = mapped_column(ForeignKey("late_entry.id", ondelete="RESTRICT"), index=True)


append_only(ClockEvent)
