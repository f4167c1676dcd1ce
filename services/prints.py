"""Papers printed from a dossier, each traced: who printed which form when, and which print it was."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.audit import AuditEvent, AuditPayload
from models.dossier import Dossier
from services.audit import record_act
from services.slips.typesetting import Form

ACTION = "print"


@dataclass(frozen=True, slots=True)
class Print:
    """One print: which form, its number among the prints of that form, when and by whom."""

    form: Form
    number: int
    at: datetime
    user_name: str


def list_prints(session: Session, dossier: Dossier) -> list[Print]:
    """Return what was printed from ``dossier``, oldest first."""
    found = session.execute(
        select(AuditEvent.at, AuditPayload.body, User.display_name)
        .join(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
        .outerjoin(User, User.id == AuditEvent.user_id)
        .where(
            AuditEvent.entity == Dossier.__tablename__,
            AuditEvent.entity_key == str(dossier.id),
            AuditEvent.action == ACTION,
        )
        .order_by(AuditEvent.id)
    )
    numbers: Counter[Form] = Counter()
    prints = []
    for at, body, name in found:
        if body is not None:  # an erased payload no longer says what was printed
            form = Form(body["form"])
            numbers[form] += 1
            prints.append(Print(form, numbers[form], at, name or ""))
    return prints


def record_print(session: Session, dossier: Dossier, form: Form) -> int:
    """Record that ``form`` is printed now; return which print of it this is, 1 for the first."""
    earlier = sum(done.form is form for done in list_prints(session, dossier))
    record_act(session, Dossier.__tablename__, dossier.id, ACTION, form=form.value)
    return earlier + 1
