"""Deadlines that climb: rungs as data, each fires once for a dossier and its due time; who is on duty meanwhile."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import Actor, ScopeLevel
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.dossier import Dossier, reaches
from models.organisation import READ_ALL, Department, Site
from models.staff import Staff


class Deadline(Choice):
    """Which due time a rung looks at."""

    DOSSIER = "DOSSIER", _("The dossier's due time")
    STEP = "STEP", _("The step's due time")
    OPINION = "OPINION", _("The due time of an opinion")
    TRANSFER = "TRANSFER", _("The due time of a transfer")


class Recipient(Choice):
    """Who is told when a rung fires."""

    ASSIGNEE = "ASSIGNEE", _("Whoever has the work")
    HEAD = "HEAD", _("The heads of the department that has it")
    DUTY = "DUTY", _("The leader on duty")
    DIRECTOR = "DIRECTOR", _("The directors")


class EscalationRung(Versioned, Base):
    """One rung: so many hours before or after a due time, certain people are told."""

    __tablename__ = "escalation_rung"
    __screen__: ClassVar = Screen(
        title=_("Escalation rungs"),
        singular=_("Escalation rung"),
        group=_("Procedures"),
        icon="graph-up",
        help=_("Before or after a due time, people are told; each rung once for each dossier and due time."),
        order="id",
        grants={"ADMIN": grant("manage"), **READ_ALL},
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120), unique=True, info=ui(_("Name"), list=1, example="Quá hạn 1 ngày"))
    deadline: Mapped[Deadline] = mapped_column(info=ui(_("Deadline"), list=2, filter=True))
    offset_hours: Mapped[int] = mapped_column(
        info=ui(_("Hours after it"), list=3, help=_("Negative: so many hours before. Hours of the clock, not of work."))
    )
    recipient: Mapped[Recipient] = mapped_column(info=ui(_("Who is told"), list=4))
    is_active: Mapped[bool] = mapped_column(default=True, info=ui(_("In use"), list=5, filter=True))

    def __str__(self) -> str:
        return self.name


class EscalationState(Choice):
    """Whether somebody has dealt with it."""

    OPEN = "OPEN", _("Open")
    HANDLED = "HANDLED", _("Dealt with")

    @property
    def tone(self) -> str:
        return "warning" if self is EscalationState.OPEN else "success"


def _reached(below: bool) -> Any:
    def condition(model: Any, actor: Actor) -> ColumnElement[bool]:
        keys = actor.tree_ids | actor.department_ids if below else actor.department_ids
        return (
            Dossier.__table__.select()
            .where(Dossier.__table__.c.id == model.dossier_id, reaches(Dossier.__table__.c, keys, below=below))
            .exists()
        )

    return condition


class Escalation(Versioned, Base):
    """A rung that fired for a dossier and a due time, which it does once; ``subject_id`` is the opinion or transfer."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("rung_id", "dossier_id", "subject_id", "due_at"),
        Index("ix_escalation_state", "state", "id"),
        CheckConstraint("(state = 'HANDLED') = (handled_at IS NOT NULL)", name="handled_at_when_handled"),
    )
    __screen__: ClassVar = Screen(
        title=_("Escalations"),
        singular=_("Escalation"),
        group=_("Work"),
        icon="exclamation-triangle",
        help=_("Deadlines that people were told of, and what they did about it."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee handle"),
            "AUDITOR": grant("oversee"),
            "DEPARTMENT_HEAD": grant("oversee handle", ScopeLevel.TREE),
            "PROCESSING_OFFICER": grant("read", ScopeLevel.DEPARTMENT),
        },
        scopes={ScopeLevel.DEPARTMENT: _reached(below=False), ScopeLevel.TREE: _reached(below=True)},
        quick=(QuickView(name="open", label=_("Open"), where=lambda m, a, at: m.state == EscalationState.OPEN),),
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    rung_id: Mapped[int] = mapped_column(ForeignKey("escalation_rung.id", ondelete="RESTRICT"))
    rung: Mapped[EscalationRung] = relationship(info=ui(_("Rung"), list=1, filter=True))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(info=ui(_("Dossier"), list=2))
    subject_id: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(info=ui(_("Due"), list=3))
    fired_at: Mapped[datetime] = mapped_column(info=ui(_("Told"), list=4))
    told: Mapped[str] = mapped_column(info=ui(_("Who was told"), list=5))
    state: Mapped[EscalationState] = mapped_column(
        default=EscalationState.OPEN, info=ui(_("State"), list=6, filter=True)
    )
    handled_at: Mapped[datetime | None] = mapped_column(info=ui(_("Dealt with"), list=7))
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    handled_by: Mapped[Staff | None] = relationship(info=ui(_("By"), list=8))
    outcome: Mapped[str | None] = mapped_column(info=ui(_("What was done"), multiline=True, list=9))

    def __str__(self) -> str:
        return f"{self.rung} · {self.dossier}"


class DutyShift(Versioned, Base):
    """A leader who is on duty for a site from one instant to another and settles what comes up."""

    __tablename__ = "duty_shift"
    __table_args__ = (
        Index("ix_duty_shift_time", "from_at", "until_at"),
        CheckConstraint("until_at >= from_at", name="in_order"),
    )
    __screen__: ClassVar = Screen(
        title=_("Duty roster"),
        singular=_("Duty shift"),
        group=_("Organisation"),
        icon="calendar-week",
        help=_("Who of the leaders is on duty when; they are told of what is overdue."),
        order="-from_at",
        grants={"ADMIN": grant("manage delete"), **READ_ALL, "DIRECTOR": grant("manage delete")},
        delete=True,
    )

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff] = relationship(info=ui(_("On duty"), list=1, filter=True))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site | None] = relationship(info=ui(_("Site"), list=2, filter=True, help=_("Empty: for all sites.")))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department | None] = relationship(
        info=ui(_("Department"), list=3, filter=True, help=_("Empty: for all departments."))
    )
    from_at: Mapped[datetime] = mapped_column(info=ui(_("From"), list=4))
    until_at: Mapped[datetime] = mapped_column(info=ui(_("Until"), list=5))
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), multiline=True))

    def __str__(self) -> str:
        return f"{self.staff} · {self.from_at:%d/%m/%Y}"
