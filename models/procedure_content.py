"""What belongs to one version of a procedure: ways to apply with limits and fees, papers, results, legal bases.

Rows here are written with their version and never change afterwards; ``procedure_version.content_hash``, which
is in the audit trail, commits to all of them (docs/adr/0008-procedure-versions-and-import.md).
"""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Screen, _, grant, ui
from models.ddl import searchable
from models.organisation import READ_ALL
from models.procedure import ProcedureVersion
from models.procedure_terms import FeeKind, LimitUnit
from models.search import Searchable
from models.states import Channel


class ProcedureCase(Base):
    """A case of a procedure with the papers it asks for; the only case of many procedures has no name."""

    __tablename__ = "procedure_case"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(back_populates="cases")
    position: Mapped[int]
    name: Mapped[str | None]
    documents: Mapped[list["RequiredDocument"]] = relationship(
        back_populates="case", order_by="RequiredDocument.position"
    )

    def __str__(self) -> str:
        return self.name or f"#{self.position}"


class NationalCase(Base):
    """A case code of the national catalogue (1.004194.01), which payments and synchronisation are keyed by."""

    __tablename__ = "national_case"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(back_populates="national_cases")
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str]
    limit_quantity: Mapped[Decimal | None] = mapped_column(Numeric(9, 3))
    limit_unit: Mapped[LimitUnit | None]


class ExecutionMethod(Base):
    """One way to apply: channel and limit; a channel can have several, which their descriptions tell apart.

    ``limit_unit`` is NULL where the limit cannot be computed; then ``limit_text`` or the description says it.
    """

    __tablename__ = "execution_method"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("limit_unit IS NULL OR limit_quantity > 0", name="computable_limit_positive"),
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(back_populates="methods")
    position: Mapped[int]
    channel: Mapped[Channel]
    limit_quantity: Mapped[Decimal | None] = mapped_column(Numeric(9, 3))
    limit_unit: Mapped[LimitUnit | None]
    limit_text: Mapped[str | None]
    description: Mapped[str | None]
    fees: Mapped[list["FeeRule"]] = relationship(back_populates="method", order_by="FeeRule.position")

    def __str__(self) -> str:
        return self.channel.value


class FeeRule(Base):
    """A charge of one way to apply, in whole đồng; NULL where only its words say how much."""

    __tablename__ = "fee_rule"
    __table_args__ = (
        UniqueConstraint("method_id", "position"),
        CheckConstraint("amount_vnd >= 0", name="amount_not_negative"),
    )

    id: Mapped[Key]
    method_id: Mapped[int] = mapped_column(ForeignKey("execution_method.id", ondelete="RESTRICT"), index=True)
    method: Mapped[ExecutionMethod] = relationship(back_populates="fees")
    position: Mapped[int]
    kind: Mapped[FeeKind]
    amount_vnd: Mapped[int | None]
    foreign_amount: Mapped[int | None]
    foreign_currency: Mapped[str | None] = mapped_column(String(3))
    description: Mapped[str | None]
    attachment: Mapped[str | None] = mapped_column(String(300))

    def __str__(self) -> str:
        return self.kind.value


class RequiredDocument(Base):
    """A paper a case asks for, with how many originals and copies; both zero where any form will do."""

    __tablename__ = "required_document"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        CheckConstraint("originals >= 0 AND copies >= 0", name="counts_not_negative"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("procedure_case.id", ondelete="RESTRICT"), index=True)
    case: Mapped[ProcedureCase] = relationship(back_populates="documents")
    position: Mapped[int]
    name: Mapped[str | None]
    code: Mapped[str | None] = mapped_column(String(160))
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    is_required: Mapped[bool] = mapped_column(default=False)
    has_electronic_form: Mapped[bool] = mapped_column(default=False)
    is_earlier_result: Mapped[bool] = mapped_column(default=False)
    forms: Mapped[list["FormFile"]] = relationship(back_populates="document", order_by="FormFile.position")

    def __str__(self) -> str:
        return self.name or self.code or f"#{self.position}"


class FormFile(Base):
    """A form that belongs to a required document: its name, and where the national catalogue keeps it."""

    __tablename__ = "form_file"
    __table_args__ = (UniqueConstraint("document_id", "position"),)

    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(ForeignKey("required_document.id", ondelete="RESTRICT"), index=True)
    document: Mapped[RequiredDocument] = relationship(back_populates="forms")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    source_path: Mapped[str | None] = mapped_column(String(500))

    def __str__(self) -> str:
        return self.name


class LegalBasis(Searchable, Base):
    """A legal text a version rests on; the list answers which procedures a decree that changes concerns."""

    __tablename__ = "legal_basis"
    __table_args__ = (UniqueConstraint("version_id", "position"),)
    __screen__: ClassVar = Screen(
        title=_("Legal bases"),
        singular=_("Legal basis"),
        group=_("Procedures"),
        icon="book",
        help=_("The legal texts that published procedures rest on appear here with the catalogue."),
        order="code",
        grants={"ADMIN": grant("oversee"), **READ_ALL},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(
        back_populates="legal_bases", info=ui(_("Procedure version"), list=3, filter=True)
    )
    position: Mapped[int]
    code: Mapped[str] = mapped_column(
        String(120), index=True, info=ui(_("Number"), list=1, search=True, format="code", example="118/2025/NĐ-CP")
    )
    name: Mapped[str] = mapped_column(info=ui(_("Name"), list=2, search=True))

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


searchable(LegalBasis)


class ResultType(Base):
    """What the citizen gets in the end."""

    __tablename__ = "result_type"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), index=True)
    version: Mapped[ProcedureVersion] = relationship(back_populates="results")
    position: Mapped[int]
    code: Mapped[str | None] = mapped_column(String(120), index=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class ProcedureSource(Base):
    """The record of the national catalogue a version was imported from, as it was given."""

    __tablename__ = "procedure_source"

    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id", ondelete="RESTRICT"), primary_key=True)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
