"""Papers printed, each traced: who printed which form when, which print it was, and that nothing came out of a printer.

A printer that is out of paper stops nobody: the print is tried again, and the paper that comes is the first print.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.audit import AuditEvent, AuditPayload
from models.base import Base
from models.dossier import Dossier
from services.audit import record_act
from services.slips.typesetting import Form

PRINTED, FAILED = "print", "print_failed"


@dataclass(frozen=True, slots=True)
class Print:
    """One print: which form, its number among the prints of that form that came out, when, by whom, whether it did."""

    form: Form
    number: int
    at: datetime
    user_name: str
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class _Act:
    key: str
    action: str
    form: Form
    at: datetime
    user_name: str


def list_prints(session: Session, dossier: Dossier) -> list[Print]:
    """Return what was printed from ``dossier``, oldest first; of what did not come out that it did not."""
    return _prints(_acts(session, Dossier, [dossier.id]))


def record_print(session: Session, row: Base, form: Form, *, key: int, nothing_came: bool = False) -> int:
    """Record that ``form`` of ``row`` is printed now; return which print of it this is, 1 for the first.

    ``nothing_came`` says that the print before came to nothing: this one takes its place.
    """
    entity = row.__tablename__
    earlier = sum(done.form is form and not done.has_failed for done in _prints(_acts(session, type(row), [key])))
    if nothing_came and earlier:
        record_act(session, entity, key, FAILED, form=form.value)
        earlier -= 1
    record_act(session, entity, key, PRINTED, form=form.value)
    return earlier + 1


def printed_keys(session: Session, dossiers: Sequence[Dossier], form: Form) -> Collection[int]:
    """Return the keys of those of ``dossiers`` of which ``form`` came out of a printer."""
    acts: dict[str, list[_Act]] = {}
    for act in _acts(session, Dossier, [dossier.id for dossier in dossiers]):
        acts.setdefault(act.key, []).append(act)
    return {int(key) for key, done in acts.items() if any(p.form is form and not p.has_failed for p in _prints(done))}


def _prints(acts: Iterator[_Act] | Sequence[_Act]) -> list[Print]:
    numbers: Counter[Form] = Counter()
    prints: list[Print] = []
    for act in acts:
        if act.action == PRINTED:
            numbers[act.form] += 1
            prints.append(Print(act.form, numbers[act.form], act.at, act.user_name))
            continue
        last = next((i for i in reversed(range(len(prints))) if prints[i].form is act.form), None)
        if last is not None and not prints[last].has_failed:
            prints[last] = replace(prints[last], has_failed=True)
            numbers[act.form] -= 1
    return prints


def _acts(session: Session, model: type[Base], keys: Sequence[int]) -> Iterator[_Act]:
    found = session.execute(
        select(AuditEvent.entity_key, AuditEvent.action, AuditPayload.body, AuditEvent.at, User.display_name)
        .join(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
        .outerjoin(User, User.id == AuditEvent.user_id)
        .where(
            AuditEvent.entity == model.__tablename__,
            AuditEvent.entity_key.in_([str(key) for key in keys]),
            AuditEvent.action.in_((PRINTED, FAILED)),
        )
        .order_by(AuditEvent.id)
    )
    for key, action, body, at, name in found:
        if body is not None:  # an erased payload no longer says what was printed
            yield _Act(key, action, Form(body["form"]), at, name or "")
