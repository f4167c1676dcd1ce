"""Entering afterwards what happened while the line was down: with its true time, a reason, and a second person.

An entry has no effect before somebody else confirms it with a sign-in of their own. Then the verb is carried out in the
name of whoever entered it, as though at the true time; what it writes is marked with the entry. This is the only
road by which a time that has passed gets into the course of a dossier (services/record_time.py).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.base import _
from models.dossier import Dossier
from models.ids import public_id
from models.late_entry import LateContent, LateEntry, LateKind, LateState
from models.organisation import Counter
from services.collectors import Collector
from services.dossier_intake import Intake, receive_dossier
from services.dossier_moves import needed_reason
from services.dossier_return import Chosen, collect_results
from services.dossier_work import receive_supplement
from services.emergency_receipts import enter_receipt, find_receipt, give_back_receipt, use_receipt
from services.errors import ConflictError, DeniedError, UserError
from services.plain_data import from_plain, to_plain
from services.record_time import LateTime, entered_late
from services.roles import build_actor
from services.scanned_codes import find_scanned
from services.scans import attach_scans
from services.session import acting, actor_of, require, unscoped

LONGEST_AGO = timedelta(days=30)


class TrueTimeAheadError(UserError):
    message = _("Enter when it really happened: that lies in the past.")


class TrueTimeTooOldError(UserError):
    message = _("More than 30 days ago nothing can be entered late. Ask the administrator to import it.")


class SamePersonConfirmsError(UserError):
    message = _("You entered this yourself: a second person confirms it with a sign-in of their own.")


class LateEntryDecidedError(ConflictError):
    message = _("This entry was already confirmed or refused. Look at it again.")


class LateDossierError(UserError):
    message = _("No dossier %(code)s is known here. Scan it again, or type the whole code.")


class LateRefusalError(UserError):
    message = _("A refusal is not entered late. Receive the dossier, or give this entry up.")


class LateTrainingError(UserError):
    message = _("A training dossier needs no late entry.")


def begin_intake(
    session: Session, *, counter: Counter, receipt_number: str, happened_at: datetime, reason: str, at: datetime
) -> LateEntry:
    """Begin to enter a dossier that was received on an emergency receipt; its content follows.

    Raises: DeniedError, TrueTimeAheadError, TrueTimeTooOldError, ReasonMissingError, EmergencyNumberError,
    EmergencyUsedError.
    """
    _require_here(session, counter)
    entry = _new_entry(session, LateKind.INTAKE, counter, happened_at, reason, at)
    receipt = find_receipt(session, receipt_number, counter)
    enter_receipt(session, receipt, at=at)
    entry.receipt_id = receipt.id
    session.add(entry)
    session.flush()
    return entry


def enter_intake(
    session: Session, entry: LateEntry, *, intake: Intake, at: datetime, intake_key: str = ""
) -> LateEntry:
    """Say what was received: now a second person can confirm it. The intake is tried, and taken back.

    ``intake_key`` is what scans were taken under while the form was filled in.
    Raises: DeniedError, LateEntryDecidedError, and what ``receive_dossier`` raises.
    """
    _lock(session, entry, "enter_late", LateState.DRAFT)
    _check_own(session, entry)
    return _await(session, entry, {"intake": to_plain(intake), "intake_key": intake_key}, at)


def enter_supplement(
    session: Session, *, counter: Counter, code: str, note: str, happened_at: datetime, reason: str, at: datetime
) -> LateEntry:
    """Enter that missing papers were brought while the line was down. Raises as ``begin_intake``, LateDossierError."""
    _require_here(session, counter)
    entry = _new_entry(session, LateKind.SUPPLEMENT, counter, happened_at, reason, at)
    entry.dossier_id = _find_dossier(session, code).id
    return _await(session, entry, {"note": note}, at)


def enter_return(
    session: Session,
    *,
    counter: Counter,
    code: str,
    collector: Collector,
    happened_at: datetime,
    reason: str,
    at: datetime,
) -> LateEntry:
    """Enter that a result was handed over while the line was down. Raises as ``begin_intake``, LateDossierError."""
    _require_here(session, counter)
    entry = _new_entry(session, LateKind.RETURN, counter, happened_at, reason, at)
    entry.dossier_id = _find_dossier(session, code).id
    return _await(session, entry, to_plain(collector), at)


def confirm_late_entry(session: Session, entry: LateEntry, *, at: datetime) -> Dossier:
    """Confirm an entry of somebody else: it is carried out as though at its true time.

    Raises: DeniedError, LateEntryDecidedError, SamePersonConfirmsError, and what the verb itself raises.
    """
    _lock(session, entry, "confirm_late", LateState.PENDING)
    actor = actor_of(session)
    if actor.user_id is None or actor.user_id == entry.entered_by_id or _is_acting_for(session, entry):
        raise SamePersonConfirmsError
    dossier = _carry_out(session, entry, at)
    entry.state, entry.decided_at, entry.decided_by_id = LateState.CONFIRMED, at, actor.user_id
    entry.dossier_id = dossier.id
    if entry.receipt is not None:
        use_receipt(session, entry.receipt, at=at)
    _forget_content(session, entry)
    return dossier


def refuse_late_entry(session: Session, entry: LateEntry, *, reason: str, at: datetime) -> LateEntry:
    """Refuse an entry, or give one's own up; its receipt can be entered again.

    Raises: DeniedError, LateEntryDecidedError, ReasonMissingError.
    """
    is_own = entry.entered_by_id == actor_of(session).user_id
    _lock(session, entry, "enter_late" if is_own else "confirm_late", LateState.DRAFT, LateState.PENDING)
    entry.decision_note = needed_reason(reason)
    entry.state, entry.decided_at = LateState.REFUSED, at
    entry.decided_by_id = None if is_own else actor_of(session).user_id
    session.flush()  # another entry may take the receipt from now on
    if entry.receipt is not None:
        give_back_receipt(session, entry.receipt, at=at)
    _forget_content(session, entry)
    return entry


def content_of(session: Session, entry: LateEntry) -> Mapping[str, Any]:
    """Return what was typed; nothing once the entry is decided."""
    content = session.get(LateContent, entry.id)
    return content.body if content is not None else {}


def intake_of(session: Session, entry: LateEntry) -> Intake:
    """Return the intake that waits for its confirmation."""
    return from_plain(Intake, content_of(session, entry)["intake"])


def collector_of(session: Session, entry: LateEntry) -> Collector:
    """Return who took the result, of an entry that waits for its confirmation."""
    return from_plain(Collector, content_of(session, entry))


def find_own_draft(session: Session, key: str) -> LateEntry | None:
    """Return the entry of the actor whose content is still being typed, by its public id; None for every other."""
    if not key:
        return None
    return session.scalars(
        select(LateEntry).where(
            LateEntry.public_id == key,
            LateEntry.state == LateState.DRAFT,
            LateEntry.entered_by_id == actor_of(session).user_id,
        )
    ).one_or_none()


def list_undecided(session: Session, counter: Counter, *, size: int = 50) -> list[LateEntry]:
    """Return what was entered at a counter and is not decided yet, the newest first."""
    waiting = select(LateEntry).where(
        LateEntry.counter_id == counter.id, LateEntry.state.in_((LateState.DRAFT, LateState.PENDING))
    )
    return list(session.scalars(waiting.order_by(LateEntry.id.desc()).limit(size)))


def _require_here(session: Session, counter: Counter) -> None:
    require(session, "late_entry", "enter_late")
    actor = actor_of(session)
    if not actor.system and actor.counter_id != counter.id:
        raise DeniedError("late_entry", "enter_late")


def _new_entry(
    session: Session, kind: LateKind, counter: Counter, happened_at: datetime, reason: str, at: datetime
) -> LateEntry:
    if happened_at >= at:
        raise TrueTimeAheadError
    if happened_at < at - LONGEST_AGO:
        raise TrueTimeTooOldError
    return LateEntry(
        public_id=public_id(at),
        kind=kind,
        happened_at=happened_at,
        reason=needed_reason(reason),
        counter_id=counter.id,
        department_id=counter.department_id,
        entered_at=at,
        entered_by_id=actor_of(session).user_id,
    )


def _find_dossier(session: Session, code: str) -> Dossier:
    dossier = find_scanned(session, code)
    if dossier is None:
        raise LateDossierError(code=code.strip()[:60])
    if dossier.is_training:
        raise LateTrainingError
    return dossier


def _await(session: Session, entry: LateEntry, body: dict[str, Any], at: datetime) -> LateEntry:
    """Keep what was typed and have it wait; it is tried first, so that nobody confirms what cannot be."""
    entry.state = LateState.PENDING
    session.add(entry)
    session.flush()  # the content refers to it
    session.add(LateContent(entry_id=entry.id, body=body))
    session.flush()
    trial = session.begin_nested()
    try:
        _carry_out(session, entry, at)
    finally:
        trial.rollback()
    return entry


def _carry_out(session: Session, entry: LateEntry, at: datetime) -> Dossier:
    """Do what the entry says in the name of whoever entered it, with the rights that person has today."""
    with unscoped(session, "who entered it"):
        user = session.get(User, entry.entered_by_id) if entry.entered_by_id is not None else None
        counter = session.get_one(Counter, entry.counter_id)
    if user is None or not user.is_active:
        raise DeniedError("late_entry", "enter_late")
    doer = build_actor(session, user, counter.id)
    late = LateTime(entry.id, at)
    with acting(session, doer, at=at), entered_late(session, late):
        return _VERBS[entry.kind](session, entry, counter)


def _receive(session: Session, entry: LateEntry, counter: Counter) -> Dossier:
    intake, key = intake_of(session, entry), content_of(session, entry).get("intake_key", "")
    dossier = receive_dossier(session, intake=intake, counter=counter, at=entry.happened_at)
    if key:
        attach_scans(session, dossier, intake_key=key)
    return dossier


def _take_papers(session: Session, entry: LateEntry, counter: Counter) -> Dossier:
    note = content_of(session, entry).get("note")
    return receive_supplement(session, _dossier_of(session, entry), note=note, at=entry.happened_at)


def _hand_over(session: Session, entry: LateEntry, counter: Counter) -> Dossier:
    dossier = _dossier_of(session, entry)
    collect_results(session, [Chosen(dossier)], collector=collector_of(session, entry), at=entry.happened_at)
    return dossier


_VERBS: Mapping[LateKind, Callable[[Session, LateEntry, Counter], Dossier]] = {
    LateKind.INTAKE: _receive,
    LateKind.SUPPLEMENT: _take_papers,
    LateKind.RETURN: _hand_over,
}


def _dossier_of(session: Session, entry: LateEntry) -> Dossier:
    return session.get_one(Dossier, entry.dossier_id)


def _lock(session: Session, entry: LateEntry, action: str, *states: LateState) -> None:
    require(session, "late_entry", action, entry)
    session.flush()
    session.refresh(entry, with_for_update={"of": LateEntry})
    if entry.state not in states:
        raise LateEntryDecidedError


def _check_own(session: Session, entry: LateEntry) -> None:
    actor = actor_of(session)
    if not actor.system and actor.user_id != entry.entered_by_id:
        raise DeniedError("late_entry", "enter_late")


def _is_acting_for(session: Session, entry: LateEntry) -> bool:
    """Return whether the actor stands in for whoever entered it, or is the same person under another login."""
    actor = actor_of(session)
    if actor.acting_for_id is not None and actor.acting_for_id == entry.entered_by_id:
        return True
    with unscoped(session, "who entered it"):
        user = session.get(User, entry.entered_by_id) if entry.entered_by_id is not None else None
    return user is not None and user.staff_id is not None and user.staff_id in actor.interested_staff_ids


def _forget_content(session: Session, entry: LateEntry) -> None:
    content = session.get(LateContent, entry.id)
    if content is not None:
        session.delete(content)
    session.flush()
