"""The catalogue of administrative procedures: what a procedure is, and which text of it holds since when."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import Actor
from models.base import Base, Key, QuickView, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import searchable
from models.organisation import READ_ALL, Department
from models.procedure_terms import AgencyRole, OnlineService, ProcedureKind, ProcedureState, VersionState
from models.search import Searchable, Sorted
from models.text import sort_key

if TYPE_CHECKING:  # that module imports this one
    from models.procedure_content import ExecutionMethod, LegalBasis, NationalCase, ProcedureCase, ResultType

SORTED_LETTERS = 200
"""Names run to 1,094 characters; an index entry must stay short, and nobody sorts by the 200th letter."""


class ProcedureField(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """A subject area of procedures, such as civil status or land."""

    __tablename__ = "procedure_field"
    __screen__: ClassVar = Screen(
        title=_("Subject areas"),
        singular=_("Subject area"),
        group=_("Procedures"),
        icon="tags",
        help=_("Subject areas appear here once they are added or imported with the procedures."),
        order="name_sort",
        orders=("code",),
        grants={"ADMIN": grant("manage delete"), **READ_ALL, "VOLUNTEER": grant("read")},
        delete=True,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(60), unique=True, info=ui(_("Code"), list=1, search=True, format="code", example="G15-TP07")
    )
    name: Mapped[str] = mapped_column(String(300), info=ui(_("Name"), list=2, order="name_sort", search=True))

    def __str__(self) -> str:
        return self.name


searchable(ProcedureField)


def _has_no_limit(model: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Whether no way to apply has a limit that could be computed (144 of 1,148 real procedures)."""
    methods = Base.metadata.tables["execution_method"].c
    computable = select(methods.version_id).where(methods.limit_unit.is_not(None))
    return model.current_version_id.is_not(None) & model.current_version_id.not_in(computable)


def _changed_lately(model: Any, actor: Actor, at: datetime) -> ColumnElement[bool]:
    versions = ProcedureVersion.__table__.c
    since = at - timedelta(days=30)
    return model.id.in_(select(versions.procedure_id).where(versions.number > 1, versions.recorded_at >= since))


class Procedure(Searchable, Sorted, SoftDeleted, Versioned, Base):
    """An administrative procedure by its national code; what it asks for stands in its versions."""

    __tablename__ = "procedure"
    __screen__: ClassVar = Screen(
        title=_("Procedures"),
        singular=_("Procedure"),
        group=_("Procedures"),
        icon="journal-text",
        help=_("Import the national catalogue to fill this list, or add a procedure by hand."),
        order="name_sort",
        orders=("code",),
        grants={
            "ADMIN": grant("manage delete"),
            **READ_ALL,
            "VOLUNTEER": grant("read"),
            "DIRECTOR": grant("oversee edit import bulk"),
        },
        quick=(
            QuickView(name="no_limit", label=_("No computable limit"), where=_has_no_limit),
            QuickView(name="elsewhere", label=_("Not taken here"), where=lambda m, a, at: m.is_at_centre.is_(False)),
            QuickView(name="changed", label=_("Changed in 30 days"), where=_changed_lately),
        ),
        delete=True,
        children=("versions",),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(40),
        unique=True,
        info=ui(
            _("Code"),
            list=1,
            search=True,
            create_only=True,
            format="code",
            example="1.004194",
        ),
    )
    name: Mapped[str] = mapped_column(info=ui(_("Name"), list=2, order="name_sort", search=True, multiline=True))
    field_id: Mapped[int] = mapped_column(ForeignKey("procedure_field.id", ondelete="RESTRICT"), index=True)
    field: Mapped[ProcedureField] = relationship(info=ui(_("Subject area"), list=3, filter=True))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department | None] = relationship(
        info=ui(_("Department"), list=4, filter=True, help=_("The agency that decides; dossiers go to it."))
    )
    kind: Mapped[ProcedureKind] = mapped_column(
        default=ProcedureKind.STANDARD, info=ui(_("Kind"), filter=True, detail=False, section=_("Classification"))
    )
    state: Mapped[ProcedureState] = mapped_column(
        default=ProcedureState.PREPARED,
        info=ui(_("State"), list=5, filter=True, detail=False, section=_("Classification")),
    )
    online_service: Mapped[OnlineService] = mapped_column(
        default=OnlineService.NONE, info=ui(_("Online service"), filter=True, detail=False, section=_("Classification"))
    )
    is_ministry_level: Mapped[bool] = mapped_column(
        default=False, info=ui(_("At a ministry"), filter=True, detail=False, section=_("Classification"))
    )
    is_province_level: Mapped[bool] = mapped_column(
        default=False, info=ui(_("At the province"), filter=True, detail=False, section=_("Classification"))
    )
    is_commune_level: Mapped[bool] = mapped_column(
        default=False, info=ui(_("At a commune or ward"), filter=True, detail=False, section=_("Classification"))
    )
    is_vertical_level: Mapped[bool] = mapped_column(
        default=False, info=ui(_("At a vertical agency"), filter=True, detail=False, section=_("Classification"))
    )
    is_other_level: Mapped[bool] = mapped_column(
        default=False, info=ui(_("At another agency"), filter=True, detail=False, section=_("Classification"))
    )
    is_non_territorial: Mapped[bool] = mapped_column(
        default=False,
        info=ui(
            _("Anywhere in the country"),
            filter=True,
            detail=False,
            section=_("Classification"),
            help=_("The dossier may be handed in wherever the applicant is."),
        ),
    )
    keywords: Mapped[str | None] = mapped_column(
        info=ui(
            _("Keywords"),
            search=True,
            detail=False,
            multiline=True,
            section=_("Classification"),
            help=_("Words people use for it that its name lacks."),
        )
    )
    is_at_centre: Mapped[bool] = mapped_column(
        default=True,
        info=ui(
            _("Taken at the centre"),
            list=6,
            filter=True,
            detail=False,
            section=_("Where it is received"),
            help=_("If not, intake is refused and the clerk is told where to send the citizen."),
        ),
    )
    redirect_text: Mapped[str | None] = mapped_column(
        info=ui(
            _("Where else it is received"),
            multiline=True,
            detail=False,
            section=_("Where it is received"),
            example="Trung tâm Dịch vụ việc làm, số 5 đường 6A",
            help=_("Shown to the clerk and the citizen when the centre does not take it."),
        ),
    )
    is_imported: Mapped[bool] = mapped_column(
        default=False,
        info=ui(_("Made by an import"), filter=True, read_only=True, detail=False, section=_("Where it is received")),
    )
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("procedure_version.id", ondelete="SET NULL", use_alter=True), index=True
    )
    current_version: Mapped["ProcedureVersion | None"] = relationship(
        foreign_keys=current_version_id,
        post_update=True,
        info=ui(_("Version in force"), read_only=True, detail=False, section=_("Where it is received")),
    )
    versions: Mapped[list["ProcedureVersion"]] = relationship(
        foreign_keys="ProcedureVersion.procedure_id",
        back_populates="procedure",
        order_by="ProcedureVersion.number.desc()",
        info=ui(_("Versions"), form=False),
    )

    def sort_text(self) -> str:
        return sort_key(self.name[:SORTED_LETTERS])

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


searchable(Procedure)


class ProcedureVersion(SoftDeleted, Versioned, Base):
    """What a procedure asks for and promises from one publication to the next; a dossier keeps its own."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        UniqueConstraint("procedure_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        Index(
            "uq_procedure_version_published",
            "procedure_id",
            unique=True,
            sqlite_where=text("state = 'PUBLISHED'"),
            postgresql_where=text("state = 'PUBLISHED'"),
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Procedure versions"),
        singular=_("Procedure version"),
        group=_("Procedures"),
        icon="layers",
        order="-id",
        grants={"ADMIN": grant("oversee"), **READ_ALL, "VOLUNTEER": grant("read")},
        create=False,
        edit=False,
        menu=False,
    )

    id: Mapped[Key]
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id", ondelete="RESTRICT"), index=True)
    procedure: Mapped[Procedure] = relationship(
        foreign_keys=procedure_id,
        back_populates="versions",
        lazy="joined",
        innerjoin=True,
        info=ui(_("Procedure"), list=1, read_only=True),
    )
    number: Mapped[int] = mapped_column(info=ui(_("Version"), list=2, read_only=True))
    name: Mapped[str] = mapped_column(info=ui(_("Name"), multiline=True, read_only=True))
    classification: Mapped[dict[str, Any]] = mapped_column(
        default=dict, info=ui(_("Classification"), form=False, detail=False)
    )
    state: Mapped[VersionState] = mapped_column(
        default=VersionState.DRAFT, info=ui(_("State"), list=3, filter=True, read_only=True)
    )
    decision_number: Mapped[str | None] = mapped_column(
        String(60), index=True, info=ui(_("Decision"), list=4, detail=False, example="163/QĐ-BTP")
    )
    decision_date: Mapped[date | None] = mapped_column(info=ui(_("Decided on"), list=5, filter=True, detail=False))
    publication_date: Mapped[date | None] = mapped_column(info=ui(_("Made public on"), filter=True, detail=False))
    effective_at: Mapped[datetime | None] = mapped_column(info=ui(_("In force since"), list=6))
    superseded_at: Mapped[datetime | None] = mapped_column(info=ui(_("Superseded")))
    steps: Mapped[str | None] = mapped_column(info=ui(_("Steps"), multiline=True, detail=False))
    subjects: Mapped[str | None] = mapped_column(
        info=ui(_("Who may apply"), multiline=True, detail=False, help=_("One group of people a line."))
    )
    conditions: Mapped[str | None] = mapped_column(
        info=ui(_("Requirements and conditions"), multiline=True, detail=False)
    )
    receiving_address: Mapped[str | None] = mapped_column(
        info=ui(_("Where dossiers are received"), multiline=True, detail=False)
    )
    return_methods: Mapped[str | None] = mapped_column(
        info=ui(_("How results are returned"), multiline=True, form=False, detail=False)
    )
    note: Mapped[str | None] = mapped_column(info=ui(_("Note"), multiline=True, detail=False))
    content_hash: Mapped[str] = mapped_column(
        String(64), info=ui(_("Fingerprint of the content"), form=False, detail=False)
    )
    difference: Mapped[list[Any] | None] = mapped_column(
        info=ui(_("Difference to the version before"), form=False, detail=False)
    )
    recorded_at: Mapped[datetime] = mapped_column(index=True, info=ui(_("Recorded"), read_only=True))
    methods: Mapped[list["ExecutionMethod"]] = relationship(
        back_populates="version", order_by="ExecutionMethod.position"
    )
    cases: Mapped[list["ProcedureCase"]] = relationship(back_populates="version", order_by="ProcedureCase.position")
    national_cases: Mapped[list["NationalCase"]] = relationship(
        back_populates="version", order_by="NationalCase.position"
    )
    agencies: Mapped[list["ProcedureAgency"]] = relationship(
        back_populates="version", order_by="ProcedureAgency.position"
    )
    results: Mapped[list["ResultType"]] = relationship(back_populates="version", order_by="ResultType.position")
    legal_bases: Mapped[list["LegalBasis"]] = relationship(back_populates="version", order_by="LegalBasis.position")

    def __str__(self) -> str:
        return f"{self.procedure.code} · v{self.number}"


class ProcedureAgency(Base):
    """What one agency has to do with a version of a procedure."""

    __tablename__ = "procedure_agency"

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(back_populates="agencies")
    position: Mapped[int]
    role: Mapped[AgencyRole]
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department] = relationship()

    def __str__(self) -> str:
        return f"{self.role.value} · {self.department}"
