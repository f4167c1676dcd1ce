"""Where the centre's work is done: departments, sites and counters."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, ScopeRule, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import searchable
from models.search import Searchable, Sorted

if TYPE_CHECKING:  # that module imports this one
    from models.calendar import WorkingHours

READ_ALL = {
    **{role: grant("oversee") for role in ("DIRECTOR", "DEPARTMENT_HEAD", "SUPERVISOR", "AUDITOR")},
    **{role: grant("read") for role in ("RECEIVING_OFFICER", "PROCESSING_OFFICER")},
}


BY_DEPARTMENT: dict[ScopeLevel, ScopeRule] = {
    ScopeLevel.DEPARTMENT: lambda m, a: m.department_id.in_(a.department_ids),
    ScopeLevel.TREE: lambda m, a: m.department_id.in_(a.tree_ids),
}
"""The scopes of what belongs to one department."""


class DepartmentKind(Choice):
    """What sort of agency a department is; the district level ended on 1 July 2025."""

    DEPARTMENT = "DEPARTMENT", _("Provincial department")
    BOARD = "BOARD", _("Management board")
    VERTICAL = "VERTICAL", _("Vertical agency")
    COMMUNE = "COMMUNE", _("Commune or ward")
    DISTRICT = "DISTRICT", _("District (until 2025)")
    PROVINCE = "PROVINCE", _("Provincial people's committee")
    MINISTRY = "MINISTRY", _("Ministry")
    CENTRE = "CENTRE", _("Public administration centre")
    OTHER = "OTHER", _("Other agency or organisation")


class Department(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """An agency that receives, decides or returns dossiers; a tree, with dates of validity."""

    __tablename__ = "department"
    __screen__: ClassVar = Screen(
        title=_("Departments"),
        singular=_("Department"),
        group=_("Organisation"),
        icon="building",
        help=_("Departments appear here once they are added or imported with the procedures."),
        order="name_sort",
        orders=("code",),
        grants={"ADMIN": grant("manage delete"), **READ_ALL, "VOLUNTEER": grant("read")},
        scopes={
            ScopeLevel.DEPARTMENT: lambda m, a: m.id.in_(a.department_ids),
            ScopeLevel.TREE: lambda m, a: m.id.in_(a.tree_ids),
        },
        delete=True,
        children=("counters",),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(40),
        unique=True,
        info=ui(
            _("Code"),
            list=1,
            search=True,
            format="code",
            example="H19.07",
            help=_("Identification code of the agency; dossier codes begin with it."),
        ),
    )
    name: Mapped[str] = mapped_column(String(300), info=ui(_("Name"), list=2, order="name_sort", search=True))
    kind: Mapped[DepartmentKind] = mapped_column(info=ui(_("Kind"), list=3, filter=True))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    parent: Mapped["Department | None"] = relationship(
        remote_side="Department.id", foreign_keys=parent_id, info=ui(_("Belongs to"), list=4, filter=True)
    )
    phone: Mapped[str | None] = mapped_column(String(40), info=ui(_("Telephone"), format="phone"))
    address: Mapped[str | None] = mapped_column(String(400), info=ui(_("Address")))
    valid_from_date: Mapped[date | None] = mapped_column(info=ui(_("In force from"), section=_("Validity")))
    valid_to_date: Mapped[date | None] = mapped_column(
        info=ui(_("In force until"), section=_("Validity"), help=_("Empty while the agency exists."))
    )
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="SET NULL"), index=True)
    successor: Mapped["Department | None"] = relationship(
        remote_side="Department.id",
        foreign_keys=successor_id,
        info=ui(_("Succeeded by"), section=_("Validity"), depends_on="valid_to_date"),
    )
    is_imported: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Made by an import"), filter=True, read_only=True)
    )
    counters: Mapped[list["Counter"]] = relationship(back_populates="department", info=ui(_("Counters"), form=False))

    def __str__(self) -> str:
        return self.name


searchable(Department)


class Site(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """A place where the centre receives people: the main hall or a decentralised counter hall."""

    __tablename__ = "site"
    __screen__: ClassVar = Screen(
        title=_("Sites"),
        singular=_("Site"),
        group=_("Organisation"),
        icon="geo",
        order="name_sort",
        orders=("code",),
        grants={"ADMIN": grant("manage delete"), **READ_ALL, "VOLUNTEER": grant("read")},
        delete=True,
        children=("counters", "working_hours"),
        grid=("counters", "working_hours"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True, info=ui(_("Code"), list=1, search=True, format="code"))
    name: Mapped[str] = mapped_column(String(300), info=ui(_("Name"), list=2, order="name_sort", search=True))
    unit_code: Mapped[str] = mapped_column(
        String(40),
        info=ui(
            _("One-stop unit code"),
            list=3,
            format="code",
            example="H19.07",
            help=_("Dossier codes received here begin with it."),
        ),
    )
    address: Mapped[str | None] = mapped_column(String(400), info=ui(_("Address"), list=4))
    directions: Mapped[str | None] = mapped_column(info=ui(_("How to get there"), multiline=True))
    phone: Mapped[str | None] = mapped_column(String(40), info=ui(_("Telephone"), format="phone"))
    authority: Mapped[str | None] = mapped_column(
        String(300), info=ui(_("Superior authority"), section=_("On papers"), help=_("Stands above the site's name."))
    )
    place_name: Mapped[str | None] = mapped_column(
        String(100), info=ui(_("Place name"), section=_("On papers"), help=_("Stands before the date of a letter."))
    )
    is_imported: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Made by an import"), filter=True, read_only=True)
    )
    counters: Mapped[list["Counter"]] = relationship(
        back_populates="site", order_by="Counter.number", info=ui(_("Counters"), form=False)
    )
    working_hours: Mapped[list["WorkingHours"]] = relationship(
        back_populates="site",
        order_by="WorkingHours.weekday, WorkingHours.valid_from_date",
        passive_deletes=True,
        info=ui(_("Working hours"), form=False),
    )

    def __str__(self) -> str:
        return self.name


searchable(Site)


class PrinterPaper(Choice):
    """What the printer of a counter holds; receipts are laid out for it."""

    A4 = "A4", _("A4 sheets")
    A5 = "A5", _("A5 sheets")
    ROLL = "ROLL_80", _("Roll of 80 mm")


class Counter(Searchable, SoftDeleted, Versioned, Base):
    """A numbered window in a site's hall, served for one department."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("site_id", "number"),)
    __screen__: ClassVar = Screen(
        title=_("Counters"),
        singular=_("Counter"),
        group=_("Organisation"),
        icon="window",
        order="number",
        grants={"ADMIN": grant("manage delete"), **READ_ALL, "VOLUNTEER": grant("read")},
        delete=True,
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(index=True, info=ui(_("Number"), list=1, create_only=True))
    name: Mapped[str] = mapped_column(String(200), info=ui(_("Name"), list=2, search=True))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    site: Mapped[Site] = relationship(back_populates="counters", info=ui(_("Site"), list=3, filter=True))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department] = relationship(
        back_populates="counters", info=ui(_("Department"), list=4, filter=True)
    )
    printer_paper: Mapped[PrinterPaper] = mapped_column(
        default=PrinterPaper.A5,
        info=ui(_("Printer paper"), list=6, help=_("Receipts printed here are laid out for it.")),
    )
    is_active: Mapped[bool] = mapped_column(default=True, info=ui(_("In use"), list=5, filter=True))

    def search_parts(self, *, restricted: bool) -> list[str | None]:
        """Add the number, by which everybody calls a counter."""
        parts = super().search_parts(restricted=restricted)
        return parts if restricted else [str(self.number), *parts]

    def __str__(self) -> str:
        return f"{self.number} · {self.name}"


searchable(Counter)
