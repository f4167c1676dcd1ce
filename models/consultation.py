"""What one agency wants of another about a dossier: its opinion, or a piece of the work."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, false, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import Actor, ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.dossier import Dossier
from models.organisation import Department
from models.staff import Staff


class RequestState(Choice):
    """How far a request to another agency is."""

    SENT = "SENT", _("Sent")
    ACKNOWLEDGED = "ACKNOWLEDGED", _("Receipt confirmed")
    DONE = "DONE", _("Answered")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    @property
    def tone(self) -> str:
        return {"SENT": "warning", "ACKNOWLEDGED": "info", "DONE": "success"}.get(self.value, "")


OPEN_REQUESTS = (RequestState.SENT, RequestState.ACKNOWLEDGED)


def _within(department_ids: Any) -> Any:
    return lambda m, a: or_(m.from_department_id.in_(department_ids(a)), m.to_department_id.in_(department_ids(a)))


_SCOPES: dict[ScopeLevel, Any] = {
    ScopeLevel.OWN: lambda m, a: m.asked_by_id == a.staff_id if a.staff_id else false(),
    ScopeLevel.DEPARTMENT: _within(lambda a: a.department_ids),
    ScopeLevel.TREE: _within(lambda a: a.tree_ids),
}
_READERS = {
    "ADMIN": grant("oversee"),
    "DIRECTOR": grant("oversee"),
    "AUDITOR": grant("oversee"),
}


def _open(model: Any) -> ColumnElement[bool]:
    return model.state.in_(OPEN_REQUESTS)


def _to_us(model: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    return _open(model) & model.to_department_id.in_(actor.tree_ids | actor.department_ids)


def _from_us(model: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    return _open(model) & model.from_department_id.in_(actor.tree_ids | actor.department_ids)


def _overdue(model: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    return _open(model) & (model.due_at < at)


_QUICK = (
    QuickView(name="to_us", label=_("For us to answer"), where=_to_us),
    QuickView(name="from_us", label=_("Asked by us"), where=_from_us),
    QuickView(name="overdue", label=_("Overdue"), where=_overdue),
)


class Opinion(Versioned, Base):
    """A question about a dossier to another department, with a deadline of its own; the dossier stays where it is."""

    __tablename__ = "opinion"
    __table_args__ = (
        Index("ix_opinion_to", "to_department_id", "state", "due_at"),
        Index("ix_opinion_from", "from_department_id", "state", "due_at"),
        CheckConstraint("(state = 'DONE') = (answered_at IS NOT NULL)", name="answered_when_done"),
    )
    __screen__: ClassVar = Screen(
        title=_("Opinions"),
        singular=_("Opinion"),
        group=_("Work"),
        icon="chat-quote",
        help=_("Questions to other departments about dossiers. They are asked on the page of a dossier."),
        order="-id",
        grants={
            **_READERS,
            "RECEIVING_OFFICER": grant("read ask", ScopeLevel.DEPARTMENT),
            "DEPARTMENT_HEAD": grant("oversee ask answer", ScopeLevel.TREE),
            "PROCESSING_OFFICER": grant("read ask answer", ScopeLevel.DEPARTMENT),
        },
        scopes=_SCOPES,
        quick=_QUICK,
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(back_populates="opinions", info=ui(_("Dossier"), list=1))
    question: Mapped[str] = mapped_column(info=ui(_("Question"), list=2, multiline=True))
    state: Mapped[RequestState] = mapped_column(default=RequestState.SENT, info=ui(_("State"), list=3, filter=True))
    from_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    from_department: Mapped[Department] = relationship(foreign_keys=from_department_id, info=ui(_("Asked by"), list=4))
    to_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    to_department: Mapped[Department] = relationship(foreign_keys=to_department_id, info=ui(_("Asked of"), list=5))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=asked_by_id, info=ui(_("Asked by (person)")))
    asked_at: Mapped[datetime] = mapped_column(info=ui(_("Asked at")))
    due_at: Mapped[datetime] = mapped_column(info=ui(_("Due"), list=7))
    answered_at: Mapped[datetime | None] = mapped_column(info=ui(_("Answered"), list=8))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    answered_by: Mapped[Staff | None] = relationship(foreign_keys=answered_by_id, info=ui(_("Answered by")))
    answer: Mapped[str | None] = mapped_column(info=ui(_("Opinion"), multiline=True))
    is_training: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return self.question[:80]


class Transfer(Versioned, Base):
    """A dossier lent to another agency or level for a piece of the work: sent, acknowledged, returned."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_to", "to_department_id", "state", "due_at"),
        Index("ix_transfer_from", "from_department_id", "state", "due_at"),
        CheckConstraint("(state = 'DONE') = (returned_at IS NOT NULL)", name="returned_when_done"),
    )
    __screen__: ClassVar = Screen(
        title=_("Transfers"),
        singular=_("Transfer"),
        group=_("Work"),
        icon="arrow-left-right",
        help=_("Dossiers lent to another agency. They are sent on the page of a dossier."),
        order="-id",
        grants={
            **_READERS,
            "RECEIVING_OFFICER": grant("read", ScopeLevel.DEPARTMENT),
            "DEPARTMENT_HEAD": grant("oversee send", ScopeLevel.TREE),
            "PROCESSING_OFFICER": grant("read send", ScopeLevel.DEPARTMENT),
        },
        scopes=_SCOPES,
        quick=_QUICK,
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(back_populates="transfers", info=ui(_("Dossier"), list=1))
    reason: Mapped[str] = mapped_column(info=ui(_("What for"), list=2, multiline=True))
    state: Mapped[RequestState] = mapped_column(default=RequestState.SENT, info=ui(_("State"), list=3, filter=True))
    from_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    from_department: Mapped[Department] = relationship(foreign_keys=from_department_id, info=ui(_("Sent by"), list=4))
    to_department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    to_department: Mapped[Department] = relationship(foreign_keys=to_department_id, info=ui(_("Sent to"), list=5))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=asked_by_id, info=ui(_("Sent by (person)")))
    sent_at: Mapped[datetime] = mapped_column(info=ui(_("Sent")))
    due_at: Mapped[datetime | None] = mapped_column(info=ui(_("Due"), list=7))
    acknowledged_at: Mapped[datetime | None] = mapped_column(info=ui(_("Receipt confirmed")))
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    returned_at: Mapped[datetime | None] = mapped_column(info=ui(_("Came back"), list=9))
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    outcome: Mapped[str | None] = mapped_column(info=ui(_("What came of it"), multiline=True))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    """Who had the work when it was sent; gets it again when it comes back."""
    is_training: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return self.reason[:80]
