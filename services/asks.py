"""Asks: minted by the dealing that ends, shown by themselves, withdrawn for the next citizen.

Nothing here is in the servant's hand: no dealing of a public servant with somebody at the counter goes without an
ask, and nobody can skip, choose or repeat one. Rules: docs/adr/0013-asks-and-ratings.md.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.dossier import Dossier
from models.evaluation import ENDED, SHOWING, Ask, AskEvent, AskState, AskTransaction, Surface
from models.ids import opaque_token, ordered_id, public_id
from models.procedure import Procedure, ProcedureField
from models.staff import StaffKind
from models.tablet import Tablet
from models.visit import Presence, Transaction
from services.localtime import local_date
from services.session import ConflictError, UserError, unscoped

SHOWN_AT_LEAST = timedelta(seconds=15)
SHOWN_AT_MOST = timedelta(minutes=5)
WAITS_FOR_TABLET = timedelta(minutes=10)
VALID = timedelta(days=7)
LATE_TAP = timedelta(seconds=2)
BELIEVED = timedelta(minutes=1)
WRONG_PERSON = "WRONG_PERSON"
TOKEN = re.compile(r"[A-Za-z0-9_-]{10,40}")


class AskUnknownError(UserError):
    """The address leads to no ask, or not to one of this counter."""

    message = _("There is nothing to rate here. Check the address, or scan the code on your slip again.")
    status = 404


class AskClosedError(ConflictError):
    """The ask was voided or is too old."""

    message = _("This can no longer be rated. You may still speak to the centre's leaders.")
    status = 410


class AskNotShownError(ConflictError):
    """A tablet answers what it no longer shows."""

    message = _("This question is no longer shown on the tablet. You can still answer with the code on your slip.")
    status = 410


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fact:
    """When and where something happened to an ask, and when the centre learnt of it."""

    occurred_at: datetime
    at: datetime
    surface: Surface = Surface.SERVER
    tablet_id: int | None = None
    reason: str = ""

    @property
    def counted_at(self) -> datetime:
        """The time that showing and withdrawing go by: a device's own only where it can be right."""
        if self.surface is Surface.SERVER or self.at - BELIEVED <= self.occurred_at <= self.at:
            return self.occurred_at
        return self.at


def issue_ask(session: Session, *, transaction: Transaction, at: datetime) -> Ask | None:
    """Return the ask for a finished dealing, minted or joined in the caller's transaction; None where none is due.

    Due for dealings at the counter, within a visit, with a public servant: never a volunteer or counsellor. Dealings of
    one visit with one servant share one ask; it is shown again unless the citizen answered, declined or voided it.
    Raises: ValueError if the dealing is still open.
    """
    session.flush()  # the dealing's keys decide
    if transaction.finished_at is None:
        raise ValueError("the dealing is still open: an ask is minted when it ends")
    if transaction.presence is not Presence.COUNTER or transaction.staff.kind is not StaffKind.SERVANT:
        return None
    if transaction.visit_id is None or transaction.counter_id is None:
        return None
    settle_asks(session, counter_id=transaction.counter_id, at=at)
    ask = _find_of_visit(session, transaction) or _mint(session, transaction, at)
    if session.get(AskTransaction, transaction.id) is None:
        session.add(AskTransaction(transaction_id=transaction.id, ask=ask))
        if ask.issued_at != at:
            _show_again(session, ask, transaction, at)
    session.flush()
    return ask


def _find_of_visit(session: Session, transaction: Transaction) -> Ask | None:
    return session.scalar(select(Ask).where(Ask.visit_id == transaction.visit_id, Ask.staff_id == transaction.staff_id))


def _mint(session: Session, transaction: Transaction, at: datetime) -> Ask:
    ask = Ask(
        public_id=public_id(at),
        token=opaque_token(),
        visit_id=transaction.visit_id,
        staff_id=transaction.staff_id,
        counter_id=transaction.counter_id,
        department_id=transaction.staff.department_id,
        local_date=local_date(at),
        is_training=transaction.is_training,
        state=AskState.ISSUED,
        state_at=at,
        issued_at=at,
        expires_at=at + VALID,
    )
    try:
        with session.begin_nested():
            session.add(ask)
    except IntegrityError:  # the same servant ended another dealing of the visit this instant
        return session.scalars(
            select(Ask).where(Ask.visit_id == transaction.visit_id, Ask.staff_id == transaction.staff_id)
        ).one()
    _record(session, ask, AskState.ISSUED, _Fact(occurred_at=at, at=at))
    return ask


def _show_again(session: Session, ask: Ask, transaction: Transaction, at: datetime) -> None:
    if ask.state in ENDED or ask.state is AskState.DECLINED:
        return
    assert transaction.counter_id is not None  # noqa: S101 -- issue_ask has seen to it
    ask.counter_id, ask.expires_at = transaction.counter_id, at + VALID
    ask.showing_at = ask.withdraw_at = ask.showing_end = None
    _enter(session, ask, AskState.ISSUED, _Fact(occurred_at=at, at=at))


def withdraw_asks(session: Session, *, counter_id: int, at: datetime, is_dealing: bool = False) -> datetime | None:
    """End what the counter's tablet shows, because the next citizen was called; return when it is gone, if later.

    It is gone at once where it was shown for 15 seconds, or where the next dealing begins (``is_dealing``); otherwise
    when the 15 seconds are over, counted from its minting while no tablet has shown it. The slip's code stays valid.
    """
    settle_asks(session, counter_id=counter_id, at=at)
    latest = None
    for ask in _list_showing(session, counter_id):
        due = at if is_dealing else (ask.showing_at or ask.issued_at) + SHOWN_AT_LEAST
        if due <= at:
            _end_showing(session, ask, AskState.WITHDRAWN, _Fact(occurred_at=at, at=at))
        else:
            ask.withdraw_at = due
            latest = max(due, latest or due)
    session.flush()
    return latest


def settle_asks(session: Session, *, counter_id: int, at: datetime) -> None:
    """Write down the withdrawals of a counter that fell due by themselves up to ``at``."""
    for ask in _list_showing(session, counter_id):
        if ask.withdraw_at is not None and ask.withdraw_at <= at:
            _end_showing(session, ask, AskState.WITHDRAWN, _Fact(occurred_at=ask.withdraw_at, at=at))


def _list_showing(session: Session, counter_id: int) -> list[Ask]:
    return list(session.scalars(select(Ask).where(Ask.counter_id == counter_id, Ask.state.in_(SHOWING))))


def find_shown_ask(session: Session, *, counter_id: int, at: datetime) -> Ask | None:
    """Return the ask that the counter's tablet has to show at ``at``, with its servant; None for the rest screen.

    One statement, for a tablet asks once a second. Shown is the newest ask of a visit that has no open dealing there,
    until it is withdrawn or has had its time.
    """
    with unscoped(session, "what a tablet shows"):
        open_dealing = exists().where(
            Transaction.visit_id == Ask.visit_id,
            Transaction.counter_id == counter_id,
            Transaction.finished_at.is_(None),
        )
        return session.scalar(
            select(Ask)
            .where(
                Ask.counter_id == counter_id,
                Ask.state.in_(SHOWING),
                Ask.state_at > at - WAITS_FOR_TABLET,
                or_(Ask.withdraw_at.is_(None), Ask.withdraw_at > at),
                or_(Ask.showing_at.is_(None), Ask.showing_at > at - SHOWN_AT_MOST),
                ~open_dealing,
            )
            .options(joinedload(Ask.staff))
            .order_by(Ask.state_at.desc(), Ask.id.desc())
            .limit(1)
        )


def get_ask(session: Session, *, token: str, tablet: Tablet | None = None) -> Ask:
    """Return the ask of ``token``, for a tablet only one of its own counter.

    Raises: AskUnknownError
    """
    if not TOKEN.fullmatch(token):
        raise AskUnknownError
    with unscoped(session, "an ask by its token"):
        ask = session.scalar(
            select(Ask).where(Ask.token == token).options(joinedload(Ask.staff), joinedload(Ask.counter))
        )
    if ask is None or (tablet is not None and ask.counter_id != tablet.counter_id):
        raise AskUnknownError
    return ask


def record_ask_event(
    session: Session,
    *,
    ask: Ask,
    state: AskState,
    surface: Surface,
    occurred_at: datetime,
    at: datetime,
    tablet_id: int | None = None,
) -> None:
    """Record what happened to an ask on a tablet or phone; telling it twice changes nothing.

    A device's clock may be wrong: the event keeps what it said, showing and withdrawing go by what can be right.
    ``state`` is SHOWN, TOUCHED, DECLINED, TIMED_OUT or, where the citizen says that it was another person, VOIDED.
    Raises: ValueError for a state that only the centre's program enters.
    """
    settle_asks(session, counter_id=ask.counter_id, at=at)
    fact = _Fact(occurred_at=occurred_at, at=at, surface=surface, tablet_id=tablet_id)
    if state is AskState.SHOWN:
        _record_shown(session, ask, fact)
    elif state is AskState.TOUCHED:
        if ask.state in (AskState.ISSUED, AskState.SHOWN):
            _enter(session, ask, state, fact)
    elif state in (AskState.DECLINED, AskState.TIMED_OUT):
        if ask.state in SHOWING:
            _end_showing(session, ask, state, fact)
    elif state is AskState.VOIDED:
        if ask.state not in ENDED:
            _end_showing(session, ask, state, replace(fact, reason=WRONG_PERSON))
    else:
        raise ValueError(f"{state} is not told by a device")
    session.flush()


def _record_shown(session: Session, ask: Ask, fact: _Fact) -> None:
    if fact.surface is not Surface.TABLET or ask.showing_at is not None:
        return
    ask.shown_at = ask.shown_at or fact.counted_at
    if ask.state is not AskState.ISSUED:
        _record(session, ask, AskState.SHOWN, fact)  # told late: it was shown, but that is over
        return
    since = max(fact.counted_at, ask.state_at)  # not before the centre wanted it shown
    ask.showing_at = since
    if ask.withdraw_at is not None:
        ask.withdraw_at = since + SHOWN_AT_LEAST
    _enter(session, ask, AskState.SHOWN, fact)


def check_answerable(ask: Ask, *, surface: Surface, occurred_at: datetime) -> None:
    """Raise unless ``ask`` may be answered: on the tablet while it is shown there, on a phone for seven days.

    Raises: AskClosedError, AskNotShownError
    """
    if ask.state in (AskState.VOIDED, AskState.EXPIRED) or occurred_at > ask.expires_at:
        raise AskClosedError
    if surface is not Surface.TABLET:
        return
    was_shown = ask.state in SHOWING or (
        ask.state in (AskState.WITHDRAWN, AskState.TIMED_OUT) and occurred_at <= ask.state_at + LATE_TAP
    )
    due = ask.withdraw_at
    if not was_shown or (due is not None and occurred_at > due + LATE_TAP):
        raise AskNotShownError


def close_rated(
    session: Session, *, ask: Ask, surface: Surface, occurred_at: datetime, at: datetime, tablet_id: int | None
) -> None:
    """Mark ``ask`` as answered; its token opens nothing more."""
    fact = _Fact(occurred_at=occurred_at, at=at, surface=surface, tablet_id=tablet_id)
    _end_showing(session, ask, AskState.RATED, fact)


def expire_asks(session: Session, *, at: datetime) -> int:
    """Close every ask whose seven days are over; return how many."""
    asks = session.scalars(select(Ask).where(Ask.state.not_in(ENDED), Ask.expires_at <= at)).all()
    for ask in asks:
        _enter(session, ask, AskState.EXPIRED, _Fact(occurred_at=ask.expires_at, at=at))
    session.flush()
    return len(asks)


def _end_showing(session: Session, ask: Ask, state: AskState, fact: _Fact) -> None:
    if ask.state in SHOWING:
        ask.showing_end = state
    ask.showing_at = ask.withdraw_at = None
    _enter(session, ask, state, fact)


def _enter(session: Session, ask: Ask, state: AskState, fact: _Fact) -> None:
    ask.state, ask.state_at = state, fact.counted_at
    _record(session, ask, state, fact)


def _record(session: Session, ask: Ask, state: AskState, fact: _Fact) -> None:
    session.flush()  # a minted ask needs its key first
    session.add(
        AskEvent(
            id=ordered_id(),
            recorded_at=fact.at,
            ask_id=ask.id,
            state=state,
            occurred_at=fact.occurred_at,
            surface=fact.surface,
            tablet_id=fact.tablet_id,
            reason=fact.reason,
        )
    )


def list_fields(session: Session, ask: Ask) -> list[str]:
    """Return the fields of the procedures that an ask is about, for the citizen to recognise the dealing; often one."""
    with unscoped(session, "what a tablet shows"):
        return list(
            session.scalars(
                select(ProcedureField.name)
                .join(Procedure, Procedure.field_id == ProcedureField.id)
                .join(Dossier, Dossier.procedure_id == Procedure.id)
                .join(Transaction, Transaction.dossier_id == Dossier.id)
                .join(AskTransaction, AskTransaction.transaction_id == Transaction.id)
                .where(AskTransaction.ask_id == ask.id)
                .distinct()
                .order_by(ProcedureField.name)
                .limit(3)
            )
        )


def list_asks_of_dossier(session: Session, *, dossier_id: int, at: datetime) -> list[Ask]:
    """Return the asks about dealings with a dossier whose seven days are not over, newest first.

    Answered ones among them: what a slip shows must not tell the servant whether its visit was rated.
    """
    with unscoped(session, "the asks of a slip"):
        return list(
            session.scalars(
                select(Ask)
                .join(AskTransaction, AskTransaction.ask_id == Ask.id)
                .join(Transaction, Transaction.id == AskTransaction.transaction_id)
                .where(Transaction.dossier_id == dossier_id, Ask.expires_at > at)
                .options(joinedload(Ask.staff))
                .distinct()
                .order_by(Ask.issued_at.desc(), Ask.id.desc())
            )
        )
