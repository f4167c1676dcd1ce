"""Reminders of results that nobody collects: what was written or said to the applicant, and when it is due again."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, ForeignKey, Index, exists
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, Screen, _, grant, ui
from models.dossier import Dossier, DossierAccess
from models.staff import Staff


class ReminderKind(Choice):
    """How the applicant was reminded."""

    MESSAGE = "MESSAGE", _("Message")
    CALL = "CALL", _("Call")


class CallOutcome(Choice):
    """What came of a call."""

    WILL_COME = "WILL_COME", _("Will come")
    WANTS_POST = "WANTS_POST", _("Wants it by post")
    NOT_REACHED = "NOT_REACHED", _("Not reached")
    WRONG_NUMBER = "WRONG_NUMBER", _("Wrong number")

    @property
    def tone(self) -> str:
        return {"WILL_COME": "success", "WRONG_NUMBER": "danger"}.get(self.value, "warning")


def _of_departments(reminder: Any, department_ids: Any, *, below: bool) -> ColumnElement[bool]:
    access = aliased(DossierAccess)
    found = exists().where(access.dossier_id == reminder.dossier_id, access.department_id.in_(department_ids))
    return found if below else found.where(access.is_direct)


class Reminder(Base):
    """One reminder of a result that waits."""

    __tablename__ = "result_reminder"
    __table_args__ = (Index("ix_result_reminder_dossier_id_id", "dossier_id", "id"),)
    __screen__: ClassVar = Screen(
        title=_("Reminders"),
        singular=_("Reminder"),
        group=_("Dossiers"),
        icon="bell",
        help=_("Messages and calls about results that wait to be collected."),
        order="-id",
        grants={
            "ADMIN": grant("oversee"),
            "DIRECTOR": grant("oversee"),
            "AUDITOR": grant("oversee"),
            "DEPARTMENT_HEAD": grant("oversee", ScopeLevel.TREE),
            "RECEIVING_OFFICER": grant("read", ScopeLevel.DEPARTMENT),
        },
        scopes={
            ScopeLevel.DEPARTMENT: lambda m, a: _of_departments(m, a.department_ids, below=False),
            ScopeLevel.TREE: lambda m, a: _of_departments(m, a.department_ids, below=True),
        },
        create=False,
        edit=False,
        menu=False,
    )

    id: Mapped[Key]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"))
    dossier: Mapped[Dossier] = relationship(
        back_populates="reminders", info=ui(_("Dossier"), list=1, filter=True, read_only=True)
    )
    reminded_at: Mapped[datetime] = mapped_column(info=ui(_("When"), list=2, read_only=True))
    kind: Mapped[ReminderKind] = mapped_column(info=ui(_("How"), list=3, filter=True, read_only=True))
    outcome: Mapped[CallOutcome | None] = mapped_column(info=ui(_("Outcome"), list=4, filter=True, read_only=True))
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), list=5, read_only=True))
    again_on_date: Mapped[date] = mapped_column(info=ui(_("Again on"), list=6, read_only=True))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("By"), list=7, read_only=True))

    def __str__(self) -> str:
        return f"{self.kind.value} {self.reminded_at:%Y-%m-%d}"
