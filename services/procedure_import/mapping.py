"""From a record of the national catalogue to what we keep of it, or to the reason why it cannot be kept.

The shapes were read from 1,148 real records; docs/adr/0008-procedure-versions-and-import.md says what each
part of a record becomes.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from models.base import _
from models.procedure_terms import PROCEDURE_CODE, AgencyRole, FeeKind, LimitUnit, OnlineService, ProcedureKind
from models.states import Channel
from models.text import fold
from services.procedure_import.content import (
    Agency,
    Case,
    CaseCode,
    Classification,
    CodedName,
    Document,
    Fee,
    Form,
    Method,
    ProcedureContent,
    SubjectArea,
)
from services.procedure_import.values import SHOWN_CHARACTERS, Node, RecordRefusedError, ValueMissingError, describe

MOST_VND = 1_000_000_000_000
"""The dearest real fee is 17,500,000,000 đồng; a million million is a slip of the keyboard."""
MOST_COPIES = 100
MOST_LIMIT = 10_000

CHANNELS = {"DIRECT": Channel.COUNTER, "ONLINE": Channel.ONLINE, "POSTAL": Channel.POST}
KINDS = {kind.value: kind for kind in ProcedureKind}
FEE_KINDS = {kind.value: kind for kind in FeeKind}
UNITS: dict[str, tuple[LimitUnit | None, int]] = {
    "WORKING_DAY": (LimitUnit.WORKING_DAY, 1),
    "DAY": (LimitUnit.DAY, 1),
    "HOUR": (LimitUnit.HOUR, 1),
    "MONTH": (LimitUnit.MONTH, 1),
    "YEAR": (LimitUnit.MONTH, 12),
    "OTHER": (None, 1),
}
RETURN_WAYS = {"OFFLINE": "COUNTER", "ONLINE": "ONLINE"}
RETURN_PLACES = {"AT_SUBMISSION_PLACE": "COUNTER", "AT_HOME": "POST", "ONLINE": "ONLINE"}
AGENCY_LISTS = (
    (AgencyRole.EXECUTING, "departmentsExecuting", "unitGroupsExecuting"),
    (AgencyRole.COMPETENT, "departmentsAuthority", "unitGroupsAuthority"),
    (AgencyRole.AUTHORISED, "departmentsAuthorized", "unitGroupsAuthorized"),
    (AgencyRole.COORDINATING, "departmentsCoordinating", "unitGroupsCoordinating"),
)


class CodeMalformedError(RecordRefusedError):
    message = _("%(found)s is no national procedure code; it should look like 1.004194.")


class CodeDisagreesError(RecordRefusedError):
    message = _("The record is headed %(code)s, but its detail belongs to %(found)s.")


class FeeAbsurdError(RecordRefusedError):
    message = _("%(place)s is no believable amount: %(found)s. Whole đồng from 0 to %(most)s are taken.")


class LimitAbsurdError(RecordRefusedError):
    message = _("%(place)s is no believable time limit: %(found)s.")


def map_record(record: object) -> ProcedureContent:
    """Return what a parsed record says; raise RecordRefusedError where it cannot be taken."""
    head = Node.of(record, "")
    code = _code(head)
    detail = Node.of(head.values.get("detail"), "detail")
    if detail.values.get("code", code) != code:
        raise CodeDisagreesError(code=code, found=describe(detail.values["code"]))
    decision = detail.child("procedureProposal")
    methods = tuple(_method(node) for node in detail.children("executionMethods"))
    return ProcedureContent(
        code=code,
        name=head.needed_line("name"),
        classification=_classification(detail, methods),
        decision_number=decision.line("proposalNumber", most=60),
        decision_date=decision.local_date("decisionDate"),
        publication_date=decision.local_date("publicationDate"),
        steps=_steps(detail),
        subjects="\n".join(dict.fromkeys(n.needed_line("name") for n in detail.children("subjectTypesDetails")))
        or None,
        conditions=detail.text("requirementsAndConditions") or detail.text("description"),
        receiving_address=detail.text("dossierReceivingAddresses"),
        return_methods=_return_methods(detail),
        note=detail.text("note"),
        agencies=tuple(dict.fromkeys(_agencies(detail))),
        methods=methods,
        cases=tuple(_cases(detail)),
        national_cases=tuple(dict.fromkeys(_case_codes(detail))),
        legal_bases=tuple(dict.fromkeys(_named(n) for n in detail.children("legalBasisesDetails"))),
        results=tuple(dict.fromkeys(_named(n) for n in detail.children("resultsDetails"))),
    )


def _code(head: Node) -> str:
    code = head.raw_text("code")
    if not code:
        raise ValueMissingError(place="code")
    if not PROCEDURE_CODE.fullmatch(code):
        raise CodeMalformedError(found=f"“{code[:SHOWN_CHARACTERS]}”")
    return code


def _classification(detail: Node, methods: tuple[Method, ...]) -> Classification:
    area = next(detail.children("categoriesDetails"), None) or detail.child("category")
    online = OnlineService.NONE
    if detail.flag("isFullProcess"):
        online = OnlineService.FULL
    elif any(method.channel is Channel.ONLINE for method in methods):
        online = OnlineService.PARTIAL
    return Classification(
        field=SubjectArea(area.needed_line("code", most=60), area.needed_line("name", most=300)),
        kind=detail.word("type", KINDS),
        online_service=online,
        is_ministry_level=detail.flag("isMinistry"),
        is_province_level=detail.flag("isProvince"),
        is_commune_level=detail.flag("isWard"),
        is_vertical_level=detail.flag("isVertical"),
        is_other_level=detail.flag("isOtherAgency"),
        is_non_territorial=detail.flag("isNonTerritorial"),
        keywords=detail.text("keywords"),
    )


def _steps(detail: Node) -> str | None:
    """Return the steps as one text: the heading of a step, if any, then what is to be done."""
    parts = []
    for node in detail.children("executionSteps"):
        part = "\n".join(text for text in (node.line("name"), node.text("description")) if text)
        if part:
            parts.append(part)
    return "\n\n".join(parts) or None


def _subjects(detail: Node) -> str | None:
    """Return who may apply, one group of people a line."""
    return "\n".join(dict.fromkeys(n.needed_line("name") for n in detail.children("subjectTypesDetails"))) or None


def _return_methods(detail: Node) -> str | None:
    """Return how a result comes back, one line per way of applying: ``ONLINE: COUNTER POST``; None if unsaid."""
    lines = []
    for node in detail.children("returningMethods"):
        way = node.word("type", RETURN_WAYS)
        places = node.values.get("value")
        names = [Node({"value": p}, node.at("value")).word("value", RETURN_PLACES) for p in _list(node, places)]
        lines.append(f"{way}: {' '.join(sorted(set(names)))}")
    return "\n".join(lines) or None


def _list(node: Node, value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _agencies(detail: Node) -> Iterator[Agency]:
    for role, departments, groups in AGENCY_LISTS:
        for node in detail.children(departments):
            name = node.needed_line("name", most=300)
            yield Agency(role, node.line("code", most=40) or group_code(name), name)
        for node in detail.children(groups):
            name = node.needed_line("name", most=300)
            yield Agency(role, group_code(name), name)
    name = detail.line("departmentPromulgateName", most=300)
    if name:
        code = detail.line("departmentPromulgateCode", most=40) or group_code(name)
        yield Agency(AgencyRole.PUBLISHING, code, name)


def group_code(name: str) -> str:
    """Return the code of a kind of agency ("every commune's people's committee"), which the catalogue has none for.

    Made from the folded name, so that a second import finds it again.
    """
    return f"NHOM-{hashlib.sha256(fold(name).encode()).hexdigest()[:8].upper()}"


def _limit(node: Node, quantity: str, unit: str) -> tuple[Decimal | None, LimitUnit | None]:
    """Return the limit; without a unit where it cannot be computed, without a quantity where none is given."""
    known, factor = node.word(unit, UNITS)
    number = node.number(quantity)
    if number is not None:
        if not 0 <= number <= MOST_LIMIT or number != round(number, 3):
            raise LimitAbsurdError(place=node.at(quantity), found=describe(node.values[quantity]))
        number *= factor
    elif node.values.get(quantity) is not None:
        node.raw_text(quantity)  # words are fine, anything else is a fault
    if not number or known is None:
        return number, None
    return number, known


def _method(node: Node) -> Method:
    quantity, unit = _limit(node, "processingTime", "processingTimeUnit")
    words = node.text("processingTime") if isinstance(node.values.get("processingTime"), str) else None
    return Method(
        channel=node.word("submissionMethod", CHANNELS),
        limit_quantity=quantity,
        limit_unit=unit,
        limit_text=words if quantity is None else None,
        description=node.text("description"),
        fees=tuple(_fee(fee) for fee in node.children("fees")),
    )


def _fee(node: Node) -> Fee:
    value = node.values.get("value")
    amount = None if value is None else node.number("value")
    if value is not None and (amount is None or amount != amount.to_integral_value() or not 0 <= amount <= MOST_VND):
        raise FeeAbsurdError(place=node.at("value"), found=describe(value), most=f"{MOST_VND:,}".replace(",", " "))
    currency = _currency(node)
    is_foreign = currency is not None and amount is not None
    return Fee(
        kind=node.word("type", FEE_KINDS),
        amount_vnd=None if amount is None or is_foreign else int(amount),
        foreign_amount=int(amount) if amount is not None and is_foreign else None,
        foreign_currency=currency,
        description=node.text("description"),
        attachment=node.child("attachment").line("fileName", most=300),
    )


def _currency(node: Node) -> str | None:
    """Return the code of a foreign currency; None for đồng, which most records do not even name."""
    name = node.child("currency").line("code") or node.line("currencyName")
    if name is None or name == "VND" or "viet nam" in fold(name):
        return None
    return Node({"currency": name.upper()}, node.place).line("currency", most=3)


def _cases(detail: Node) -> Iterator[Case]:
    for node in detail.children("executionCases"):
        case = Case(node.text("name"), tuple(_document(item) for item in node.children("profileComponents")))
        if case.name or case.documents:
            yield case


def _document(node: Node) -> Document:
    return Document(
        name=node.text("name"),
        code=node.line("code", most=160),
        originals=node.whole("originalQty", MOST_COPIES) or 0,
        copies=node.whole("copyQty", MOST_COPIES) or 0,
        is_required=node.flag("required"),
        has_electronic_form=node.flag("hasElectronicForm"),
        is_earlier_result=node.flag("isProcessingResult"),
        forms=tuple(
            Form(form.needed_line("fileName", most=300), form.line("filePath", most=500))
            for form in node.children("attachments")
        ),
    )


def _case_codes(detail: Node) -> Iterator[CaseCode]:
    for node in detail.children("cases"):
        days = node.child("processingDay")
        quantity, unit = _limit(days, "qty", "type") if days.values else (None, None)
        yield CaseCode(
            code=node.needed_line("code", most=40),
            name=node.needed_line("name"),
            limit_quantity=quantity,
            limit_unit=unit,
        )


def _named(node: Node) -> CodedName:
    return CodedName(node.line("code", most=120) or "", node.needed_line("name"))
