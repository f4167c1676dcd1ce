"""One person's stay at a site, and each dealing a servant had with them."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.applicant import Applicant
from models.base import Base, Choice, Key, Screen, Versioned, _, grant, ui
from models.dossier import Dossier
from models.organisation import Counter, Department, Site
from models.procedure import Procedure
from models.staff import Staff


class TransactionKind(Choice):
    """What the dealing was about."""

    INTAKE = "INTAKE", _("Intake")
    SUPPLEMENT = "SUPPLEMENT", _("Supplement")
    RETURN = "RETURN", _("Return of result")
    REFUSAL = "REFUSAL", _("Refusal at intake")
    COUNSELLING = "COUNSELLING", _("Counselling")


class Presence(Choice):
    """Where the citizen was; only those at the counter are asked on the tablet."""

    COUNTER = "COUNTER", _("At the counter")
    POST = "POST", _("By post")
    ONLINE = "ONLINE", _("Online")
    PHONE = "PHONE", _("By telephone")


_WAITING = text("called_at IS NULL AND left_at IS NULL")


class Visit(Versioned, Base):
    """One person's stay: ticket drawn, called to a counter, gone."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("site_id", "local_date", "is_training", "ticket_number"),
        Index(
            "ix_visit_waiting", "site_id", "local_date", "arrived_at", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index("ix_visit_at_counter", "counter_id", "called_at"),
        Index("ix_visit_arrived_at_id", "arrived_at", "id"),
    )
    __screen__: ClassVar = Screen(
        title=_("Visits"),
        singular=_("Visit"),
        group=_("Dossiers"),
        icon="ticket",
        help=_("Visits appear here when people draw a ticket."),
        order="-arrived_at",
        grants={
            "ADMIN": grant("read"),
            "DIRECTOR": grant("read"),
            "SUPERVISOR": grant("read"),
            "AUDITOR": grant("oversee"),
            "RECEIVING_OFFICER": grant("read register call", ScopeLevel.COUNTER),
            "VOLUNTEER": grant("register"),
        },
        scopes={ScopeLevel.COUNTER: lambda m, a: m.site_id == a.site_id if a.site_id else false()},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    ticket_number: Mapped[int] = mapped_column(info=ui(_("Ticket"), list=1, read_only=True))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(info=ui(_("Site"), list=2, filter=True, read_only=True))
    local_date: Mapped[date] = mapped_column(info=ui(_("Day"), list=3, filter=True, read_only=True))
    arrived_at: Mapped[datetime] = mapped_column(info=ui(_("Arrived"), list=4, read_only=True))
    called_at: Mapped[datetime | None] = mapped_column(info=ui(_("Called"), list=5, read_only=True))
    left_at: Mapped[datetime | None] = mapped_column(info=ui(_("Left"), list=6, read_only=True))
    wanted_department_id: Mapped[int | None] = mapped_column(
        ForeignKey("department.id", ondelete="RESTRICT"), index=True
    )
    wanted_department: Mapped[Department | None] = relationship(info=ui(_("Came for"), read_only=True))
    wanted_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    wanted_counter: Mapped[Counter | None] = relationship(
        foreign_keys=wanted_counter_id, info=ui(_("Registered for counter"), read_only=True)
    )
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"))
    counter: Mapped[Counter | None] = relationship(
        foreign_keys=counter_id, info=ui(_("Counter"), list=7, filter=True, read_only=True)
    )
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id", ondelete="RESTRICT"), index=True)
    applicant: Mapped[Applicant | None] = relationship()
    is_training: Mapped[bool] = mapped_column(default=False, info=ui(_("Training"), filter=True, read_only=True))

    def __str__(self) -> str:
        return f"{self.ticket_number:03d}"


class Transaction(Versioned, Base):
    """One dealing of a servant with a visitor (or by post, online, telephone); open until ``finished_at``."""

    __tablename__ = "visit_transaction"
    __table_args__ = (
        Index("ix_visit_transaction_staff_id_started_at", "staff_id", "started_at"),
        Index("ix_visit_transaction_started_at_id", "started_at", "id"),
        CheckConstraint("finished_at IS NULL OR finished_at >= started_at", name="ends_after_start"),
    )
    __screen__: ClassVar = Screen(
        title=_("Dealings"),
        singular=_("Dealing"),
        group=_("Dossiers"),
        icon="chat",
        help=_("Dealings appear here when visitors are served."),
        order="-started_at",
        grants={
            "DIRECTOR": grant("read"),
            "SUPERVISOR": grant("read"),
            "AUDITOR": grant("oversee"),
            "RECEIVING_OFFICER": grant("read serve", ScopeLevel.COUNTER),
            "VOLUNTEER": grant("read counsel", ScopeLevel.OWN),
        },
        scopes={
            ScopeLevel.OWN: lambda m, a: m.staff_id == a.served_staff_id if a.served_staff_id else false(),
            ScopeLevel.COUNTER: lambda m, a: or_(
                m.staff_id == a.served_staff_id if a.served_staff_id else false(),
                m.counter_id == a.counter_id if a.counter_id else false(),
            ),
        },
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[TransactionKind] = mapped_column(info=ui(_("Kind"), list=1, filter=True, read_only=True))
    presence: Mapped[Presence] = mapped_column(info=ui(_("Presence"), list=2, filter=True, read_only=True))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="RESTRICT"), index=True)
    visit: Mapped[Visit | None] = relationship(info=ui(_("Visit"), list=3, read_only=True))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier | None] = relationship(info=ui(_("Dossier"), list=4, read_only=True))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    staff: Mapped[Staff] = relationship(info=ui(_("Servant"), list=5, filter=True, read_only=True))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter | None] = relationship(info=ui(_("Counter"), list=6, filter=True, read_only=True))
    started_at: Mapped[datetime] = mapped_column(info=ui(_("Began"), list=7, read_only=True))
    finished_at: Mapped[datetime | None] = mapped_column(info=ui(_("Ended"), list=8, read_only=True))
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id", ondelete="RESTRICT"), index=True)
    procedure: Mapped[Procedure | None] = relationship(
        info=ui(_("Counselled about"), filter=True, read_only=True, help=_("What somebody was counselled about."))
    )
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), read_only=True))
    recorded_at: Mapped[datetime]
    is_training: Mapped[bool] = mapped_column(default=False, info=ui(_("Training"), filter=True, read_only=True))

    def __str__(self) -> str:
        return f"{self.kind.value} {self.started_at:%Y-%m-%d %H:%M}"
