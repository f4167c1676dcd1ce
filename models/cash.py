"""Money taken at a counter: what a dossier is charged, receipts without a gap, voids, and the closing of a day."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import Actor, ScopeLevel
from models.base import Base, Choice, Key, Screen, _, grant, ui
from models.ddl import append_only, searchable
from models.dossier import Dossier
from models.organisation import BY_DEPARTMENT, Counter, Department, Site
from models.procedure_terms import FeeKind
from models.search import Searchable
from models.staff import Staff


class CashKind(Choice):
    """A receipt, or the row that takes one back; neither ever changes."""

    RECEIPT = "RECEIPT", _("Money receipt")
    VOID = "VOID", _("Voided receipt")

    @property
    def tone(self) -> str:
        return "danger" if self is CashKind.VOID else ""


class PaymentMethod(Choice):
    """How the money came; only what came in cash has to be in the drawer."""

    CASH = "CASH", _("In cash")
    TRANSFER = "TRANSFER", _("By transfer or card")


class DossierFee(Base):
    """One charge of a dossier as it was fixed at intake; ``amount_vnd`` is that of all of ``quantity``."""

    __tablename__ = "dossier_fee"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount_vnd >= 0", name="amount_not_negative"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship()
    fee_rule_id: Mapped[int | None] = mapped_column(ForeignKey("fee_rule.id", ondelete="RESTRICT"), index=True)
    position: Mapped[int]
    kind: Mapped[FeeKind]
    description: Mapped[str | None]
    quantity: Mapped[int] = mapped_column(default=1)
    amount_vnd: Mapped[int]

    def __str__(self) -> str:
        return self.description or self.kind.value


def _own(model: Any, actor: Actor) -> Any:
    return model.staff_id == actor.served_staff_id if actor.served_staff_id else false()


_SCOPES: dict[ScopeLevel, Any] = {ScopeLevel.OWN: _own, **BY_DEPARTMENT}


class CashReceipt(Searchable, Base):
    """One receipt for money, numbered without a gap per site and year; or its void, with the amount negative.

    The sum of ``amount_vnd`` is what was taken. A void carries the number of the receipt it takes back.
    """

    __tablename__ = "cash_receipt"
    __table_args__ = (
        UniqueConstraint("site_id", "year", "is_training", "number", "kind"),
        CheckConstraint(
            "(kind = 'RECEIPT' AND amount_vnd > 0 AND voided_id IS NULL) "
            "OR (kind = 'VOID' AND amount_vnd < 0 AND voided_id IS NOT NULL AND reason IS NOT NULL)",
            name="receipt_or_void",
        ),
        Index("ix_cash_receipt_day", "staff_id", "local_date"),
        Index("ix_cash_receipt_received_at_id", "received_at", "id"),
    )
    __screen__: ClassVar = Screen(
        title=_("Cash receipts"),
        singular=_("Cash receipt"),
        group=_("Dossiers"),
        icon="receipt",
        help=_("Receipts appear here when money is taken at a counter."),
        order="-received_at",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee void"),
            "DEPARTMENT_HEAD": grant("oversee void", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read export receive void", ScopeLevel.OWN),
            "AUDITOR": grant("oversee"),
        },
        scopes=_SCOPES,
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    code: Mapped[str] = mapped_column(
        String(60), index=True, info=ui(_("Number"), list=1, search=True, read_only=True, format="code")
    )
    kind: Mapped[CashKind] = mapped_column(info=ui(_("Kind"), list=2, filter=True, read_only=True))
    amount_vnd: Mapped[int] = mapped_column(info=ui(_("Amount"), list=3, filter=True, read_only=True, format="money"))
    method: Mapped[PaymentMethod] = mapped_column(info=ui(_("How it came"), list=4, filter=True, read_only=True))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(info=ui(_("Dossier"), list=5, read_only=True))
    payer_name: Mapped[str] = mapped_column(
        String(300), info=ui(_("Paid by"), list=6, search=True, read_only=True, personal=True)
    )
    received_at: Mapped[datetime] = mapped_column(info=ui(_("When"), list=7, filter=True, read_only=True))
    local_date: Mapped[date] = mapped_column(info=ui(_("Day"), filter=True, read_only=True))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    staff: Mapped[Staff] = relationship(info=ui(_("By"), list=8, filter=True, read_only=True))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter] = relationship(info=ui(_("Counter"), filter=True, read_only=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True, read_only=True))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    site: Mapped[Site] = relationship(info=ui(_("Site"), filter=True, read_only=True))
    year: Mapped[int]
    number: Mapped[int]
    lines: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """What was charged: ``[{"kind": "FEE", "description": "…", "quantity": 1, "amount_vnd": 135000}]``."""
    voided_id: Mapped[int | None] = mapped_column(ForeignKey("cash_receipt.id", ondelete="RESTRICT"), unique=True)
    voided: Mapped["CashReceipt | None"] = relationship(
        remote_side="CashReceipt.id", info=ui(_("Takes back"), read_only=True)
    )
    reason: Mapped[str | None] = mapped_column(info=ui(_("Reason"), read_only=True))
    is_training: Mapped[bool] = mapped_column(default=False, info=ui(_("Training"), filter=True, read_only=True))

    def __str__(self) -> str:
        return self.code


searchable(CashReceipt)
append_only(CashReceipt)


class CashClosing(Base):
    """The end of somebody's day at the till: what the receipts say, what was counted, and why they differ."""

    __tablename__ = "cash_closing"
    __table_args__ = (
        UniqueConstraint("staff_id", "local_date", "is_training"),
        CheckConstraint("counted_vnd = cash_vnd + difference_vnd", name="difference_adds_up"),
        CheckConstraint("difference_vnd = 0 OR note IS NOT NULL", name="difference_explained"),
        Index("ix_cash_closing_closed_at_id", "closed_at", "id"),
    )
    __screen__: ClassVar = Screen(
        title=_("Cash closings"),
        singular=_("Cash closing"),
        group=_("Dossiers"),
        icon="wallet",
        help=_("Closings appear here when clerks close their day at the till."),
        order="-closed_at",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee"),
            "DEPARTMENT_HEAD": grant("oversee", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read close", ScopeLevel.OWN),
            "AUDITOR": grant("oversee"),
        },
        scopes=_SCOPES,
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    local_date: Mapped[date] = mapped_column(info=ui(_("Day"), list=1, filter=True, read_only=True))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    staff: Mapped[Staff] = relationship(info=ui(_("By"), list=2, filter=True, read_only=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True, read_only=True))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(info=ui(_("Site"), filter=True, read_only=True))
    receipt_count: Mapped[int] = mapped_column(info=ui(_("Money receipts"), list=3, read_only=True))
    void_count: Mapped[int] = mapped_column(info=ui(_("Voids"), list=4, read_only=True))
    cash_vnd: Mapped[int] = mapped_column(info=ui(_("In cash"), list=5, read_only=True, format="money"))
    transfer_vnd: Mapped[int] = mapped_column(info=ui(_("By transfer or card"), list=6, read_only=True, format="money"))
    counted_vnd: Mapped[int] = mapped_column(info=ui(_("Counted"), list=7, read_only=True, format="money"))
    difference_vnd: Mapped[int] = mapped_column(info=ui(_("Cash difference"), list=8, read_only=True, format="money"))
    note: Mapped[str | None] = mapped_column(info=ui(_("Why it differs"), read_only=True))
    closed_at: Mapped[datetime] = mapped_column(info=ui(_("Closed"), read_only=True))
    is_training: Mapped[bool] = mapped_column(default=False, info=ui(_("Training"), filter=True, read_only=True))

    def __str__(self) -> str:
        return f"{self.staff} · {self.local_date:%d/%m/%Y}"


append_only(CashClosing)
