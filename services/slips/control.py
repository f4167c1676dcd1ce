"""Form 06: the sheet that goes with a dossier and says who had it, from whom, and how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.text import normalise
from services.slips.typesetting import Form, Letterhead, compile_pdf, head_values, short_date_time


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """One line: who gave the dossier to whom, until when, and how that stretch went ("Đúng hạn", "Quá hạn …")."""

    from_name: str
    to_name: str
    at: datetime
    until: datetime | None = None
    used: str = ""
    outcome: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlFacts(Letterhead):
    """What form 06 prints."""

    issued_at: datetime
    applicant_name: str
    procedure_name: str
    received_at: datetime
    due_at: datetime | None
    lines: Sequence[HandOver]


def render_control_sheet(facts: ControlFacts) -> bytes:
    """Return form 06 (05 until 2025) as a PDF/A-2a file, A4 lying. Source: Circular 03/2025/TT-VPCP."""
    return compile_pdf(
        "control.typ",
        {
            **head_values(facts, Form.CONTROL, "Phiếu kiểm soát quá trình giải quyết hồ sơ", facts.issued_at),
            "paper": "a4",
            "applicant_name": normalise(facts.applicant_name),
            "procedure_name": normalise(facts.procedure_name),
            "received": short_date_time(facts.received_at),
            "due": short_date_time(facts.due_at) or "không quy định",
            "lines": [_line(number, line) for number, line in enumerate(facts.lines, 1)],
        },
    )


def _line(number: int, line: HandOver) -> list[str]:
    return [
        str(number),
        normalise(line.from_name),
        normalise(line.to_name),
        short_date_time(line.at),
        short_date_time(line.until),
        normalise(line.used),
        normalise(line.outcome),
        normalise(line.note),
    ]
