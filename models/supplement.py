"""What interrupts or lengthens a dossier's time: requests for more papers, and extensions with their apologies."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key
from models.dossier import Dossier
from models.staff import Staff


class Supplement(Base):
    """One request for more papers; the n-th of its dossier is number n.

    ``is_beyond`` marks one more than the rules allow, with its ``ground``; ``is_late`` one asked after the days that
    the rules give. ``answered_at`` stays empty where the papers never came.
    """

    __tablename__ = "supplement"
    __table_args__ = (
        UniqueConstraint("dossier_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("NOT is_beyond OR ground IS NOT NULL", name="beyond_with_ground"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"))
    dossier: Mapped[Dossier] = relationship()
    number: Mapped[int]
    missing: Mapped[str]
    ground: Mapped[str | None]
    is_beyond: Mapped[bool] = mapped_column(default=False)
    is_late: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    asked_by: Mapped[Staff | None] = relationship()
    answer_by_date: Mapped[date | None]
    answered_at: Mapped[datetime | None]


class Apology(Base):
    """The apology for a result that will come later, and the new appointment: one extension of a dossier.

    Lateness stays judged on ``statutory_due_at``. Source: form 04 of both circulars, domain.md 2.4.
    """

    __tablename__ = "apology"
    __table_args__ = (
        UniqueConstraint("dossier_id", "number"),
        CheckConstraint("due_after_at > due_before_at", name="extends"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"))
    dossier: Mapped[Dossier] = relationship()
    number: Mapped[int]
    reason: Mapped[str]
    due_before_at: Mapped[datetime]
    due_after_at: Mapped[datetime]
    statutory_due_at: Mapped[datetime]
    signed_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    signed_by: Mapped[Staff | None] = relationship()
