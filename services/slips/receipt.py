"""Form 01: receipt of a dossier and appointment for its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.text import normalise
from services.slips.roll import RollFacts, render_roll
from services.slips.typesetting import (
    Form,
    Letterhead,
    Paper,
    compile_pdf,
    head_values,
    joined,
    long_date_time,
    signature,
)

TITLE = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptDocument:
    """One item handed in: how many originals, certified copies and photocopies of it."""

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptFacts(Letterhead):
    """What form 01 prints.

    channel       how the dossier came, in words ("Trực tiếp")
    limit         time limit in words ("3,5 ngày làm việc"), empty where the procedure has none
    due_reasons   why the due time is what it is, a sentence each
    return_place  where and how the result is handed over, in words
    fees          what is to be paid, in words
    """

    received_at: datetime
    applicant_name: str
    procedure_name: str
    servant_name: str
    counter_number: int | None = None
    applicant_id_number: str = ""
    applicant_address: str = ""
    applicant_phone: str = ""
    applicant_email: str = ""
    submitter_name: str = ""
    procedure_code: str = ""
    case_name: str = ""
    department_name: str = ""
    channel: str = ""
    fees: str = ""
    documents: Sequence[ReceiptDocument] = ()
    sets: int = 1
    limit: str = ""
    due_at: datetime | None = None
    due_reasons: Sequence[str] = ()
    return_place: str = ""
    servant_title: str = ""
    note: str = ""


def render_receipt(facts: ReceiptFacts, *, paper: Paper = "a5") -> bytes:
    """Return form 01 as a PDF/A-2a file.

    Source: form 01 of Circular 01/2018/TT-VPCP, kept under the same number by Circular 03/2025/TT-VPCP.
    """
    if paper == "roll":
        return render_roll(_roll(facts))
    return compile_pdf("receipt.typ", {**_values(facts), "paper": paper})


def _roll(facts: ReceiptFacts) -> RollFacts:
    """Return what a narrow roll has room for: of the papers their numbers, of the due time no reasons."""
    submitter = facts.submitter_name if facts.submitter_name != facts.applicant_name else ""
    due = long_date_time(facts.due_at) if facts.due_at else "sẽ thông báo"
    return RollFacts(
        **{name: getattr(facts, name) for name in Letterhead.__dataclass_fields__},
        form=Form.RECEIPT,
        heading=TITLE,
        issued_at=facts.received_at,
        main=("Hẹn trả kết quả", due),
        rows=(
            ("Chủ hồ sơ", facts.applicant_name),
            ("Người nộp", submitter),
            ("Thủ tục", facts.procedure_name),
            ("Cơ quan giải quyết", facts.department_name),
            ("Nhận lúc", long_date_time(facts.received_at)),
            ("Nhận kết quả tại", facts.return_place),
            ("Phí, lệ phí", facts.fees),
            ("Người tiếp nhận", facts.servant_name),
        ),
        items_title="Giấy tờ đã nộp (chính, chứng thực, chụp)",
        items=[(item.name, f"{item.originals} · {item.certified} · {item.copies}") for item in facts.documents],
        last="Quét mã dưới đây để xem hồ sơ đang ở đâu.",
    )


def _values(facts: ReceiptFacts) -> dict[str, Any]:
    texts = {
        key: normalise(getattr(facts, key))
        for key in (
            "applicant_name", "applicant_id_number", "applicant_address", "procedure_name", "procedure_code",
            "case_name", "department_name", "channel", "fees", "limit", "return_place", "note",
        )
    }  # fmt: skip
    submitter = normalise(facts.submitter_name) or texts["applicant_name"]
    return {
        **head_values(facts, Form.RECEIPT, TITLE, facts.received_at),
        **texts,
        "applicant_contact": joined(", ", facts.applicant_phone, facts.applicant_email),
        "unit_sentence": _unit_sentence(facts),
        "submitter_name": "" if submitter == texts["applicant_name"] else submitter,
        "documents": [_document_values(number, item) for number, item in enumerate(facts.documents, 1)],
        "sets": f"{facts.sets:02d} bộ",
        "received": long_date_time(facts.received_at),
        "due": long_date_time(facts.due_at) if facts.due_at else "sẽ thông báo (thủ tục không quy định thời hạn)",
        "due_reasons": [normalise(reason) for reason in facts.due_reasons],
        "left_signature": signature("Người nộp hồ sơ", submitter),
        "right_signature": signature("Người tiếp nhận hồ sơ", facts.servant_name, facts.servant_title),
    }


def _unit_sentence(facts: ReceiptFacts) -> str:
    counter = f", quầy số {facts.counter_number}" if facts.counter_number is not None else ""
    return f"{normalise(facts.site_name)}{counter} đã tiếp nhận hồ sơ như sau:"


def _document_values(number: int, item: ReceiptDocument) -> dict[str, str]:
    counts = {key: str(value) if value else "–" for key, value in
              (("originals", item.originals), ("certified", item.certified), ("copies", item.copies))}  # fmt: skip
    return {"number": str(number), "name": normalise(item.name), **counts}
