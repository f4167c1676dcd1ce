"""What a version of a procedure says, as plain values: what is compared, fingerprinted and written."""

import enum
import hashlib
import json
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.procedure_terms import AgencyRole, FeeKind, LimitUnit, OnlineService, ProcedureKind
from models.states import Channel


@dataclass(frozen=True, slots=True)
class CodedName:
    """Something known by its code; ``code`` is empty where the record gives none."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency and its part; its name belongs to the department, so it is no part of the comparison."""

    role: AgencyRole
    code: str
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class SubjectArea:
    """The field of a procedure; its name belongs to the field, so it is no part of the comparison."""

    code: str
    name: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fee:
    kind: FeeKind
    amount_vnd: int | None
    foreign_amount: int | None
    foreign_currency: str | None
    description: str | None
    attachment: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    channel: Channel
    limit_quantity: Decimal | None
    limit_unit: LimitUnit | None
    limit_text: str | None
    description: str | None
    fees: tuple[Fee, ...]


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    source_path: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    name: str | None
    code: str | None
    originals: int
    copies: int
    is_required: bool
    has_electronic_form: bool
    is_earlier_result: bool
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Case:
    name: str | None
    documents: tuple[Document, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseCode:
    code: str
    name: str
    limit_quantity: Decimal | None
    limit_unit: LimitUnit | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """What sort of procedure it is, as its publisher says; staff may say otherwise on the procedure itself."""

    field: SubjectArea
    kind: ProcedureKind
    online_service: OnlineService
    is_ministry_level: bool
    is_province_level: bool
    is_commune_level: bool
    is_vertical_level: bool
    is_other_level: bool
    is_non_territorial: bool
    keywords: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureContent:
    """Everything a record says about a procedure. Times are local dates, money is whole đồng."""

    code: str
    name: str
    classification: Classification
    decision_number: str | None
    decision_date: date | None
    publication_date: date | None
    steps: str | None
    subjects: str | None
    conditions: str | None
    receiving_address: str | None
    return_methods: str | None
    note: str | None
    agencies: tuple[Agency, ...]
    methods: tuple[Method, ...]
    cases: tuple[Case, ...]
    national_cases: tuple[CaseCode, ...]
    legal_bases: tuple[CodedName, ...]
    results: tuple[CodedName, ...]


def plain(value: Any, *, compared_only: bool = False) -> Any:
    """Return ``value`` as JSON can hold it; ``compared_only`` leaves out what is no part of the comparison."""
    if is_dataclass(value):
        return {
            item.name: plain(getattr(value, item.name), compared_only=compared_only)
            for item in fields(value)
            if item.compare or not compared_only
        }
    if isinstance(value, tuple):
        return [plain(item, compared_only=compared_only) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def fingerprint(content: ProcedureContent) -> str:
    """Return SHA-256 (hex) over everything that is compared; equal content, equal fingerprint."""
    text = json.dumps(plain(content, compared_only=True), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
