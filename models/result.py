"""What was decided on a dossier, and how the decision reached the applicant."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, _, ui
from models.dossier import Dossier
from models.staff import Staff
from models.states import ResultKind, ReturnMethod


class Result(Base):
    """A decision on a dossier; a reopened dossier gets another row, the earlier one is marked as replaced."""

    __tablename__ = "result"

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(back_populates="results")
    kind: Mapped[ResultKind] = mapped_column(info=ui(_("Outcome"), list=1))
    document_number: Mapped[str | None] = mapped_column(String(100), info=ui(_("Document number"), list=2))
    document_date: Mapped[date | None] = mapped_column(info=ui(_("Document date"), list=3))
    reason: Mapped[str | None] = mapped_column(info=ui(_("Reason"), list=4))
    decided_at: Mapped[datetime] = mapped_column(info=ui(_("Decided"), list=5))
    recorded_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("By"), list=6))
    replaced_at: Mapped[datetime | None] = mapped_column(info=ui(_("Replaced"), list=7))
    returns: Mapped[list["Return"]] = relationship(back_populates="result", order_by="Return.handed_at")

    def __str__(self) -> str:
        return self.document_number or self.kind.value


class Return(Base):
    """One attempt to hand a result over: to a person, to the post, or electronically."""

    __tablename__ = "result_return"
    __table_args__ = (CheckConstraint("delivered_at IS NULL OR failed_at IS NULL", name="delivered_or_failed"),)

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id", ondelete="RESTRICT"), index=True)
    result: Mapped[Result] = relationship(back_populates="returns")
    method: Mapped[ReturnMethod]
    handed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    waybill: Mapped[str | None] = mapped_column(String(60), index=True)
    collected_by_name: Mapped[str | None] = mapped_column(String(300))
    collected_by_id_number: Mapped[str | None] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship()
