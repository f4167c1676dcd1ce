"""Papers of the hand-over that no rule numbers: who took which results, a lost receipt, what the post took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.text import normalise
from services.slips.typesetting import (
    Form,
    Letterhead,
    compile_pdf,
    head_values,
    long_date_time,
    short_date_time,
    signature,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedResult:
    """One result of a hand-over: its dossier, what it is, and the number of its document."""

    code: str
    procedure_name: str
    applicant_name: str
    outcome: str
    document: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionFacts(Letterhead):
    """What the slip of a hand-over prints; ``signature_svg`` is "" where it is signed on the paper itself."""

    collected_at: datetime
    collector_name: str
    collector_number: str = ""
    capacity: str = ""
    proof: str = ""
    lost_note: str = ""
    officer_name: str = ""
    officer_title: str = ""
    signature_svg: str = ""
    results: Sequence[HandedResult] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LostReceiptFacts(Letterhead):
    """What the declaration of a lost receipt prints; the person fills the rest in by hand."""

    issued_at: datetime
    applicant_name: str
    applicant_number: str = ""
    applicant_address: str = ""
    applicant_phone: str = ""
    procedure_name: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PostalLine:
    """One result that the post takes; money and payer in words."""

    code: str
    waybill: str
    recipient: str
    address: str
    phone: str
    postage: str
    payer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PostalFacts(Letterhead):
    """What the list for the carrier prints."""

    issued_at: datetime
    carrier: str
    total: str
    officer_name: str = ""
    is_draft: bool = False
    lines: Sequence[PostalLine] = ()


def render_collection(facts: CollectionFacts) -> bytes:
    """Return the slip of a hand-over as a PDF/A-2a file, A5."""
    return compile_pdf(
        "collection.typ",
        {
            **head_values(facts, Form.COLLECTION, "Phiếu giao nhận kết quả", facts.collected_at),
            "paper": "a5",
            "collected": long_date_time(facts.collected_at),
            "collector_name": normalise(facts.collector_name),
            "collector_number": facts.collector_number,
            "capacity": facts.capacity,
            "proof": normalise(facts.proof),
            "lost_note": normalise(facts.lost_note),
            "signature_svg": facts.signature_svg,
            "rows": [
                [
                    str(number), row.code, normalise(row.procedure_name), normalise(row.applicant_name),
                    normalise(row.outcome), normalise(row.document),
                ]
                for number, row in enumerate(facts.results, 1)
            ],
            "signatures": [
                signature("Người giao", facts.officer_name, facts.officer_title),
                signature("Người nhận", facts.collector_name),
            ],
        },
    )  # fmt: skip


def render_lost_receipt(facts: LostReceiptFacts) -> bytes:
    """Return the declaration of a lost receipt as a PDF/A-2a file, A4."""
    return compile_pdf(
        "lost_receipt.typ",
        {
            **head_values(facts, Form.LOST_RECEIPT, "Giấy cam đoan mất giấy hẹn trả kết quả", facts.issued_at),
            "paper": "a4",
            "applicant_name": normalise(facts.applicant_name),
            "applicant_number": facts.applicant_number,
            "applicant_address": normalise(facts.applicant_address),
            "applicant_phone": facts.applicant_phone,
            "procedure_name": normalise(facts.procedure_name),
            "received": long_date_time(facts.received_at) if facts.received_at else "",
            "signatures": [signature("Người cam đoan")],
        },
    )


def render_postal_list(facts: PostalFacts) -> bytes:
    """Return the list that goes with the results as a PDF/A-2a file, A4 lying."""
    return compile_pdf(
        "postal_list.typ",
        {
            **head_values(facts, Form.POSTAL_LIST, "Danh sách giao kết quả cho bưu chính", facts.issued_at),
            "paper": "a4",
            "watermark": "BẢN NHÁP" if facts.is_draft else "",
            "carrier": normalise(facts.carrier),
            "issued": short_date_time(facts.issued_at),
            "total": facts.total,
            "rows": [
                [
                    str(number), row.waybill, row.code, normalise(row.recipient), normalise(row.address),
                    row.phone, row.postage, row.payer, "",
                ]
                for number, row in enumerate(facts.lines, 1)
            ],
            "signatures": [
                signature("Người giao", facts.officer_name),
                signature("Nhân viên bưu chính"),
            ],
        },
    )  # fmt: skip
