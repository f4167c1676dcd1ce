"""Figures as they were signed: frozen for good, and the monthly letter that is written around them."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Key, Screen, Versioned, _, grant, ui
from models.ddl import append_only
from models.report_period import ReportPeriod


class FrozenFigures(Base):
    """The figures of a period as known at one instant; a correction is a further version, nothing is taken back.

    ``figures`` holds counts only: {"settlement" | "form_06a" | "service": {dimension: {"total", "rows"}},
    "waiting": …, "steps": […]} (``services.freezing``).
    """

    __tablename__ = "frozen_figures"
    __table_args__ = (
        UniqueConstraint("period_id", "version"),
        Index("ix_frozen_figures_frozen_at_id", "frozen_at", "id"),
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("version = 1 OR reason IS NOT NULL", name="corrected_with_reason"),
    )
    __screen__: ClassVar = Screen(
        title=_("Frozen figures"),
        singular=_("Frozen figures of a period"),
        group=_("Figures"),
        icon="file-earmark-lock",
        help=_("Figures appear here when those of a reporting period are frozen, from its own page."),
        order="-frozen_at",
        grants={"DIRECTOR": grant("oversee"), "SUPERVISOR": grant("read export"), "AUDITOR": grant("oversee")},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    period_id: Mapped[int] = mapped_column(ForeignKey("report_period.id", ondelete="RESTRICT"), index=True)
    period: Mapped[ReportPeriod] = relationship(info=ui(_("Period"), list=1, filter=True, read_only=True))
    version: Mapped[int] = mapped_column(info=ui(_("Version"), list=2, read_only=True))
    since_date: Mapped[date] = mapped_column(info=ui(_("From"), list=3, read_only=True))
    until_date: Mapped[date] = mapped_column(info=ui(_("To"), list=4, read_only=True))
    as_of: Mapped[datetime] = mapped_column(info=ui(_("As of"), read_only=True))
    known_at: Mapped[datetime] = mapped_column(info=ui(_("As known at"), read_only=True))
    frozen_at: Mapped[datetime] = mapped_column(info=ui(_("Frozen"), list=5, filter=True, read_only=True))
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    frozen_by: Mapped[User | None] = relationship(info=ui(_("By"), list=6, read_only=True))
    reason: Mapped[str | None] = mapped_column(info=ui(_("Reason of the correction"), list=7, read_only=True))
    figures: Mapped[dict[str, Any]] = mapped_column(deferred=True)

    def __str__(self) -> str:
        return f"{self.period} · v{self.version}"


append_only(FrozenFigures)


class ReportLetter(Versioned, Base):
    """The letter of a period: one, however often it is corrected; what it says stands in its versions."""

    __tablename__ = "report_letter"
    __table_args__ = (Index("ix_report_letter_begun_at_id", "begun_at", "id"),)
    __screen__: ClassVar = Screen(
        title=_("Letters"),
        singular=_("Letter"),
        group=_("Figures"),
        icon="envelope",
        help=_("A letter is begun from the frozen figures of its period."),
        order="-begun_at",
        grants={"DIRECTOR": grant("oversee write"), "SUPERVISOR": grant("read write"), "AUDITOR": grant("oversee")},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    period_id: Mapped[int] = mapped_column(ForeignKey("report_period.id", ondelete="RESTRICT"), unique=True)
    period: Mapped[ReportPeriod] = relationship(info=ui(_("Period"), list=1, filter=True, read_only=True))
    begun_at: Mapped[datetime] = mapped_column(info=ui(_("Begun"), list=2, read_only=True))
    last_number: Mapped[int] = mapped_column(default=0, info=ui(_("Last version"), list=3, read_only=True))

    def __str__(self) -> str:
        return str(self.period)


class LetterVersion(Base):
    """What a letter said when it was saved: texts of people around the figures of one freeze."""

    __tablename__ = "letter_version"
    __table_args__ = (
        UniqueConstraint("letter_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(ForeignKey("report_letter.id", ondelete="RESTRICT"))
    letter: Mapped[ReportLetter] = relationship()
    number: Mapped[int]
    frozen_id: Mapped[int] = mapped_column(ForeignKey("frozen_figures.id", ondelete="RESTRICT"), index=True)
    frozen: Mapped[FrozenFigures] = relationship()
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    saved_by: Mapped[User | None] = relationship()
    document_number: Mapped[str] = mapped_column(String(60), default="")
    letter_date: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(100), default="")
    authority: Mapped[str] = mapped_column(String(300), default="")
    agency: Mapped[str] = mapped_column(String(300), default="")
    recipients: Mapped[str] = mapped_column(default="")
    opening: Mapped[str] = mapped_column(default="")
    assessment: Mapped[str] = mapped_column(default="")
    difficulties: Mapped[str] = mapped_column(default="")
    plans: Mapped[str] = mapped_column(default="")
    copies: Mapped[str] = mapped_column(default="")
    signer_title: Mapped[str] = mapped_column(String(200), default="")
    signer_name: Mapped[str] = mapped_column(String(120), default="")

    def __str__(self) -> str:
        return f"{self.letter} · v{self.number}"


append_only(LetterVersion)
