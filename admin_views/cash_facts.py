"""What receipts and lists about money print, in the words of the papers."""

from collections.abc import Sequence

from flask_babel import force_locale, gettext

from admin_views.paper_facts import letterhead_values
from models.cash import CashClosing, CashKind, CashReceipt
from models.procedure_terms import FeeKind
from services.slips.cash import CashFacts, CashLine, ClosingFacts, ClosingLine
from web.formats import choice


def cash_facts(receipt: CashReceipt, *, void: CashReceipt | None, copy_number: int) -> CashFacts:
    """Return what the receipt prints; of one that was taken back also why."""
    with force_locale("vi"):
        return CashFacts(
            **letterhead_values(receipt.site),
            code=receipt.code,
            copy_number=copy_number,
            is_training=receipt.is_training,
            received_at=receipt.received_at,
            dossier_code=receipt.dossier.code,
            procedure_name=receipt.dossier.procedure.name,
            payer_name=receipt.payer_name,
            payer_address=receipt.dossier.applicant_address or "",
            method=choice(receipt.method),
            lines=[_line(line) for line in receipt.lines],
            amount_vnd=receipt.amount_vnd,
            clerk_name=receipt.staff.full_name,
            clerk_title=receipt.staff.job_title or "",
            void_reason=(void.reason or "") if void is not None else "",
        )


def _line(line: dict[str, object]) -> CashLine:
    name = str(line["description"]) or gettext(FeeKind(str(line["kind"])).label)
    return CashLine(name=name, quantity=int(str(line["quantity"])), amount_vnd=int(str(line["amount_vnd"])))


def closing_facts(closing: CashClosing, rows: Sequence[CashReceipt]) -> ClosingFacts:
    """Return what the list of a closed day prints; ``rows`` are its receipts and voids."""
    with force_locale("vi"):
        return ClosingFacts(
            **letterhead_values(closing.site),
            is_training=closing.is_training,
            day=closing.local_date,
            closed_at=closing.closed_at,
            clerk_name=closing.staff.full_name,
            lines=[
                ClosingLine(
                    code=row.code,
                    at=row.received_at,
                    dossier_code=row.dossier.code,
                    payer_name=row.payer_name,
                    method=choice(row.method),
                    amount_vnd=row.amount_vnd,
                    note=f"Hủy: {row.reason}" if row.kind is CashKind.VOID else "",
                )
                for row in rows
            ],
            receipt_count=closing.receipt_count,
            void_count=closing.void_count,
            cash_vnd=closing.cash_vnd,
            transfer_vnd=closing.transfer_vnd,
            counted_vnd=closing.counted_vnd,
            note=closing.note or "",
        )
