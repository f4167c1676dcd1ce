"""The receipt for fees and charges, and the list that goes with the closing of a till."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.text import normalise
from services.slips.amounts import in_words
from services.slips.roll import RollFacts, render_roll
from services.slips.typesetting import (
    Form,
    Letterhead,
    Paper,
    compile_pdf,
    head_values,
    long_date,
    short_date_time,
    signature,
)

TITLE = "Biên lai thu phí, lệ phí"
CLOSING_TITLE = "Bảng kê thu phí, lệ phí trong ngày"


@dataclass(frozen=True, kw_only=True, slots=True)
class CashLine:
    """One charge of a receipt; the amount is that of all of ``quantity``, in whole đồng."""

    name: str
    quantity: int
    amount_vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CashFacts(Letterhead):
    """What a receipt for money prints; ``code`` is its number. ``void_reason`` says why it was taken back."""

    received_at: datetime
    dossier_code: str
    procedure_name: str
    payer_name: str
    payer_address: str = ""
    method: str
    lines: Sequence[CashLine]
    amount_vnd: int
    clerk_name: str
    clerk_title: str = ""
    void_reason: str = ""


def render_cash_receipt(facts: CashFacts, *, paper: Paper = "a5") -> bytes:
    """Return the receipt as a PDF/A-2a file on the paper of the counter's printer."""
    if paper == "roll":
        return render_roll(_roll(facts))
    return compile_pdf(
        "cash.typ",
        {
            **head_values(facts, Form.CASH, TITLE, facts.received_at),
            "paper": paper,
            "payer_name": normalise(facts.payer_name),
            "payer_address": normalise(facts.payer_address),
            "dossier_code": facts.dossier_code,
            "procedure_name": normalise(facts.procedure_name),
            "method": normalise(facts.method),
            "void_reason": normalise(facts.void_reason),
            "lines": [
                [str(number), normalise(line.name), str(line.quantity), vnd(line.amount_vnd)]
                for number, line in enumerate(facts.lines, 1)
            ],
            "total": vnd(facts.amount_vnd),
            "in_words": in_words(facts.amount_vnd),
            "left_signature": signature("Người nộp tiền", facts.payer_name),
            "right_signature": signature("Người thu tiền", facts.clerk_name, facts.clerk_title),
        },
    )


def vnd(amount: int) -> str:
    """Return an amount as papers write it: ``1.234.567 đ``."""
    return f"{amount:,}".replace(",", ".") + "\N{NO-BREAK SPACE}đ"


def _roll(facts: CashFacts) -> RollFacts:
    return RollFacts(
        **{name: getattr(facts, name) for name in Letterhead.__dataclass_fields__},
        form=Form.CASH,
        heading=TITLE,
        issued_at=facts.received_at,
        main=("Đã hủy", facts.void_reason) if facts.void_reason else ("Số tiền", vnd(facts.amount_vnd)),
        rows=(
            ("Người nộp", facts.payer_name),
            ("Mã hồ sơ", facts.dossier_code),
            ("Thủ tục", facts.procedure_name),
            ("Hình thức", facts.method),
            ("Người thu", facts.clerk_name),
        ),
        items=[(_name(line), vnd(line.amount_vnd)) for line in facts.lines],
        last=f"Bằng chữ: {in_words(facts.amount_vnd)}.",
    )


def _name(line: CashLine) -> str:
    return line.name if line.quantity == 1 else f"{line.quantity} × {line.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosingLine:
    """One receipt or void of the day."""

    code: str
    at: datetime
    dossier_code: str
    payer_name: str
    method: str
    amount_vnd: int
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosingFacts(Letterhead):
    """What the list of a closed day prints; the lines add up to cash and transfer together."""

    day: date
    closed_at: datetime
    clerk_name: str
    lines: Sequence[ClosingLine]
    receipt_count: int
    void_count: int
    cash_vnd: int
    transfer_vnd: int
    counted_vnd: int
    note: str = ""


def render_closing(facts: ClosingFacts) -> bytes:
    """Return the list of a closed day as a PDF/A-2a file, A4."""
    return compile_pdf(
        "closing.typ",
        {
            **head_values(facts, Form.CASH_DAY, CLOSING_TITLE, facts.closed_at),
            "paper": "a4",
            "day": long_date(
                datetime(facts.day.year, facts.day.month, facts.day.day, 12, tzinfo=facts.closed_at.tzinfo)
            ),
            "clerk_name": normalise(facts.clerk_name),
            "lines": [
                [
                    str(number),
                    line.code,
                    short_date_time(line.at),
                    line.dossier_code,
                    normalise(line.payer_name),
                    normalise(line.method),
                    vnd(line.amount_vnd),
                    normalise(line.note),
                ]
                for number, line in enumerate(facts.lines, 1)
            ],
            "counts": f"{facts.receipt_count} biên lai, {facts.void_count} lần hủy",
            "cash": vnd(facts.cash_vnd),
            "transfer": vnd(facts.transfer_vnd),
            "total": vnd(facts.cash_vnd + facts.transfer_vnd),
            "in_words": in_words(max(facts.cash_vnd + facts.transfer_vnd, 0)),
            "counted": vnd(facts.counted_vnd),
            "difference": vnd(facts.counted_vnd - facts.cash_vnd) if facts.counted_vnd != facts.cash_vnd else "",
            "note": normalise(facts.note),
            "left_signature": signature("Người nhận tiền"),
            "right_signature": signature("Người nộp bảng kê", facts.clerk_name),
        },
    )
