"""Lists with which papers go from one department to another: numbered, printed, scanned at both ends."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.dossier import Dossier
from models.organisation import Department
from models.staff import Staff


class HandoverState(Choice):
    """How far the papers of a list are."""

    OPEN = "OPEN", _("Being made")
    SENT = "SENT", _("On the way")
    RECEIVED = "RECEIVED", _("Taken over")

    @property
    def tone(self) -> str:
        return {"OPEN": "warning", "SENT": "info", "RECEIVED": "success"}.get(self.value, "")


def _within(department_ids: Any) -> Any:
    return lambda m, a: or_(m.from_department_id.in_(department_ids(a)), m.to_department_id.in_(department_ids(a)))


class HandoverList(Versioned, Base):
    """One journey of papers from a department to another; the number is gapless per sender and day."""

    __tablename__ = "handover_list"
    __table_args__ = (
        Index("ix_handover_list_from", "from_department_id", "state"),
        Index("ix_handover_list_to", "to_department_id", "state"),
    )
    __screen__: ClassVar = Screen(
        title=_("Hand-over lists"),
        singular=_("Hand-over list"),
        group=_("Work"),
        icon="clipboard-check",
        help=_("Papers that go from one department to another, scanned when they leave and when they arrive."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee"),
            "AUDITOR": grant("oversee"),
            "DEPARTMENT_HEAD": grant("oversee carry", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read carry", ScopeLevel.DEPARTMENT),
            "PROCESSING_OFFICER": grant("read carry", ScopeLevel.DEPARTMENT),
        },
        scopes={
            ScopeLevel.DEPARTMENT: _within(lambda a: a.department_ids),
            ScopeLevel.TREE: _within(lambda a: a.tree_ids | a.department_ids),
        },
        quick=(
            QuickView(
                name="coming",
                label=_("On the way to us"),
                where=lambda m, a, at: (
                    (m.state == HandoverState.SENT) & m.to_department_id.in_(a.tree_ids | a.department_ids)
                ),
            ),
            QuickView(name="made", label=_("Being made"), where=lambda m, a, at: m.state == HandoverState.OPEN),
            QuickView(name="missing", label=_("With missing papers"), where=lambda m, a, at: m.missing_count > 0),
        ),
        children=("items",),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60), unique=True, info=ui(_("Number"), list=1, format="code"))
    state: Mapped[HandoverState] = mapped_column(default=HandoverState.OPEN, info=ui(_("State"), list=2, filter=True))
    from_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    from_department: Mapped[Department] = relationship(foreign_keys=from_department_id, info=ui(_("Sent by"), list=3))
    to_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    to_department: Mapped[Department] = relationship(foreign_keys=to_department_id, info=ui(_("Sent to"), list=4))
    item_count: Mapped[int] = mapped_column(default=0, info=ui(_("Dossiers"), list=5))
    missing_count: Mapped[int] = mapped_column(default=0, info=ui(_("Missing dossiers"), list=6))
    made_at: Mapped[datetime] = mapped_column(info=ui(_("Made")))
    sent_at: Mapped[datetime | None] = mapped_column(info=ui(_("Sent"), list=7))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    sent_by: Mapped[Staff | None] = relationship(foreign_keys=sent_by_id, info=ui(_("Handed over by")))
    received_at: Mapped[datetime | None] = mapped_column(info=ui(_("Taken over at"), list=8))
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    received_by: Mapped[Staff | None] = relationship(foreign_keys=received_by_id, info=ui(_("Taken over by")))
    items: Mapped[list["HandoverItem"]] = relationship(
        back_populates="handover", order_by="HandoverItem.position", info=ui(_("Dossiers"), form=False)
    )

    def __str__(self) -> str:
        return self.number


class HandoverItem(Base):
    """One dossier's papers on a list; ``remark`` says what was missing when they arrived."""

    __tablename__ = "handover_item"
    __table_args__ = (UniqueConstraint("handover_id", "dossier_id"),)

    id: Mapped[Key]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover_list.id", ondelete="RESTRICT"))
    handover: Mapped[HandoverList] = relationship(back_populates="items")
    position: Mapped[int] = mapped_column(info=ui(_("No."), list=1))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(info=ui(_("Dossier"), list=2))
    paper_count: Mapped[int] = mapped_column(default=0, info=ui(_("Papers"), list=3))
    added_at: Mapped[datetime] = mapped_column(info=ui(_("Scanned out"), list=4))
    received_at: Mapped[datetime | None] = mapped_column(info=ui(_("Scanned in"), list=5))
    remark: Mapped[str | None] = mapped_column(info=ui(_("Missing papers"), list=6))

    def __str__(self) -> str:
        return f"{self.position}. {self.dossier}"
