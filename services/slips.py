"""The papers a citizen takes home, as PDF: form 01, receipt of a dossier and appointment for its result.

Texts of the form are Vietnamese, as the rules print them. The facts travel to typst as JSON values, so that nothing
typed by anybody can become markup.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import segno
import typst

from models.text import normalise

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
FOLDER = Path(__file__).resolve().parent.parent / "templates" / "slips"
Paper = Literal["a4", "a5"]
FORM_NUMBERS = {"2018": "Mẫu số 01", "2025": "Mẫu số 01", "BEFORE_2018": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptDocument:
    """One item handed in: how many originals, certified copies and photocopies of it."""

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptFacts:
    """What form 01 prints. Texts are shown as given; times are aware; an empty text leaves its line out.

    slip_url      address behind the QR code: it holds the opaque token of the slip and nothing else
    channel       how the dossier came, in words ("Trực tiếp")
    limit         time limit in words ("3,5 ngày làm việc"), empty where the procedure has none
    due_reasons   why the due time is what it is, a sentence each
    return_place  where and how the result is handed over, in words
    fees          what is to be paid, in words
    is_training   marks every page as worthless outside of training
    """

    code: str
    slip_url: str
    site_name: str
    received_at: datetime
    applicant_name: str
    procedure_name: str
    servant_name: str
    authority: str = ""
    site_address: str = ""
    site_phone: str = ""
    counter_number: int | None = None
    place_name: str = ""
    rule_set: str = "2025"
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
    is_training: bool = False


def render_receipt(facts: ReceiptFacts, *, paper: Paper = "a5") -> bytes:
    """Return form 01 as a PDF/A-2a file (tagged, archivable, fonts inside).

    Source: form 01 of Circular 01/2018/TT-VPCP, kept under the same number by Circular 03/2025/TT-VPCP.
    """
    return _compile("receipt.typ", _receipt_values(facts, paper))


def slip_qr_svg(url: str) -> str:
    """Return the QR code of ``url`` as an SVG document."""
    out = BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True, scale=4)
    return out.getvalue().decode()


def long_date_time(at: datetime) -> str:
    """Return a time as forms write it: ``08 giờ 05 phút, ngày 05 tháng 01 năm 2026``."""
    local = at.astimezone(LOCAL)
    return f"{local:%H} giờ {local:%M} phút, {long_date(at)}"


def long_date(at: datetime) -> str:
    """Return a local date as forms write it: days in two digits, months only for January and February.

    Source: Decree 30/2020/ND-CP, appendix I, part II.
    """
    local = at.astimezone(LOCAL)
    month = f"{local.month:02d}" if local.month < 3 else str(local.month)
    return f"ngày {local.day:02d} tháng {month} năm {local.year}"


_thread = threading.local()


def _compile(template: str, values: dict[str, Any]) -> bytes:
    inputs = {"facts": json.dumps(values, ensure_ascii=False)}
    result = _compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards="a-2a")
    if not isinstance(result, bytes):
        raise TypeError(f"typst gave {type(result).__name__} for {template}, not one PDF file")
    return result


def _compiler(template: str) -> typst.Compiler:
    """Return this thread's compiler: one cannot be shared between threads, and a warm one is thirty times faster."""
    compilers: dict[str, typst.Compiler] = _thread.__dict__.setdefault("compilers", {})
    if template not in compilers:
        fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(FOLDER / "fonts")])
        compilers[template] = typst.Compiler(str(FOLDER / template), root=str(FOLDER), font_paths=fonts)
    return compilers[template]


def _receipt_values(facts: ReceiptFacts, paper: Paper) -> dict[str, Any]:
    texts = {
        key: normalise(getattr(facts, key))
        for key in (
            "authority", "site_name", "code", "applicant_name", "applicant_id_number", "applicant_address",
            "procedure_name", "procedure_code", "case_name", "department_name",
            "channel", "fees", "limit", "return_place", "note",
        )
    }  # fmt: skip
    submitter = normalise(facts.submitter_name) or texts["applicant_name"]
    return {
        **texts,
        "paper": paper,
        "applicant_contact": _joined(", ", facts.applicant_phone, facts.applicant_email),
        "title": f"Giấy tiếp nhận hồ sơ và hẹn trả kết quả {texts['code']}",
        "form_number": FORM_NUMBERS.get(facts.rule_set, ""),
        "place_and_date": _joined(", ", facts.place_name, long_date(facts.received_at)),
        "unit_sentence": _unit_sentence(facts),
        "submitter_name": "" if submitter == texts["applicant_name"] else submitter,
        "documents": [_document_values(number, item) for number, item in enumerate(facts.documents, 1)],
        "sets": f"{facts.sets:02d} bộ",
        "received_date": _date_parts(facts.received_at),
        "received": long_date_time(facts.received_at),
        "due": long_date_time(facts.due_at) if facts.due_at else "sẽ thông báo (thủ tục không quy định thời hạn)",
        "due_reasons": [normalise(reason) for reason in facts.due_reasons],
        "qr_svg": slip_qr_svg(facts.slip_url),
        "qr_alt": "Mã QR mở trang tra cứu và đánh giá của hồ sơ này",
        "watermark": "TẬP HUẤN" if facts.is_training else "",
        "footer": _footer(facts),
        "left_signature": {"role": "Người nộp hồ sơ", "name": submitter, "detail": ""},
        "right_signature": {
            "role": "Người tiếp nhận hồ sơ",
            "name": normalise(facts.servant_name),
            "detail": normalise(facts.servant_title),
        },
    }


def _date_parts(at: datetime) -> dict[str, int]:
    local = at.astimezone(LOCAL)
    return {"year": local.year, "month": local.month, "day": local.day}


def _unit_sentence(facts: ReceiptFacts) -> str:
    counter = f", quầy số {facts.counter_number}" if facts.counter_number is not None else ""
    return f"{normalise(facts.site_name)}{counter} đã tiếp nhận hồ sơ như sau:"


def _document_values(number: int, item: ReceiptDocument) -> dict[str, str]:
    counts = {key: str(value) if value else "–" for key, value in
              (("originals", item.originals), ("certified", item.certified), ("copies", item.copies))}  # fmt: skip
    return {"number": str(number), "name": normalise(item.name), **counts}


def _footer(facts: ReceiptFacts) -> str:
    phone = f"Điện thoại: {facts.site_phone}" if facts.site_phone else ""
    return _joined(" · ", facts.site_name, facts.site_address, phone)


def _joined(separator: str, *parts: str) -> str:
    return separator.join(normalise(part) for part in parts if part)
