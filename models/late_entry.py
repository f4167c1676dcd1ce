"""What happened while the line was down, entered afterwards with its true time and confirmed by a second person."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.actor import ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.dossier import Dossier
from models.emergency import EmergencyReceipt
from models.organisation import BY_DEPARTMENT, Counter, Department


class LateKind(Choice):
    """What happened."""

    INTAKE = "INTAKE", _("Dossier received")
    SUPPLEMENT = "SUPPLEMENT", _("Supplement received")
    RETURN = "RETURN", _("Result returned")


class LateState(Choice):
    """How far a late entry is; only a confirmed one has any effect."""

    DRAFT = "DRAFT", _("Being entered")
    PENDING = "PENDING", _("Waits for a second person")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    REFUSED = "REFUSED", _("Refused")

    @property
    def tone(self) -> str:
        return {"PENDING": "warning", "CONFIRMED": "success", "REFUSED": "danger"}.get(self.value, "")


class LateEntry(Versioned, Base):
    """One thing entered late. Nothing else may write a time that has passed."""

    __tablename__ = "late_entry"
    __table_args__ = (
        Index("ix_late_entry_department_id_id", "department_id", "id"),
        Index(
            "uq_late_entry_receipt",
            "receipt_id",
            unique=True,
            sqlite_where=text("state <> 'REFUSED'"),
            postgresql_where=text("state <> 'REFUSED'"),
        ),
        CheckConstraint("happened_at <= entered_at", name="happened_before_entered"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> entered_by_id", name="second_person"),
        CheckConstraint("state <> 'CONFIRMED' OR decided_by_id IS NOT NULL", name="confirmed_by_somebody"),
        CheckConstraint("state <> 'CONFIRMED' OR dossier_id IS NOT NULL", name="confirmed_with_dossier"),
    )
    __screen__: ClassVar = Screen(
        title=_("Late entries"),
        singular=_("Late entry"),
        group=_("Dossiers"),
        icon="clock-history",
        help=_("What happened while the line was down. A second person confirms each entry with their own sign-in."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee confirm_late"),
            "AUDITOR": grant("oversee"),
            "SUPERVISOR": grant("read"),
            "DEPARTMENT_HEAD": grant("oversee enter_late confirm_late", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read enter_late", ScopeLevel.DEPARTMENT),
        },
        scopes=BY_DEPARTMENT,
        quick=(
            QuickView(
                name="to_confirm",
                label=_("To be confirmed"),
                where=lambda m, a, at: (m.state == LateState.PENDING) & (m.entered_by_id != a.user_id),
            ),
            QuickView(name="pending", label=_("Pending"), where=lambda m, a, at: m.state == LateState.PENDING),
        ),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[LateKind] = mapped_column(info=ui(_("What happened"), list=1, filter=True, read_only=True))
    state: Mapped[LateState] = mapped_column(
        default=LateState.DRAFT, info=ui(_("State"), list=2, filter=True, read_only=True)
    )
    happened_at: Mapped[datetime] = mapped_column(info=ui(_("True time"), list=3, read_only=True))
    reason: Mapped[str] = mapped_column(info=ui(_("Why late"), list=4, read_only=True))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("emergency_receipt.id", ondelete="RESTRICT"))
    receipt: Mapped[EmergencyReceipt | None] = relationship(info=ui(_("Emergency receipt"), list=5, read_only=True))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier | None] = relationship(
        back_populates="late_entries", info=ui(_("Dossier"), list=6, filter=True, read_only=True)
    )
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter] = relationship(info=ui(_("Counter"), filter=True, read_only=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True, read_only=True))
    entered_at: Mapped[datetime] = mapped_column(info=ui(_("Entered"), list=7, read_only=True))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    entered_by: Mapped[User | None] = relationship(
        foreign_keys=entered_by_id, info=ui(_("Entered by"), list=8, read_only=True)
    )
    decided_at: Mapped[datetime | None] = mapped_column(info=ui(_("Decided"), list=9, read_only=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    decided_by: Mapped[User | None] = relationship(
        foreign_keys=decided_by_id, info=ui(_("Second person"), list=10, read_only=True)
    )
    decision_note: Mapped[str | None] = mapped_column(
        info=ui(_("Why it was refused"), depends_on="decision_note", read_only=True)
    )

    def __str__(self) -> str:
        return f"{self.kind.value} {self.happened_at:%Y-%m-%d %H:%M}"


class LateContent(Base):
    """What was typed for a late entry; it goes once the entry is decided, because the dossier has it then."""

    __tablename__ = "late_content"
    __audited__: ClassVar = False

    entry_id: Mapped[int] = mapped_column(ForeignKey("late_entry.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[dict[str, Any]]
