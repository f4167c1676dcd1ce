"""A dossier with everything that hangs on it: papers, events, who may see it, results and their return."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    Enum,
    ForeignKey,
    Index,
    String,
    event,
    exists,
    false,
    inspect,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Mapper, aliased, mapped_column, relationship

from models.actor import Actor, ScopeLevel
from models.applicant import Applicant
from models.base import Base, Key, QuickView, Reach, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import append_only, in_order, searchable
from models.organisation import Counter, Department, Site
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod, ProcedureCase
from models.search import Searchable
from models.staff import Staff
from models.states import (
    OPEN_STATES,
    RUNNING_STATES,
    ApplicantKind,
    Channel,
    DeliveryState,
    DossierState,
    EventKind,
    ProofKind,
    ReturnMethod,
    RuleSet,
)

if TYPE_CHECKING:
    from models.consultation import Opinion, Transfer
    from models.late_entry import LateEntry
    from models.process import ProcessStep, ProcessVersion, StepTask
    from models.reminder import Reminder
    from models.result import Result, Return

NO_DUE_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no computable limit" where a list is ordered by due time."""

DUE_SOON_SECONDS = 24 * 3600
"""A dossier is due soon from one day before its due time on."""


def _state_type(name: str) -> Enum:
    """Return the column type of a state; each column of a table needs its own constraint name."""
    return Enum(
        DossierState,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def reaches(dossier: Any, department_ids: Collection[int], *, below: bool) -> ColumnElement[bool]:
    """Return whether one of the departments (or one below them) has to do with the dossier."""
    access = aliased(DossierAccess)
    condition = exists().where(access.dossier_id == dossier.id, access.department_id.in_(department_ids))
    return condition if below else condition.where(access.is_direct)


def _own(dossier: Any, actor: Actor) -> ColumnElement[bool]:
    own = actor.served_staff_id
    return false() if own is None else or_(dossier.received_by_id == own, dossier.responsible_id == own)


def _is_open(dossier: Any) -> ColumnElement[bool]:
    return dossier.state.in_(OPEN_STATES) & dossier.annulled_at.is_(None)


def _is_running(dossier: Any) -> ColumnElement[bool]:
    return dossier.state.in_(RUNNING_STATES) & dossier.annulled_at.is_(None)


def _due_soon(dossier: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    until = datetime.fromtimestamp(at.timestamp() + DUE_SOON_SECONDS, UTC)
    return _is_running(dossier) & (dossier.due_sort_at >= at) & (dossier.due_sort_at < until)


def _has_task(dossier: Any, actor: Actor, rule: Callable[[Any, Actor], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether the dossier lies at a step of its process, and whose turn it is follows ``rule``."""
    task = Base.metadata.tables["step_task"].c
    open_task = (task.dossier_id == dossier.id) & task.ended_at.is_(None)
    condition = exists().where(open_task, rule(task, actor))
    return (dossier.state == DossierState.PROCESSING) & dossier.annulled_at.is_(None) & condition


def _assigned_to(task: Any, actor: Actor) -> ColumnElement[bool]:
    return task.assignee_id == actor.staff_id if actor.staff_id else false()


def _free_for(task: Any, actor: Actor) -> ColumnElement[bool]:
    """Nobody has it, and it waits for the actor's department and for one of their roles, or for any."""
    step = Base.metadata.tables["process_step"].c
    role = Base.metadata.tables["role"].c
    wanted = exists().where(
        step.id == task.step_id,
        or_(step.role_id.is_(None), step.role_id.in_(select(role.id).where(role.code.in_(actor.roles)))),
    )
    return task.assignee_id.is_(None) & task.department_id.in_(actor.department_ids) & wanted


class Dossier(Searchable, SoftDeleted, Versioned, Base):
    """One application for one procedure, from intake to the return of its result; never deleted."""

    __tablename__ = "dossier"
    __table_args__ = (
        Index("ix_dossier_received_at_id", "received_at", "id", "deleted_at"),  # a page by number reads nothing else
        Index("ix_dossier_due_sort_at_id", "due_sort_at", "id", "deleted_at"),
        Index("ix_dossier_work", "department_id", "state", "due_sort_at", "id"),
        Index("ix_dossier_responsible", "responsible_id", "state", "due_sort_at", "id"),
        Index("ix_dossier_received_by", "received_by_id", "received_at"),
        Index("ix_dossier_received_by_due", "received_by_id", "due_sort_at"),
        Index("ix_dossier_received_by_code", "received_by_id", "code"),
        Index("ix_dossier_responsible_received", "responsible_id", "received_at"),
        Index("ix_dossier_responsible_due", "responsible_id", "due_sort_at"),
        Index("ix_dossier_responsible_code", "responsible_id", "code"),
        Index("ix_dossier_applicant", "applicant_id", "received_at"),
        Index("ix_dossier_delivery", "site_id", "delivery_state", "finished_at"),
        Index(
            "uq_dossier_shelf",
            "site_id",
            "shelf_number",
            unique=True,
            sqlite_where=text("shelf_number IS NOT NULL"),
            postgresql_where=text("shelf_number IS NOT NULL"),
        ),
        # Each filter of the list finds a rare value without walking the whole list.
        *(Index(f"ix_dossier_{name}", name) for name in ("state", "channel", "return_method", "delivery_state")),
        *(Index(f"ix_dossier_{name}", name) for name in ("is_training", "is_imported", "is_late_entry")),
        CheckConstraint("annulled_at IS NULL OR annul_reason IS NOT NULL", name="annulled_with_reason"),
        CheckConstraint("fee_amount >= 0", name="fee_not_negative"),
    )
    __screen__: ClassVar = Screen(
        title=_("Dossiers"),
        singular=_("Dossier"),
        group=_("Dossiers"),
        icon="folder",
        help=_("Every application and where it stands. New ones are received at a counter."),
        order="-received_at",
        orders=("received_at", "code", "due_sort_at"),
        grants={
            "ADMIN": grant("oversee edit bulk annul reopen", level=1),
            "DIRECTOR": grant("oversee extend annul reopen", level=1),
            "DEPARTMENT_HEAD": grant(
                "oversee edit bulk start supplement extend finish withdraw stop annul reopen", ScopeLevel.TREE, level=1
            ),
            "RECEIVING_OFFICER": grant(
                "read history edit receive refuse supplement withdraw return annul", ScopeLevel.DEPARTMENT, level=1
            ),
            "PROCESSING_OFFICER": grant(
                "read history edit start supplement withdraw stop finish", ScopeLevel.DEPARTMENT, level=1
            ),
            "SUPERVISOR": grant("read export"),
            "AUDITOR": grant("oversee"),
        },
        scopes={
            ScopeLevel.OWN: _own,
            ScopeLevel.COUNTER: lambda m, a: m.counter_id == a.counter_id if a.counter_id else false(),
            ScopeLevel.DEPARTMENT: lambda m, a: or_(_own(m, a), reaches(m, a.department_ids, below=False)),
            ScopeLevel.TREE: lambda m, a: or_(_own(m, a), reaches(m, a.department_ids, below=True)),
        },
        quick=(
            QuickView(name="mine", label=_("Mine"), where=lambda m, a, at: _own(m, a)),
            QuickView(name="my_tasks", label=_("Assigned to me"), where=lambda m, a, at: _has_task(m, a, _assigned_to)),
            QuickView(name="to_take", label=_("To take"), where=lambda m, a, at: _has_task(m, a, _free_for)),
            QuickView(name="open", label=_("Open"), where=lambda m, a, at: _is_open(m)),
            QuickView(name="due_soon", label=_("Due soon"), where=_due_soon),
            QuickView(name="overdue", label=_("Overdue"), where=lambda m, a, at: _is_running(m) & (m.due_sort_at < at)),
            QuickView(
                name="to_return",
                label=_("Waiting for return"),
                where=lambda m, a, at: (m.state == DossierState.DECIDED) & m.annulled_at.is_(None),
            ),
        ),
        start=True,
        reach=Reach(
            table="dossier_access",
            row_key="dossier_id",
            orders=("received_at", "due_sort_at", "code"),
            own=("received_by_id", "responsible_id"),
        ),
        create=False,
        children=(
            "documents",
            "results",
            "returns",
            "reminders",
            "late_entries",
            "tasks",
            "opinions",
            "transfers",
            "events",
        ),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(60), unique=True, info=ui(_("Code"), list=1, search=True, format="code", read_only=True)
    )
    legacy_code: Mapped[str | None] = mapped_column(
        String(60),
        unique=True,
        info=ui(
            _("Earlier code"),
            search=True,
            format="code",
            read_only=True,
            help=_("Code the dossier had in another system."),
        ),
    )
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    slip_token: Mapped[str] = mapped_column(
        String(40), unique=True, info=ui(_("Slip token"), secret=True, form=False, detail=False)
    )

    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id", ondelete="RESTRICT"), index=True)
    procedure: Mapped[Procedure] = relationship(
        info=ui(_("Procedure"), list=3, filter=True, read_only=True, section=_("Procedure"))
    )
    procedure_version_id: Mapped[int] = mapped_column(
        ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True
    )
    procedure_version: Mapped[ProcedureVersion] = relationship(
        info=ui(_("Version it was received under"), read_only=True, section=_("Procedure"))
    )
    procedure_case_id: Mapped[int | None] = mapped_column(
        ForeignKey("procedure_case.id", ondelete="RESTRICT"), index=True
    )
    procedure_case: Mapped[ProcedureCase | None] = relationship(
        info=ui(_("Case"), read_only=True, section=_("Procedure"))
    )
    execution_method_id: Mapped[int | None] = mapped_column(
        ForeignKey("execution_method.id", ondelete="RESTRICT"), index=True
    )
    execution_method: Mapped[ExecutionMethod | None] = relationship()
    process_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("process_version.id", ondelete="RESTRICT"), index=True
    )
    process_version: Mapped["ProcessVersion | None"] = relationship(
        info=ui(_("Process it is carried by"), read_only=True, section=_("Procedure"))
    )
    rule_set: Mapped[RuleSet] = mapped_column(info=ui(_("Rule set"), read_only=True, section=_("Procedure")))
    rule_terms_id: Mapped[int | None] = mapped_column(ForeignKey("rule_terms.id", ondelete="RESTRICT"), index=True)
    subject: Mapped[str | None] = mapped_column(
        info=ui(_("Content"), section=_("Procedure"), multiline=True, help=_("What exactly is applied for."))
    )

    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id", ondelete="RESTRICT"))
    applicant: Mapped[Applicant] = relationship()
    applicant_kind: Mapped[ApplicantKind] = mapped_column(
        default=ApplicantKind.CITIZEN, info=ui(_("Kind of applicant"), read_only=True, section=_("Applicant"))
    )
    applicant_name: Mapped[str] = mapped_column(
        String(300), info=ui(_("Applicant"), list=2, search=True, read_only=True, personal=True, section=_("Applicant"))
    )
    applicant_id_number: Mapped[str | None] = mapped_column(
        String(20),
        index=True,
        info=ui(
            _("ID number"), search=True, read_only=True, personal=True, level=1, format="code", section=_("Applicant")
        ),
    )
    applicant_tax_code: Mapped[str | None] = mapped_column(
        String(14), info=ui(_("Tax code"), search=True, read_only=True, format="code", section=_("Applicant"))
    )
    applicant_phone: Mapped[str | None] = mapped_column(
        String(20),
        info=ui(_("Telephone"), search=True, personal=True, level=1, format="phone", section=_("Applicant")),
    )
    applicant_email: Mapped[str | None] = mapped_column(
        String(200), info=ui(_("E-mail"), personal=True, level=1, section=_("Applicant"))
    )
    applicant_address: Mapped[str | None] = mapped_column(
        String(400), info=ui(_("Address"), personal=True, level=1, section=_("Applicant"))
    )
    submitter_name: Mapped[str | None] = mapped_column(
        String(300),
        info=ui(
            _("Handed in by"),
            read_only=True,
            personal=True,
            section=_("Applicant"),
            help=_("Empty where the applicant came in person."),
        ),
    )
    submitter_id_number: Mapped[str | None] = mapped_column(
        String(20),
        index=True,
        info=ui(
            _("ID number of that person"), read_only=True, personal=True, level=1, format="code", section=_("Applicant")
        ),
    )

    submitter_proof: Mapped[ProofKind | None] = mapped_column(
        info=ui(
            _("Proof of that person"),
            read_only=True,
            section=_("Applicant"),
            help=_("What shows that they may act for the applicant."),
        )
    )
    submitter_proof_number: Mapped[str | None] = mapped_column(
        String(60), info=ui(_("Number of the proof"), read_only=True, format="code", section=_("Applicant"))
    )

    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"))
    department: Mapped[Department] = relationship(
        foreign_keys=department_id, info=ui(_("Decided by"), list=7, filter=True, read_only=True, section=_("Handling"))
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    site: Mapped[Site] = relationship(info=ui(_("Received at"), filter=True, read_only=True, section=_("Handling")))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter | None] = relationship(info=ui(_("Counter"), read_only=True, section=_("Handling")))
    channel: Mapped[Channel] = mapped_column(info=ui(_("Channel"), filter=True, read_only=True, section=_("Handling")))
    return_method: Mapped[ReturnMethod] = mapped_column(
        default=ReturnMethod.COUNTER,
        info=ui(_("Return of the result"), filter=True, read_only=True, section=_("Handling")),
    )
    state: Mapped[DossierState] = mapped_column(
        _state_type("state"), info=ui(_("State"), list=4, filter=True, read_only=True)
    )
    state_before: Mapped[DossierState | None] = mapped_column(_state_type("state_before"))
    delivery_state: Mapped[DeliveryState] = mapped_column(
        default=DeliveryState.NOT_READY, info=ui(_("Delivery"), filter=True, read_only=True, section=_("Handling"))
    )
    shelf_number: Mapped[int | None] = mapped_column(
        info=ui(
            _("Shelf"), read_only=True, section=_("Handling"), help=_("Where the result lies until it is handed over.")
        )
    )
    step_id: Mapped[int | None] = mapped_column(ForeignKey("process_step.id", ondelete="RESTRICT"), index=True)
    step: Mapped["ProcessStep | None"] = relationship(info=ui(_("Step"), read_only=True, section=_("Handling")))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    holder: Mapped[Department | None] = relationship(
        foreign_keys=holder_id,
        info=ui(_("Now with"), filter=True, read_only=True, section=_("Handling"), help=_("Whose turn it is.")),
    )
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    received_by: Mapped[Staff | None] = relationship(
        foreign_keys=received_by_id, info=ui(_("Received by"), read_only=True, section=_("Handling"))
    )
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    responsible: Mapped[Staff | None] = relationship(
        foreign_keys=responsible_id,
        info=ui(_("Responsible"), list=8, filter=True, read_only=True, section=_("Handling")),
    )
    fee_amount: Mapped[int] = mapped_column(
        default=0, info=ui(_("Fees and charges"), format="money", read_only=True, section=_("Handling"))
    )

    received_at: Mapped[datetime] = mapped_column(
        info=ui(_("Received"), list=6, filter=True, read_only=True, section=_("Times"))
    )
    recorded_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(
        info=ui(
            _("Due"),
            list=5,
            order="due_sort_at",
            read_only=True,
            help=_("Empty where the procedure has no computable limit."),
        )
    )
    due_sort_at: Mapped[datetime] = mapped_column(default=NO_DUE_TIME)
    statutory_due_at: Mapped[datetime | None] = mapped_column(
        info=ui(
            _("Due by law"), read_only=True, section=_("Times"), help=_("Without extensions; lateness is judged on it.")
        )
    )
    finished_at: Mapped[datetime | None] = mapped_column(info=ui(_("Decided"), read_only=True, section=_("Times")))
    returned_at: Mapped[datetime | None] = mapped_column(info=ui(_("Returned"), read_only=True, section=_("Times")))
    closed_at: Mapped[datetime | None] = mapped_column(
        info=ui(_("Closed without result"), read_only=True, section=_("Times"), help=_("Refused at intake or stopped."))
    )

    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), multiline=True, section=_("Remarks")))
    is_training: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Training"), filter=True, read_only=True, section=_("Remarks"))
    )
    is_imported: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Made by an import"), filter=True, read_only=True, section=_("Remarks"))
    )
    is_late_entry: Mapped[bool] = mapped_column(
        default=False,
        info=ui(
            _("Received late on screen"),
            filter=True,
            read_only=True,
            section=_("Remarks"),
            depends_on="is_late_entry=True",
            help=_("Received on paper while the line was down, and entered afterwards."),
        ),
    )
    is_silent: Mapped[bool] = mapped_column(default=False)
    """Imported, and nobody has taken it up yet: it starts no escalation, message or ask."""
    import_fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the row it was imported from; unique among the living, so that the same row adds nothing again."""
    annulment_asked_at: Mapped[datetime | None]
    annulment_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    annulled_at: Mapped[datetime | None] = mapped_column(info=ui(_("Annulled"), read_only=True, section=_("Remarks")))
    annul_reason: Mapped[str | None] = mapped_column(
        info=ui(_("Reason of annulment"), read_only=True, section=_("Remarks"))
    )
    event_count: Mapped[int] = mapped_column(default=0)
    last_event_at: Mapped[datetime | None]
    """When the last thing happened; nothing that follows may lie before it."""

    documents: Mapped[list["DossierDocument"]] = relationship(
        back_populates="dossier", order_by="DossierDocument.position", info=ui(_("Papers handed in"), form=False)
    )
    results: Mapped[list["Result"]] = relationship(
        back_populates="dossier", order_by="Result.decided_at", info=ui(_("Results"), form=False)
    )
    opinions: Mapped[list["Opinion"]] = relationship(
        back_populates="dossier", order_by="Opinion.asked_at", info=ui(_("Opinions"), form=False)
    )
    transfers: Mapped[list["Transfer"]] = relationship(
        back_populates="dossier", order_by="Transfer.sent_at", info=ui(_("Transfers"), form=False)
    )
    returns: Mapped[list["Return"]] = relationship(
        back_populates="dossier", order_by="Return.id", info=ui(_("Ways to the applicant"), form=False)
    )
    reminders: Mapped[list["Reminder"]] = relationship(
        back_populates="dossier", order_by="Reminder.id", info=ui(_("Reminders"), form=False)
    )
    late_entries: Mapped[list["LateEntry"]] = relationship(
        back_populates="dossier", order_by="LateEntry.id", info=ui(_("Late entries"), form=False)
    )
    tasks: Mapped[list["StepTask"]] = relationship(order_by="StepTask.number", info=ui(_("Steps"), form=False))
    events: Mapped[list["DossierEvent"]] = relationship(
        back_populates="dossier",
        primaryjoin=lambda: (Dossier.id == DossierEvent.dossier_id) & _stands(),
        order_by="DossierEvent.sequence",
        info=ui(_("Course"), form=False),
    )

    def __str__(self) -> str:
        return self.code


searchable(Dossier)


@event.listens_for(Dossier, "before_insert")
@event.listens_for(Dossier, "before_update")
def _store_due_order(mapper: Mapper[Any], connection: Connection, target: Dossier) -> None:
    target.due_sort_at = target.due_at or NO_DUE_TIME


def _stands() -> ColumnElement[bool]:
    """Return whether an event counts as having happened: not one of an import that was undone, which is only kept."""
    batches = Base.metadata.tables["batch"]
    taken, undo = batches.alias().c, batches.alias().c
    gave_up = undo.state.in_(("CANCELLED", "FAILED"))
    return ~exists().where(taken.id == DossierEvent.batch_id, undo.id == taken.undone_by_id, ~gave_up)


class DossierAccess(Base):
    """One row per department that has to do with a dossier; those above it have rows that are not direct.

    So a list scoped to a department, or to everything below one, is a single range of this table's indexes, in
    every order that the list offers: it repeats what the dossier is ordered by.
    """

    __tablename__ = "dossier_access"
    __table_args__ = (
        Index("ix_dossier_access_list", "department_id", "received_at", "dossier_id", "is_direct"),
        Index("ix_dossier_access_due", "department_id", "due_sort_at", "dossier_id", "is_direct"),
        Index("ix_dossier_access_code", "department_id", "code", "dossier_id", "is_direct"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), primary_key=True)
    received_at: Mapped[datetime]
    due_sort_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(60))
    is_direct: Mapped[bool]


_REPEATED = ("received_at", "due_sort_at", "code")


@event.listens_for(DossierAccess, "before_insert")
def _repeat_order(mapper: Mapper[Any], connection: Connection, target: DossierAccess) -> None:
    dossier = Dossier.__table__
    wanted = select(*(dossier.c[name] for name in _REPEATED)).where(dossier.c.id == target.dossier_id)
    for name, value in connection.execute(wanted).mappings().one().items():
        setattr(target, name, value)


@event.listens_for(Dossier, "after_update")
def _carry_order(mapper: Mapper[Any], connection: Connection, target: Dossier) -> None:
    changed = {name for name in _REPEATED if inspect(target).attrs[name].history.has_changes()}
    if changed:
        access: Any = DossierAccess.__table__
        values = {name: getattr(target, name) for name in changed}
        connection.execute(update(access).where(access.c.dossier_id == target.id).values(**values))


class DossierDocument(Base):
    """One paper of the checklist as it was handed in."""

    __tablename__ = "dossier_document"
    __table_args__ = (
        CheckConstraint("original_count >= 0 AND certified_count >= 0 AND copy_count >= 0", name="counts_not_negative"),
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier] = relationship(back_populates="documents")
    required_document_id: Mapped[int | None] = mapped_column(
        ForeignKey("required_document.id", ondelete="RESTRICT"), index=True
    )
    position: Mapped[int] = mapped_column(info=ui(_("No."), list=1))
    name: Mapped[str] = mapped_column(info=ui(_("Paper"), list=2))
    original_count: Mapped[int] = mapped_column(default=0, info=ui(_("Originals"), list=3))
    certified_count: Mapped[int] = mapped_column(default=0, info=ui(_("Certified copies"), list=4))
    copy_count: Mapped[int] = mapped_column(default=0, info=ui(_("Plain copies"), list=5))
    received_at: Mapped[datetime] = mapped_column(info=ui(_("Handed in"), list=6))
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), list=7))

    def __str__(self) -> str:
        return self.name


class DossierEvent(Base):
    """What happened to a dossier; written in the transaction that changes the row, never changed itself."""

    __tablename__ = "dossier_event"
    __table_args__ = (
        Index("ix_dossier_event_dossier_id_sequence", "dossier_id", "sequence"),
        Index("ix_dossier_event_occurred_at", "occurred_at"),
        CheckConstraint(
            "occurred_at = recorded_at OR staff_id IS NULL OR kind = 'IMPORTED' OR batch_id IS NOT NULL "
            "OR late_entry_id IS NOT NULL",
            name="written_at_once",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"))
    dossier: Mapped[Dossier] = relationship(back_populates="events")
    sequence: Mapped[int] = mapped_column(info=ui(_("No."), list=1))
    kind: Mapped[EventKind] = mapped_column(info=ui(_("Event"), list=2))
    state_from: Mapped[DossierState | None] = mapped_column(_state_type("state_from"))
    state_to: Mapped[DossierState] = mapped_column(_state_type("state_to"), info=ui(_("State after it"), list=3))
    occurred_at: Mapped[datetime] = mapped_column(info=ui(_("When"), list=4))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("By"), list=5))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("process_step.id", ondelete="RESTRICT"), index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    """The step and the department the dossier lies at after the event."""
    reason: Mapped[str | None] = mapped_column(info=ui(_("Reason"), list=6))
    is_after_end: Mapped[bool] = mapped_column(
        default=False, info=ui(_("After the end"), list=7, help=_("It happened after the dossier had ended."))
    )
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="RESTRICT"))
    """The import that brought the event; NULL for what happened here."""
    late_entry_id: Mapped[int | None] = mapped_column(ForeignKey("late_entry.id", ondelete="RESTRICT"), index=True)
    """The late entry by which it was written down afterwards; NULL for what was written as it happened."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def __str__(self) -> str:
        return f"{self.sequence}. {self.kind.value}"


append_only(DossierEvent)
in_order(DossierEvent)
