"""Results handed over to a person: who took them, by what right, and their signature."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, _, grant, ui
from models.ddl import searchable
from models.organisation import BY_DEPARTMENT, Counter, Department, Site
from models.search import Searchable
from models.staff import Staff
from models.states import ProofKind

if TYPE_CHECKING:
    from models.result import Return


class CollectorKind(Choice):
    """Who stands at the counter for a result."""

    APPLICANT = "APPLICANT", _("The applicant")
    SUBMITTER = "SUBMITTER", _("Whoever handed it in")
    PROXY = "PROXY", _("Somebody authorised")


class SignatureKind(Choice):
    """Where whoever collects signed."""

    PAPER = "PAPER", _("Signed on paper")
    DRAWN = "DRAWN", _("Drawn on the screen")


class Collection(Searchable, Base):
    """One act at a counter by which a person took one or more results; written once, never changed."""

    __tablename__ = "result_collection"
    __table_args__ = (
        Index("ix_result_collection_department_id_id", "department_id", "id"),
        CheckConstraint("collector_kind <> 'PROXY' OR proof_kind IS NOT NULL", name="proxy_with_proof"),
        CheckConstraint("NOT has_lost_receipt OR lost_note IS NOT NULL", name="lost_with_declaration"),
    )
    __screen__: ClassVar = Screen(
        title=_("Results handed over"),
        singular=_("Hand-over of results"),
        group=_("Dossiers"),
        icon="box-arrow-up",
        help=_("Who took which results, by what right. A line appears here with each hand-over at a counter."),
        order="-id",
        grants={
            "ADMIN": grant("oversee", level=1),
            "DIRECTOR": grant("oversee", level=1),
            "DEPARTMENT_HEAD": grant("oversee", ScopeLevel.TREE, level=1),
            "RECEIVING_OFFICER": grant("read", ScopeLevel.DEPARTMENT, level=1),
            "SUPERVISOR": grant("read"),
            "AUDITOR": grant("oversee", level=1),
        },
        scopes=BY_DEPARTMENT,
        quick=(
            QuickView(
                name="proxies",
                label=_("By somebody authorised"),
                where=lambda m, a, at: m.collector_kind == CollectorKind.PROXY,
            ),
            QuickView(name="lost", label=_("Receipt lost"), where=lambda m, a, at: m.has_lost_receipt),
        ),
        children=("returns",),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    number: Mapped[str] = mapped_column(
        String(60), unique=True, info=ui(_("Number"), list=1, search=True, format="code", read_only=True)
    )
    collected_at: Mapped[datetime] = mapped_column(info=ui(_("Handed over"), list=2, read_only=True))
    recorded_at: Mapped[datetime]
    collector_kind: Mapped[CollectorKind] = mapped_column(
        info=ui(_("Collected by"), list=3, filter=True, read_only=True)
    )
    name: Mapped[str] = mapped_column(
        String(300), info=ui(_("Name"), list=4, search=True, personal=True, read_only=True)
    )
    id_number: Mapped[str | None] = mapped_column(
        String(20), info=ui(_("ID number"), personal=True, level=1, format="code", search=True, read_only=True)
    )
    proof_kind: Mapped[ProofKind | None] = mapped_column(info=ui(_("Proof"), list=5, read_only=True))
    proof_number: Mapped[str | None] = mapped_column(
        String(100), info=ui(_("Number of the proof"), list=6, read_only=True)
    )
    signature_kind: Mapped[SignatureKind] = mapped_column(info=ui(_("Signature"), filter=True, read_only=True))
    has_lost_receipt: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Receipt lost"), filter=True, read_only=True)
    )
    lost_note: Mapped[str | None] = mapped_column(
        String(1000), info=ui(_("Declared"), depends_on="has_lost_receipt", read_only=True)
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(info=ui(_("Site"), filter=True, read_only=True))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter | None] = relationship(info=ui(_("Counter"), list=7, filter=True, read_only=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True, read_only=True))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("Handed over by"), list=8, filter=True, read_only=True))
    is_training: Mapped[bool] = mapped_column(default=False, info=ui(_("Training"), filter=True, read_only=True))
    returns: Mapped[list["Return"]] = relationship(
        back_populates="collection", order_by="Return.id", info=ui(_("Results"), form=False)
    )

    def __str__(self) -> str:
        return f"{self.number} · {self.name}"


searchable(Collection)


class CollectionSignature(Base):
    """What a collector drew: lines of points within 1000 by 400, apart so that it can be erased alone."""

    __tablename__ = "collection_signature"
    __audited__: ClassVar = False

    collection_id: Mapped[int] = mapped_column(ForeignKey("result_collection.id", ondelete="CASCADE"), primary_key=True)
    strokes: Mapped[list[Any]]
