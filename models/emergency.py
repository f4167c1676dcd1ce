"""Receipts for when the line is down: booklets of numbered papers, prepared beforehand and filled in by hand."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.organisation import BY_DEPARTMENT, Counter, Department, Site
from models.staff import Staff


class EmergencyState(Choice):
    """What became of one numbered paper."""

    ISSUED = "ISSUED", _("At the counter, not used")
    ENTERED = "ENTERED", _("Entered, waits for confirmation")
    USED = "USED", _("Used")
    VOID = "VOID", _("Void")

    @property
    def tone(self) -> str:
        return {"ENTERED": "warning", "USED": "success", "VOID": "danger"}.get(self.value, "")


class EmergencyBooklet(Versioned, Base):
    """Receipts with consecutive numbers, printed for one counter; how many are left is always known."""

    __tablename__ = "emergency_booklet"
    __table_args__ = (
        Index("ix_emergency_booklet_department_id_id", "department_id", "id"),
        CheckConstraint("left_count >= 0 AND used_count >= 0 AND void_count >= 0", name="counts_not_negative"),
        CheckConstraint("left_count + used_count + void_count = receipt_count", name="counts_add_up"),
    )
    __screen__: ClassVar = Screen(
        title=_("Emergency receipts"),
        singular=_("Booklet of emergency receipts"),
        group=_("Dossiers"),
        icon="lightning",
        help=_("Numbered receipts on paper for when the line is down. Each is entered later or made void."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee"),
            "AUDITOR": grant("oversee"),
            "SUPERVISOR": grant("read"),
            "DEPARTMENT_HEAD": grant("oversee prepare", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read prepare", ScopeLevel.DEPARTMENT),
        },
        scopes=BY_DEPARTMENT,
        quick=(QuickView(name="left", label=_("With papers left"), where=lambda m, a, at: m.left_count > 0),),
        children=("receipts",),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(
        String(60), unique=True, info=ui(_("First number"), list=1, format="code", read_only=True)
    )
    last_number: Mapped[str] = mapped_column(
        String(60), info=ui(_("Last number"), list=2, format="code", read_only=True)
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(info=ui(_("Site"), filter=True, read_only=True))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter] = relationship(info=ui(_("Counter"), list=3, filter=True, read_only=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True, read_only=True))
    receipt_count: Mapped[int] = mapped_column(info=ui(_("Issued"), list=4, read_only=True))
    left_count: Mapped[int] = mapped_column(info=ui(_("Left"), list=5, read_only=True))
    used_count: Mapped[int] = mapped_column(
        default=0, info=ui(_("Used"), list=6, read_only=True, help=_("Entered late, confirmed or not yet."))
    )
    void_count: Mapped[int] = mapped_column(default=0, info=ui(_("Void"), list=7, read_only=True))
    made_at: Mapped[datetime] = mapped_column(info=ui(_("Made"), list=8, read_only=True))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    made_by: Mapped[Staff | None] = relationship(info=ui(_("By"), read_only=True))
    receipts: Mapped[list["EmergencyReceipt"]] = relationship(
        back_populates="booklet", order_by="EmergencyReceipt.position", info=ui(_("Receipts"), form=False)
    )

    def __str__(self) -> str:
        return f"{self.number} – {self.last_number}"


class EmergencyReceipt(Base):
    """One numbered paper of a booklet."""

    __tablename__ = "emergency_receipt"
    __table_args__ = (
        UniqueConstraint("booklet_id", "position"),
        CheckConstraint("state <> 'VOID' OR void_reason IS NOT NULL", name="void_with_reason"),
    )

    id: Mapped[Key]
    booklet_id: Mapped[int] = mapped_column(ForeignKey("emergency_booklet.id", ondelete="RESTRICT"))
    booklet: Mapped[EmergencyBooklet] = relationship(back_populates="receipts")
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(60), unique=True, info=ui(_("Number"), list=1, format="code"))
    state: Mapped[EmergencyState] = mapped_column(
        default=EmergencyState.ISSUED, info=ui(_("State"), list=2, filter=True)
    )
    settled_at: Mapped[datetime | None] = mapped_column(info=ui(_("When"), list=3))
    void_reason: Mapped[str | None] = mapped_column(info=ui(_("Why void"), list=4))

    def __str__(self) -> str:
        return self.number
