"""The people of the centre and who sits at which counter when."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import searchable
from models.organisation import READ_ALL, Counter, Department
from models.search import Searchable, Sorted
from models.text import name_sort_key


class StaffKind(Choice):
    """Public servants are rated by citizens; volunteers and counsellors never are."""

    SERVANT = "SERVANT", _("Public servant")
    COUNSELLOR = "COUNSELLOR", _("Counsellor")
    VOLUNTEER = "VOLUNTEER", _("Volunteer")


class Staff(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """A person who works at the centre; a public servant is the one whom citizens rate."""

    __tablename__ = "staff"
    __screen__: ClassVar = Screen(
        title=_("Staff"),
        singular=_("Staff member"),
        group=_("Organisation"),
        icon="people",
        order="name_sort",
        orders=("badge_number",),
        grants={"ADMIN": grant("manage delete", level=1), **READ_ALL},
        scopes={
            ScopeLevel.OWN: lambda m, a: m.id == a.staff_id,
            ScopeLevel.DEPARTMENT: lambda m, a: m.department_id.in_(a.department_ids),
            ScopeLevel.TREE: lambda m, a: m.department_id.in_(a.tree_ids),
        },
        delete=True,
    )

    id: Mapped[Key]
    badge_number: Mapped[str] = mapped_column(
        String(20),
        unique=True,
        info=ui(
            _("Badge number"),
            list=1,
            search=True,
            format="code",
            example="1042",
            help=_("Typed or scanned when the person takes over a counter."),
        ),
    )
    full_name: Mapped[str] = mapped_column(
        String(120), info=ui(_("Full name"), list=2, order="name_sort", search=True, example="Nguyễn Thị Minh Khai")
    )
    kind: Mapped[StaffKind] = mapped_column(default=StaffKind.SERVANT, info=ui(_("Kind"), list=3, filter=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department] = relationship(info=ui(_("Department"), list=4, filter=True))
    job_title: Mapped[str | None] = mapped_column(String(120), info=ui(_("Job title"), list=5))
    portrait: Mapped[str | None] = mapped_column(
        String(80),
        info=ui(_("Portrait"), format="image", help=_("Name of a drawn portrait; shown to citizens on the tablet.")),
    )
    phone: Mapped[str | None] = mapped_column(
        String(40), info=ui(_("Telephone"), format="phone", personal=True, level=1)
    )
    pin_hash: Mapped[str | None] = mapped_column(
        String(200), info=ui(_("Counter PIN"), secret=True, form=False, detail=False)
    )
    is_active: Mapped[bool] = mapped_column(
        default=True, info=ui(_("Active"), list=6, filter=True, help=_("People who have left cannot take a counter."))
    )

    is_imported: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Made by an import"), filter=True, read_only=True)
    )

    def sort_text(self) -> str:
        return name_sort_key(self.full_name)

    def __str__(self) -> str:
        return self.full_name


searchable(Staff)


class CounterSession(Base):
    """One person serving at one counter from an instant on; at most one is open per counter and per person."""

    __tablename__ = "counter_session"
    __table_args__ = (
        Index(
            "uq_counter_session_open_counter",
            "counter_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_counter_session_open_staff",
            "staff_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[Counter] = relationship()
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), index=True)
    staff: Mapped[Staff] = relationship()
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
