"""Emergency receipts: what is filled in by hand while the line is down, one part for the citizen, one that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.slips.typesetting import Form, Letterhead, barcode_svg, compile_pdf, head_values


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyFacts(Letterhead):
    """What a booklet prints: the counter it is for, and its numbers in order."""

    issued_at: datetime
    counter: str
    numbers: Sequence[str]


def render_emergency_booklet(facts: EmergencyFacts) -> bytes:
    """Return a booklet as a PDF/A-2a file, A4, one receipt a page with both of its parts."""
    return compile_pdf(
        "emergency.typ",
        {
            **head_values(facts, Form.EMERGENCY, "Giấy tiếp nhận hồ sơ khi mất kết nối", facts.issued_at),
            "paper": "a4",
            "counter": facts.counter,
            "address": facts.site_address,
            "phone": facts.site_phone,
            "receipts": [{"number": number, "barcode": barcode_svg(number)} for number in facts.numbers],
        },
    )
