"""Form 07: the register of dossiers received in a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models.text import normalise
from services.slips.typesetting import Form, Letterhead, compile_pdf, head_values, short_date_time


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterLine:
    """One dossier of the register; ``state`` and ``handed_over`` in words."""

    code: str
    procedure_name: str
    applicant_name: str
    contact: str
    department_name: str
    received_at: datetime
    due_at: datetime | None
    returned_at: datetime | None
    handed_over: str
    state: str


def render_register(
    head: Letterhead, lines: Iterable[RegisterLine], *, since: date, until: date, issued_at: datetime
) -> bytes:
    """Return form 07 (06 until 2025) as a PDF/A-2a file, A4 lying. Source: Circular 03/2025/TT-VPCP."""
    return compile_pdf(
        "register.typ",
        {
            **head_values(head, Form.REGISTER, "Sổ theo dõi hồ sơ", issued_at),
            "paper": "a4",
            "period": f"Từ ngày {since:%d/%m/%Y} đến ngày {until:%d/%m/%Y}",
            "lines": [_values(number, line) for number, line in enumerate(lines, 1)],
        },
    )


def _values(number: int, line: RegisterLine) -> list[str]:
    return [
        str(number),
        line.code,
        normalise(line.procedure_name),
        normalise(line.applicant_name),
        normalise(line.contact),
        normalise(line.department_name),
        short_date_time(line.received_at),
        short_date_time(line.due_at),
        short_date_time(line.returned_at),
        normalise(line.handed_over),
        normalise(line.state),
    ]
