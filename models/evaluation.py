"""Asks and ratings: one single-use ask per visit and public servant, and what the citizen answered, as events.

None of these has a generated screen: nobody edits them, and ``services/review.py`` is the only road to read them.
Ratings and their events are append-only; ``RatingStanding`` is what they come to and can be rebuilt from them.
What can be rebuilt, and what citizens wrote, stays out of the audit trail: the events are the trail.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Choice, Key, _
from models.ddl import append_only
from models.organisation import Counter, Department
from models.rating_scale import Polarity, RatingLevel, RatingScale
from models.staff import Staff


class AskState(Choice):
    """Where an ask stands; only RATED, EXPIRED and VOIDED end it, the others leave the slip's QR code open."""

    ISSUED = "ISSUED", _("Issued")
    SHOWN = "SHOWN", _("Shown")
    TOUCHED = "TOUCHED", _("Touched")
    RATED = "RATED", _("Rated")
    DECLINED = "DECLINED", _("Declined")
    TIMED_OUT = "TIMED_OUT", _("Timed out")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    EXPIRED = "EXPIRED", _("Expired")
    VOIDED = "VOIDED", _("Voided")


SHOWING = (AskState.ISSUED, AskState.SHOWN, AskState.TOUCHED)
ENDED = (AskState.RATED, AskState.EXPIRED, AskState.VOIDED)


class Surface(Choice):
    """Where something was done to an ask."""

    SERVER = "SERVER", _("The centre's program")
    TABLET = "TABLET", _("Tablet at the counter")
    PHONE = "PHONE", _("Own phone")


class Ask(Base):
    """The single-use question about one servant's dealings in one visit; its token is random and carries nothing.

    ``visit_id`` and ``staff_id`` are NULL only for an ask opened by an offline tablet that could not be bound.
    ``shown_at`` is when a tablet showed it first, ``showing_at`` when the showing that still lasts began;
    ``withdraw_at`` is when that ends because the next citizen was called; ``showing_end`` is how the last one ended.
    """

    __tablename__ = "ask"
    __audited__: ClassVar = False
    __table_args__ = (
        UniqueConstraint("visit_id", "staff_id"),
        Index("ix_ask_counter_id_state", "counter_id", "state", "issued_at"),
        Index("ix_ask_staff_id_local_date", "staff_id", "local_date"),
        Index("ix_ask_department_id_local_date", "department_id", "local_date"),
        Index("ix_ask_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="RESTRICT"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    staff: Mapped[Staff | None] = relationship()
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"))
    counter: Mapped[Counter] = relationship()
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship()
    local_date: Mapped[date] = mapped_column(index=True)
    is_training: Mapped[bool] = mapped_column(default=False)
    state: Mapped[AskState] = mapped_column(default=AskState.ISSUED)
    state_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    showing_at: Mapped[datetime | None]
    withdraw_at: Mapped[datetime | None]
    showing_end: Mapped[AskState | None] = mapped_column(
        Enum(
            AskState,
            name="showing_end",
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda states: [state.value for state in states],
        )
    )
    expires_at: Mapped[datetime]
    transactions: Mapped[list["AskTransaction"]] = relationship(back_populates="ask")


class AskTransaction(Base):
    """Which dealings an ask is about; a dealing belongs to one ask at most."""

    __tablename__ = "ask_transaction"

    transaction_id: Mapped[int] = mapped_column(
        ForeignKey("visit_transaction.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="RESTRICT"), index=True)
    ask: Mapped[Ask] = relationship(back_populates="transactions")


append_only(AskTransaction)


class AskEvent(Base):
    """One step in the life of an ask, with its time: together they are the coverage figures."""

    __tablename__ = "ask_event"
    __table_args__ = (Index("ix_ask_event_ask_id", "ask_id", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="RESTRICT"))
    state: Mapped[AskState]
    occurred_at: Mapped[datetime]
    surface: Mapped[Surface]
    tablet_id: Mapped[int | None] = mapped_column(ForeignKey("tablet.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[str] = mapped_column(String(40), default="")


append_only(AskEvent)


class Rating(Base):
    """The one answer to an ask, as it began: which version was shown, in which order, on what.

    ``key`` is made by the device or phone that answers; only who knows it can add to the rating.
    """

    __tablename__ = "rating"
    __table_args__ = (
        Index("ix_rating_staff_id_local_date", "staff_id", "local_date"),
        Index("ix_rating_department_id_local_date", "department_id", "local_date"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="RESTRICT"), unique=True)
    ask: Mapped[Ask] = relationship()
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    local_date: Mapped[date]
    is_training: Mapped[bool] = mapped_column(default=False)
    scale_id: Mapped[int] = mapped_column(ForeignKey("rating_scale.id", ondelete="RESTRICT"), index=True)
    scale: Mapped[RatingScale] = relationship()
    level_order: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(5), default="vi")
    surface: Mapped[Surface]
    tablet_id: Mapped[int | None] = mapped_column(ForeignKey("tablet.id", ondelete="RESTRICT"), index=True)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    events: Mapped[list["RatingEvent"]] = relationship(back_populates="rating", order_by="RatingEvent.sequence")
    standing: Mapped["RatingStanding"] = relationship(back_populates="rating")


append_only(Rating)


class RatingEventKind(Choice):
    """What the citizen did."""

    SCORE = "SCORE", _("Tapped a face")
    WITHDRAW = "WITHDRAW", _("Took it back")
    REASONS = "REASONS", _("Chose reasons")
    TEXT = "TEXT", _("Wrote a comment")
    CONTACT = "CONTACT", _("Asked to be contacted")


class RatingEvent(Base):
    """One thing the citizen did to a rating. ``key`` makes it happen once, whatever the network does.

    ``occurred_at`` is the device's time, ``sequence`` its running number; ``body_hash`` tells a repeated request
    from a different one, and commits to a text that stands, erasable, in ``RatingText``.
    """

    __tablename__ = "rating_event"
    __table_args__ = (
        CheckConstraint("(kind = 'SCORE') = (level_id IS NOT NULL)", name="level_iff_score"),
        UniqueConstraint("rating_id", "sequence"),
    )

    id: Mapped[Key]
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="RESTRICT"))
    rating: Mapped[Rating] = relationship(back_populates="events")
    key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[RatingEventKind]
    sequence: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    level_id: Mapped[int | None] = mapped_column(ForeignKey("rating_level.id", ondelete="RESTRICT"), index=True)
    level: Mapped[RatingLevel | None] = relationship()
    reason_ids: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    body_hash: Mapped[str] = mapped_column(String(64))


append_only(RatingEvent)


class RatingText(Base):
    """What a citizen wrote, beside its event: may be erased for privacy, the event's hash stays."""

    __tablename__ = "rating_text"
    __audited__: ClassVar = False

    event_id: Mapped[int] = mapped_column(
        ForeignKey("rating_event.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="RESTRICT"), index=True)
    salt: Mapped[str] = mapped_column(String(32))
    body: Mapped[str | None]


class RatingStanding(Base):
    """What a rating comes to: the effective level after corrections; NULL where it was taken back.

    A projection of the events (``services.ratings.standing_of`` rebuilds it) with what the figures group by.
    """

    __tablename__ = "rating_standing"
    __audited__: ClassVar = False
    __table_args__ = (
        Index("ix_rating_standing_staff_id_local_date", "staff_id", "local_date"),
        Index("ix_rating_standing_department_id_local_date", "department_id", "local_date"),
    )

    rating_id: Mapped[int] = mapped_column(
        ForeignKey("rating.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    rating: Mapped[Rating] = relationship(back_populates="standing")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    local_date: Mapped[date] = mapped_column(index=True)
    is_training: Mapped[bool]
    scale_id: Mapped[int] = mapped_column(ForeignKey("rating_scale.id", ondelete="RESTRICT"), index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey("rating_level.id", ondelete="RESTRICT"), index=True)
    value: Mapped[int | None]
    polarity: Mapped[Polarity | None]
    has_text: Mapped[bool] = mapped_column(default=False)


class RatingReasonChoice(Base):
    """A reason that stands on a rating: the citizen's last choice of reasons."""

    __tablename__ = "rating_reason_choice"
    __audited__: ClassVar = False

    rating_id: Mapped[int] = mapped_column(
        ForeignKey("rating_standing.rating_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reason_id: Mapped[int] = mapped_column(
        ForeignKey("rating_reason.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False, index=True
    )
