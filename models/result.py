"""What was decided on a dossier, and how the decision reached the applicant."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, _, ui
from models.collection import Collection
from models.dossier import Dossier
from models.postal_list import PostagePayer
from models.staff import Staff
from models.states import ResultKind, ReturnMethod


class Result(Base):
    """A decision on a dossier; a reopened dossier gets another row, the earlier one is marked as replaced.

    One that had been handed over is taken back when the new one is, or it is said why not.
    """

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
    taken_back_at: Mapped[datetime | None] = mapped_column(info=ui(_("Taken back"), list=8))
    not_back_reason: Mapped[str | None] = mapped_column(info=ui(_("Why it was not taken back"), list=9))
    returns: Mapped[list["Return"]] = relationship(back_populates="result", order_by="Return.handed_at")

    def __str__(self) -> str:
        return self.document_number or self.kind.value


class Return(Base):
    """One attempt to hand a result over: to a person, to the post, or electronically."""

    __tablename__ = "result_return"
    __table_args__ = (
        CheckConstraint("delivered_at IS NULL OR failed_at IS NULL", name="delivered_or_failed"),
        CheckConstraint("(method = 'COUNTER') = (collection_id IS NOT NULL)", name="counter_with_collection"),
        CheckConstraint("method <> 'POST' OR waybill IS NOT NULL", name="post_with_waybill"),
    )

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id", ondelete="RESTRICT"), index=True)
    result: Mapped[Result] = relationship(back_populates="returns")
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(back_populates="returns", info=ui(_("Dossier"), list=1))
    handed_at: Mapped[datetime] = mapped_column(info=ui(_("Handed over"), list=2))
    method: Mapped[ReturnMethod] = mapped_column(info=ui(_("How"), list=3))
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("result_collection.id", ondelete="RESTRICT"), index=True
    )
    collection: Mapped[Collection | None] = relationship(back_populates="returns", info=ui(_("Collected by"), list=4))
    carrier: Mapped[str | None] = mapped_column(String(200), info=ui(_("Carrier")))
    waybill: Mapped[str | None] = mapped_column(String(60), index=True, info=ui(_("Waybill"), list=5, format="code"))
    postage_amount: Mapped[int] = mapped_column(default=0, info=ui(_("Postage"), list=6, format="money"))
    postage_payer: Mapped[PostagePayer | None] = mapped_column(info=ui(_("Postage paid by"), list=7))
    delivered_at: Mapped[datetime | None] = mapped_column(info=ui(_("Delivered"), list=8))
    failed_at: Mapped[datetime | None] = mapped_column(info=ui(_("Not delivered"), list=9))
    recorded_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("By"), list=10))

    def __str__(self) -> str:
        return self.waybill or f"{self.method.value} {self.handed_at:%Y-%m-%d}"
