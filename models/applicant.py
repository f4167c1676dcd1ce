"""The people and organisations who bring dossiers; a dossier keeps its own copy of what they were then."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Index, String, exists
from sqlalchemy.orm import Mapped, mapped_column

from models.actor import ScopeLevel
from models.base import Base, Key, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import searchable
from models.search import Searchable, Sorted
from models.states import ApplicantKind
from models.text import name_sort_key, sort_key


def _known_to(applicant: Any, department_ids: Collection[int], *, below: bool) -> ColumnElement[bool]:
    """Return whether the applicant has a dossier that a department (or one below it) has to do with."""
    tables = Base.metadata.tables
    dossier, access = tables["dossier"].alias(), tables["dossier_access"].alias()
    condition = exists().where(
        dossier.c.applicant_id == applicant.id,
        access.c.dossier_id == dossier.c.id,
        access.c.department_id.in_(department_ids),
    )
    return condition if below else condition.where(access.c.is_direct)


class Applicant(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """A citizen, enterprise or organisation as known today; old dossiers are not changed by an edit here."""

    __tablename__ = "applicant"
    __table_args__ = (Index("ix_applicant_phone", "phone"),)
    __screen__: ClassVar = Screen(
        title=_("Applicants"),
        singular=_("Applicant"),
        group=_("Dossiers"),
        icon="person",
        help=_("People appear here when their first dossier is received."),
        order="name_sort",
        grants={
            "ADMIN": grant("oversee edit delete import bulk", level=1),
            "DIRECTOR": grant("oversee", level=1),
            "DEPARTMENT_HEAD": grant("read history", ScopeLevel.TREE, level=1),
            "RECEIVING_OFFICER": grant("read edit", ScopeLevel.DEPARTMENT, level=1),
            "PROCESSING_OFFICER": grant("read", ScopeLevel.DEPARTMENT, level=1),
        },
        scopes={
            ScopeLevel.DEPARTMENT: lambda m, a: _known_to(m, a.department_ids, below=False),
            ScopeLevel.TREE: lambda m, a: _known_to(m, a.department_ids, below=True),
        },
        create=False,
        delete=True,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[ApplicantKind] = mapped_column(default=ApplicantKind.CITIZEN, info=ui(_("Kind"), list=3, filter=True))
    full_name: Mapped[str] = mapped_column(
        String(300),
        info=ui(_("Full name"), list=1, order="name_sort", search=True, personal=True, example="Nguyễn Thị Minh Khai"),
    )
    id_number: Mapped[str | None] = mapped_column(
        String(12),
        unique=True,
        info=ui(
            _("ID number"),
            list=2,
            search=True,
            personal=True,
            level=1,
            format="code",
            example="075190000123",
            help=_("12 digits of the citizen ID, or 9 of the old identity card."),
        ),
    )
    old_id_number: Mapped[str | None] = mapped_column(
        String(12),
        index=True,
        info=ui(
            _("Earlier ID number"),
            search=True,
            personal=True,
            level=1,
            format="code",
            example="271234567",
            help=_("Of the card before; older dossiers may carry it."),
        ),
    )
    tax_code: Mapped[str | None] = mapped_column(
        String(14),
        unique=True,
        info=ui(
            _("Tax code"),
            search=True,
            format="code",
            example="0100233488",
            help=_("10 digits, for a branch followed by a hyphen and 3 more."),
        ),
    )
    birth_date: Mapped[date | None] = mapped_column(info=ui(_("Date of birth"), personal=True, level=1))
    phone: Mapped[str | None] = mapped_column(
        String(20), info=ui(_("Telephone"), list=4, search=True, personal=True, level=1, format="phone")
    )
    email: Mapped[str | None] = mapped_column(String(200), info=ui(_("E-mail"), personal=True, level=1))
    address: Mapped[str | None] = mapped_column(String(400), info=ui(_("Address"), list=5, personal=True, level=1))
    created_at: Mapped[datetime] = mapped_column(info=ui(_("First seen"), read_only=True))
    is_imported: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Made by an import"), filter=True, read_only=True)
    )

    is_training: Mapped[bool] = mapped_column(
        default=False, info=ui(_("Training"), filter=True, read_only=True, help=_("Known from training only so far."))
    )

    def sort_text(self) -> str:
        return name_sort_key(self.full_name) if self.kind is ApplicantKind.CITIZEN else sort_key(self.full_name)

    def __str__(self) -> str:
        return self.full_name


searchable(Applicant)
