"""Results that go out by post: lists handed to the carrier, with a waybill for each result."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.dossier import Dossier
from models.organisation import BY_DEPARTMENT, Department, Site
from models.staff import Staff

if TYPE_CHECKING:
    from models.result import Return


class PostagePayer(Choice):
    """Who pays the post."""

    APPLICANT_ON_DELIVERY = "APPLICANT_ON_DELIVERY", _("Applicant, on delivery")
    APPLICANT_PAID = "APPLICANT_PAID", _("Applicant, paid before")
    CENTRE = "CENTRE", _("The centre")


class PostalState(Choice):
    """Whether the carrier has the results of a list."""

    OPEN = "OPEN", _("Being made")
    SENT = "SENT", _("Handed to the post")

    @property
    def tone(self) -> str:
        return {"OPEN": "warning", "SENT": "success"}[self.value]


class PostalList(Versioned, Base):
    """What one carrier took at one time; the number is gapless per site and day."""

    __tablename__ = "postal_list"
    __table_args__ = (Index("ix_postal_list_department_id_id", "department_id", "id"),)
    __screen__: ClassVar = Screen(
        title=_("Postal lists"),
        singular=_("Postal list"),
        group=_("Dossiers"),
        icon="mailbox",
        help=_("Results that go out by post, each with its waybill. The carrier signs the printed list."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee"),
            "AUDITOR": grant("oversee"),
            "SUPERVISOR": grant("read"),
            "DEPARTMENT_HEAD": grant("oversee post", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read post", ScopeLevel.DEPARTMENT),
        },
        scopes=BY_DEPARTMENT,
        quick=(
            QuickView(name="made", label=_("Being made"), where=lambda m, a, at: m.state == PostalState.OPEN),
            QuickView(
                name="waiting",
                label=_("Delivery not yet known"),
                where=lambda m, a, at: (m.state == PostalState.SENT) & (m.settled_count < m.item_count),
            ),
        ),
        children=("items",),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60), unique=True, info=ui(_("Number"), list=1, format="code"))
    state: Mapped[PostalState] = mapped_column(default=PostalState.OPEN, info=ui(_("State"), list=2, filter=True))
    carrier: Mapped[str] = mapped_column(String(200), info=ui(_("Carrier"), list=3))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(info=ui(_("Site"), list=4, filter=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(info=ui(_("Department"), filter=True))
    item_count: Mapped[int] = mapped_column(default=0, info=ui(_("Results"), list=5))
    settled_count: Mapped[int] = mapped_column(
        default=0, info=ui(_("Outcome known"), list=6, help=_("Delivered, or brought back by the post."))
    )
    made_at: Mapped[datetime] = mapped_column(info=ui(_("Made"), list=7))
    sent_at: Mapped[datetime | None] = mapped_column(info=ui(_("Handed to the post"), list=8))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    sent_by: Mapped[Staff | None] = relationship(info=ui(_("Handed over by")))
    items: Mapped[list["PostalItem"]] = relationship(
        back_populates="postal_list", order_by="PostalItem.position", info=ui(_("Results"), form=False)
    )

    def __str__(self) -> str:
        return self.number


class PostalItem(Base):
    """One result on a postal list; it is the dossier's way out once the list is handed to the post."""

    __tablename__ = "postal_item"
    __table_args__ = (
        UniqueConstraint("postal_list_id", "position"),
        Index(
            "uq_postal_item_waiting",
            "dossier_id",
            unique=True,
            sqlite_where=text("return_id IS NULL"),
            postgresql_where=text("return_id IS NULL"),
        ),
        CheckConstraint("postage_amount >= 0", name="postage_not_negative"),
    )

    id: Mapped[Key]
    postal_list_id: Mapped[int] = mapped_column(ForeignKey("postal_list.id", ondelete="RESTRICT"))
    postal_list: Mapped[PostalList] = relationship(back_populates="items")
    position: Mapped[int] = mapped_column(info=ui(_("No."), list=1))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(info=ui(_("Dossier"), list=2))
    waybill: Mapped[str] = mapped_column(String(60), index=True, info=ui(_("Waybill"), list=3, format="code"))
    postage_amount: Mapped[int] = mapped_column(default=0, info=ui(_("Postage"), list=4, format="money"))
    postage_payer: Mapped[PostagePayer] = mapped_column(
        default=PostagePayer.APPLICANT_ON_DELIVERY, info=ui(_("Postage paid by"), list=5)
    )
    added_at: Mapped[datetime]
    return_id: Mapped[int | None] = mapped_column(ForeignKey("result_return.id", ondelete="RESTRICT"), unique=True)
    handed: Mapped["Return | None"] = relationship(info=ui(_("Outcome"), list=6))

    def __str__(self) -> str:
        return self.waybill
