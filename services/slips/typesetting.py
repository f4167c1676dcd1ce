"""How papers are set: one warm compiler per thread, dates and codes as forms write them, what all of them carry."""

import json
import threading
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from barcode import Code128
from barcode.writer import SVGWriter

from models.text import normalise
from services.localtime import LOCAL_ZONE

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "slips"
Paper = Literal["a4", "a5", "roll"]


class Form(StrEnum):
    """The papers: those that the rules number, and a few that they do not."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    STOP = "stop"
    CONTROL = "control"
    REGISTER = "register"
    COLLECTION = "collection"
    LOST_RECEIPT = "lost-receipt"
    POSTAL_LIST = "postal-list"
    EMERGENCY = "emergency"
    CASH = "cash"
    CASH_DAY = "cash_day"


NUMBERS: dict[tuple[Form, str], str] = {
    (Form.RECEIPT, "2018"): "01", (Form.RECEIPT, "2025"): "01",
    (Form.SUPPLEMENT, "2018"): "02", (Form.SUPPLEMENT, "2025"): "02",
    (Form.REFUSAL, "2018"): "03", (Form.REFUSAL, "2025"): "03",
    (Form.APOLOGY, "2018"): "04", (Form.APOLOGY, "2025"): "04",
    (Form.STOP, "2025"): "05",
    (Form.CONTROL, "2018"): "05", (Form.CONTROL, "2025"): "06",
    (Form.REGISTER, "2018"): "06", (Form.REGISTER, "2025"): "07",
}  # fmt: skip
"""The number of each form under the rules of a year. Source: domain.md 2.2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What every paper carries. Texts are shown as given; an empty text leaves its line out.

    slip_url     address behind the QR code: it holds the opaque token of the slip and nothing else; "" for no code
    copy_number  which print this is; from the second on the paper says so
    is_training  marks every page as worthless outside of training
    """

    site_name: str
    code: str = ""
    slip_url: str = ""
    authority: str = ""
    site_address: str = ""
    site_phone: str = ""
    place_name: str = ""
    rule_set: str = "2025"
    copy_number: int = 1
    is_training: bool = False


def head_values(head: Letterhead, form: Form, title: str, at: datetime) -> dict[str, Any]:
    """Return what ``common.typ`` needs of a paper issued at ``at``."""
    number = NUMBERS.get((form, head.rule_set), "")
    phone = f"Điện thoại: {head.site_phone}" if head.site_phone else ""
    return {
        "title": f"{title} {head.code}".strip(),
        "authority": normalise(head.authority),
        "site_name": normalise(head.site_name),
        "code": normalise(head.code),
        "code_label": "Số" if form in (Form.CASH, Form.COLLECTION, Form.POSTAL_LIST) else "Mã hồ sơ",
        "form_number": f"Mẫu số {number}" if number else "",
        "copy": f"In lại lần {head.copy_number - 1}" if head.copy_number > 1 else "",
        "place_and_date": joined(", ", head.place_name, long_date(at)),
        "document_date": date_parts(at),
        "qr_svg": qr_svg(head.slip_url) if head.slip_url else "",
        "qr_alt": "Mã QR mở trang tra cứu và đánh giá của hồ sơ này",
        "barcode_svg": barcode_svg(head.code) if head.code else "",
        "watermark": "TẬP HUẤN" if head.is_training else "",
        "footer": joined(" · ", head.site_name, head.site_address, phone),
    }


def signature(role: str, name: str = "", detail: str = "") -> dict[str, str]:
    """Return one party of the signatures at the end."""
    return {"role": role, "name": normalise(name), "detail": normalise(detail)}


def qr_svg(url: str) -> str:
    """Return the QR code of ``url`` as an SVG document."""
    out = BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True, scale=4)
    return out.getvalue().decode()


def barcode_svg(code: str) -> str:
    """Return the Code 128 of ``code`` as an SVG document; what a scanner gun reads at a hand-over."""
    options = {
        "write_text": False,
        "quiet_zone": 2,
        "module_width": 0.25,
        "module_height": 8,
        "margin_top": 0,
        "margin_bottom": 0,
    }
    return Code128(code, writer=SVGWriter()).render(options).decode()


def long_date_time(at: datetime) -> str:
    """Return a time as forms write it: ``08 giờ 05 phút, ngày 05 tháng 01 năm 2026``."""
    local = at.astimezone(LOCAL_ZONE)
    return f"{local:%H} giờ {local:%M} phút, {long_date(at)}"


def long_date(at: datetime) -> str:
    """Return a local date as forms write it: days in two digits, months only for January and February.

    Source: Decree 30/2020/ND-CP, appendix I, part II.
    """
    return long_day(at.astimezone(LOCAL_ZONE).date())


def long_day(day: date) -> str:
    """Return a day as ``long_date`` does."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date_time(at: datetime | None) -> str:
    """Return a time for a column of a table, "" for none: ``08:05 05/01/2026``."""
    return f"{at.astimezone(LOCAL_ZONE):%H:%M %d/%m/%Y}" if at is not None else ""


def date_parts(at: datetime) -> dict[str, int]:
    """Return the local date as typst takes it."""
    local = at.astimezone(LOCAL_ZONE)
    return {"year": local.year, "month": local.month, "day": local.day}


def joined(separator: str, *parts: str) -> str:
    """Return the parts that say something, one after the other."""
    return separator.join(normalise(part) for part in parts if part)


_thread = threading.local()


def compile_pdf(template: str, values: dict[str, Any]) -> bytes:
    """Return ``template`` filled with ``values`` as a PDF/A-2a file (tagged, archivable, fonts inside)."""
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
