"""How a dossier is carried: versions of a process, their steps, the ways between them, and the tasks of a dossier.

A published version never changes, and a dossier keeps the one it was received under (docs/adr/0023).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    event,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from models.access import Role
from models.base import Base, Choice, Key, QuickView, Screen, Versioned, _, grant, ui
from models.ddl import searchable
from models.organisation import READ_ALL, Department
from models.procedure import Procedure
from models.procedure_terms import LimitUnit
from models.search import Searchable
from models.staff import Staff
from models.text import fold


class ProcessState(Choice):
    """The way of a process version from draft to the archive."""

    DRAFT = "DRAFT", _("Draft")
    PUBLISHED = "PUBLISHED", _("Published")
    SUPERSEDED = "SUPERSEDED", _("Superseded")

    @property
    def tone(self) -> str:
        return {"PUBLISHED": "success", "DRAFT": "warning"}.get(self.value, "")


class StepKind(Choice):
    """What a step is for; with it goes the state of a dossier that lies there."""

    RECEIVE = "RECEIVE", _("Intake step")
    WORK = "WORK", _("Work on it")
    DECIDE = "DECIDE", _("Approval step")
    AGENCY = "AGENCY", _("At another agency")
    RETURN = "RETURN", _("Return step")


class StepPlace(Choice):
    """Which department a step belongs to."""

    DECIDING = "DECIDING", _("The department that decides")
    RECEIVING = "RECEIVING", _("The department that received it")
    NAMED = "NAMED", _("A certain department")


class TransitionKind(Choice):
    """Which way a transition leads."""

    FORWARD = "FORWARD", _("Forward")
    BACK = "BACK", _("Back, to be done again")
    FINISH = "FINISH", _("To the result")


class ProcessVersion(Searchable, Versioned, Base):
    """How dossiers of a procedure, or of one of its cases, are carried; without a procedure, all others."""

    __tablename__ = "process_version"
    __table_args__ = (
        UniqueConstraint("subject", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        Index(
            "uq_process_version_published",
            "subject",
            unique=True,
            sqlite_where=text("state = 'PUBLISHED'"),
            postgresql_where=text("state = 'PUBLISHED'"),
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Processes"),
        singular=_("Process version"),
        group=_("Procedures"),
        icon="signpost-split",
        help=_("How dossiers are carried, step by step. A draft is edited; what is published never changes."),
        order="-id",
        grants={"ADMIN": grant("manage publish"), **READ_ALL},
        quick=(
            QuickView(name="drafts", label=_("Drafts"), where=lambda m, a, at: m.state == ProcessState.DRAFT),
            QuickView(name="in_force", label=_("In force"), where=lambda m, a, at: m.state == ProcessState.PUBLISHED),
        ),
        children=("steps", "transitions"),
    )

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(
        String(200), info=ui(_("Title"), list=1, search=True, example="Đổi giấy phép lái xe")
    )
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id", ondelete="RESTRICT"), index=True)
    procedure: Mapped[Procedure | None] = relationship(
        info=ui(
            _("Procedure"),
            list=2,
            filter=True,
            create_only=True,
            help=_("Empty: for every procedure that has no process of its own."),
        )
    )
    case_name: Mapped[str] = mapped_column(
        String(300),
        default="",
        info=ui(
            _("Only for the case"),
            list=3,
            create_only=True,
            depends_on="procedure",
            help=_("Name of one case of the procedure; empty: for all of its cases."),
        ),
    )
    subject: Mapped[str] = mapped_column(String(360))
    """Procedure and case in one word, so that one version of each can be in force; set when a row is made."""
    number: Mapped[int] = mapped_column(default=1, info=ui(_("Version"), list=4, read_only=True))
    state: Mapped[ProcessState] = mapped_column(
        default=ProcessState.DRAFT,
        active_history=True,  # what it was decides what may change
        info=ui(_("State"), list=5, filter=True, read_only=True),
    )
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), multiline=True))
    published_at: Mapped[datetime | None] = mapped_column(info=ui(_("In force since"), list=6, read_only=True))
    superseded_at: Mapped[datetime | None] = mapped_column(info=ui(_("Superseded"), read_only=True))
    steps: Mapped[list["ProcessStep"]] = relationship(
        back_populates="version", order_by="ProcessStep.position", info=ui(_("Steps"), form=False)
    )
    transitions: Mapped[list["ProcessTransition"]] = relationship(
        back_populates="version",
        order_by="ProcessTransition.position",
        info=ui(_("Ways between the steps"), form=False),
    )

    def __str__(self) -> str:
        return f"{self.title} · v{self.number}"


def process_subject(procedure_id: int | None, case_name: str) -> str:
    """Return what a process is about in one comparable word: "*" for every procedure without one of its own."""
    return "*" if procedure_id is None else f"{procedure_id}:{fold(case_name)}"


@event.listens_for(ProcessVersion, "before_insert")
def _store_subject(mapper: Mapper[Any], connection: Connection, target: ProcessVersion) -> None:
    target.case_name = (target.case_name or "").strip() if target.procedure_id is not None else ""
    target.subject = process_subject(target.procedure_id, target.case_name)
    table = ProcessVersion.__table__.c
    last = connection.scalar(select(func.max(table.number)).where(table.subject == target.subject))
    target.number = (last or 0) + 1


searchable(ProcessVersion)


class ProcessStep(Versioned, Base):
    """One step: where a dossier lies, whose turn it is, and how long it may take."""

    __tablename__ = "process_step"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        CheckConstraint("budget_quantity IS NULL OR budget_quantity > 0", name="budget_positive"),
        CheckConstraint("(budget_quantity IS NULL) = (budget_unit IS NULL)", name="budget_whole"),
    )
    __screen__: ClassVar = Screen(
        title=_("Process steps"),
        singular=_("Process step"),
        group=_("Procedures"),
        icon="signpost",
        order="id",
        grants={"ADMIN": grant("manage delete"), **READ_ALL},
        delete=True,
        menu=False,
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcessVersion] = relationship(
        back_populates="steps", info=ui(_("Process version"), list=1, filter=True, create_only=True)
    )
    position: Mapped[int] = mapped_column(default=1, info=ui(_("No."), list=2))
    code: Mapped[str] = mapped_column(
        String(40),
        info=ui(_("Code"), list=3, format="code", example="appraise", help=_("Unique within the process.")),
    )
    name: Mapped[str] = mapped_column(String(200), info=ui(_("Name"), list=4, example="Thẩm định"))
    kind: Mapped[StepKind] = mapped_column(default=StepKind.WORK, info=ui(_("Kind"), list=5))
    place: Mapped[StepPlace] = mapped_column(default=StepPlace.DECIDING, info=ui(_("Whose turn it is"), list=6))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department | None] = relationship(info=ui(_("Department"), list=7, depends_on="place=NAMED"))
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="RESTRICT"), index=True)
    role: Mapped[Role | None] = relationship(
        info=ui(_("Only the role"), list=8, help=_("Empty: whoever works on dossiers there."))
    )
    budget_quantity: Mapped[Decimal | None] = mapped_column(Numeric(9, 4), info=ui(_("Time for it"), list=9))
    budget_unit: Mapped[LimitUnit | None] = mapped_column(info=ui(_("in"), list=10))

    def __str__(self) -> str:
        return self.name


class ProcessTransition(Versioned, Base):
    """One way from a step to another, with the words on its button and what it asks for."""

    __tablename__ = "process_transition"
    __table_args__ = (UniqueConstraint("version_id", "code"),)
    __screen__: ClassVar = Screen(
        title=_("Ways between steps"),
        singular=_("Way between steps"),
        group=_("Procedures"),
        icon="arrow-right",
        order="id",
        grants={"ADMIN": grant("manage delete"), **READ_ALL},
        delete=True,
        menu=False,
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcessVersion] = relationship(
        back_populates="transitions", info=ui(_("Process version"), list=1, filter=True, create_only=True)
    )
    position: Mapped[int] = mapped_column(default=1, info=ui(_("No."), list=2))
    code: Mapped[str] = mapped_column(
        String(40),
        info=ui(_("Code"), list=3, format="code", example="submit", help=_("Unique within the process.")),
    )
    name: Mapped[str] = mapped_column(String(200), info=ui(_("Words on the button"), list=4, example="Trình lãnh đạo"))
    kind: Mapped[TransitionKind] = mapped_column(default=TransitionKind.FORWARD, info=ui(_("Direction"), list=5))
    from_code: Mapped[str] = mapped_column(
        String(40), info=ui(_("From step"), list=6, format="code", example="appraise", help=_("Code of the step."))
    )
    to_code: Mapped[str] = mapped_column(
        String(40), info=ui(_("To step"), list=7, format="code", example="decide", help=_("Code of the step."))
    )
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="RESTRICT"), index=True)
    role: Mapped[Role | None] = relationship(
        info=ui(_("Only the role"), list=8, help=_("Empty: whoever may work on the step."))
    )
    needs_reason: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Needs a reason or opinion"), list=9, help=_("Ways back always need one."))
    )

    def __str__(self) -> str:
        return self.name


class StepTask(Base):
    """A dossier's stay at one step: whose turn it was, from when until when. One is open while the dossier is.

    Written together with the event that changes it; the events of a dossier rebuild its tasks. ``paused_at`` is set
    while the dossier waits for the applicant, ``outcome`` is the code of the way taken at its end.
    """

    __tablename__ = "step_task"
    __table_args__ = (
        UniqueConstraint("dossier_id", "number"),
        Index(
            "uq_step_task_open",
            "dossier_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_step_task_department",
            "department_id",
            "assignee_id",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_step_task_assignee",
            "assignee_id",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_step_task_step_id", "step_id"),
        CheckConstraint("ended_at IS NULL OR ended_at >= since_at", name="ended_after_begun"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(info=ui(_("No."), list=1))
    step_id: Mapped[int] = mapped_column(ForeignKey("process_step.id", ondelete="RESTRICT"))
    step: Mapped[ProcessStep] = relationship(info=ui(_("Step"), list=2))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(info=ui(_("With"), list=3))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    assignee: Mapped[Staff | None] = relationship(foreign_keys=assignee_id, info=ui(_("Done by"), list=4))
    since_at: Mapped[datetime] = mapped_column(info=ui(_("Since"), list=5))
    claimed_at: Mapped[datetime | None] = mapped_column(info=ui(_("Taken"), list=6))
    due_at: Mapped[datetime | None] = mapped_column(info=ui(_("Step due"), list=7))
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(info=ui(_("Done"), list=8))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    outcome: Mapped[str | None] = mapped_column(String(40))

    def __str__(self) -> str:
        return f"{self.number}. {self.step}"
