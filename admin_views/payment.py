"""What a page of a dossier shows about its money: what is due, what was paid, the one key that takes it."""

import secrets
from typing import Any

from sqlalchemy.orm import Session

from models.dossier import Dossier
from services.cash import amount_due, list_receipts
from services.session import may
from web.access import current_actor


def payment_of(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Return what ``counter/payment.html`` shows of a dossier: what is due, and the receipts so far."""
    return {
        "due_vnd": amount_due(session, dossier) if dossier.annulled_at is None else 0,
        "receipts": list_receipts(session, dossier) if may(session, "cash_receipt", "read") else [],
        "may_take": current_actor().counter_id is not None and may(session, "cash_receipt", "receive"),
        "nonce": secrets.token_urlsafe(16),
    }
