"""People at the centre: a ticket, a call, one or more dealings, and out."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.dossier import Dossier
from models.ids import public_id
from models.organisation import Counter, Department, Site
from models.staff import Staff
from models.visit import Presence, Transaction, TransactionKind, Visit
from services.asks import issue_ask, withdraw_asks
from services.codes import allocate_number
from services.dossier_access import departments_above
from services.errors import ConflictError, DeniedError, UserError
from services.localtime import LOCAL_ZONE, local_date
from services.session import actor_of, may, require

DEALING = "visit_transaction"


class DealingOpenError(ConflictError):
    message = _("A dealing is still open at this counter. Finish it before you go on.")


class DealingFinishedError(ConflictError):
    message = _("This dealing is already finished.")


class VisitorGoneError(ConflictError):
    message = _("This visitor has already left. Call the next one.")


class ServantMissingError(UserError):
    message = _("You are not on the staff list, so you cannot serve at a counter. Ask the administrator.")


def register_visit(
    session: Session,
    *,
    site: Site,
    at: datetime,
    department: Department | None = None,
    counter: Counter | None = None,
    is_training: bool = False,
) -> Visit:
    """Give an arriving person the next ticket of the site's day, for any counter or a certain one.

    Tickets are gapless per site and local day; training has its own series. Raises: DeniedError.
    """
    require(session, "visit", "register")
    series = f"ticket:{site.id}:training" if is_training else f"ticket:{site.id}"
    day = local_date(at)
    visit = Visit(
        public_id=public_id(at),
        ticket_number=allocate_number(session, series=series, local_date=day),
        site_id=site.id,
        local_date=day,
        arrived_at=at,
        wanted_department_id=department.id if department else None,
        wanted_counter_id=counter.id if counter else None,
        is_training=is_training,
    )
    session.add(visit)
    session.flush()  # the ticket is shown with its key
    return visit


def call_next(session: Session, *, counter: Counter, at: datetime) -> Visit | None:
    """Call whoever has waited longest for this counter today, or return None where nobody waits.

    The visitor before leaves, and an ask still shown to them is withdrawn. Two counters that call at the same
    instant never get the same visitor: PostgreSQL locks the row and others skip it, SQLite has one writer.
    Raises: DeniedError, DealingOpenError.
    """
    _require_own_counter(session, "visit", "call", counter)
    if find_open_transactions(session, counter):
        raise DealingOpenError
    visit = session.scalars(_waiting_for(session, counter, at).limit(1).with_for_update(skip_locked=True)).first()
    withdraw_asks(session, counter_id=counter.id, at=at)
    before = find_current_visit(session, counter)
    if before is not None:
        before.left_at = at
    if visit is not None:
        visit.called_at, visit.counter_id = at, counter.id
    session.flush()  # the screen shows who was called
    return visit


def admit_walk_in(session: Session, *, counter: Counter, at: datetime, is_training: bool = False) -> Visit:
    """Give a ticket to somebody who stands at the counter without one, and call it at once.

    So that whoever is served belongs to a visit, and is asked like everybody else. Raises: DeniedError.
    """
    _require_own_counter(session, "visit", "call", counter)
    visit = register_visit(session, site=counter.site, counter=counter, at=at, is_training=is_training)
    visit.called_at, visit.counter_id = at, counter.id
    session.flush()  # the dealing that follows refers to it
    return visit


def _waiting_for(session: Session, counter: Counter, at: datetime) -> Select[Visit]:
    """Select today's waiting visitors whom ``counter`` may call, the longest waiting first."""
    departments = {counter.department_id, *departments_above(session, counter.department_id)}
    return (
        select(Visit)
        .where(
            Visit.site_id == counter.site_id,
            Visit.local_date == local_date(at),
            Visit.called_at.is_(None),
            Visit.left_at.is_(None),
            or_(Visit.wanted_counter_id.is_(None), Visit.wanted_counter_id == counter.id),
            or_(Visit.wanted_department_id.is_(None), Visit.wanted_department_id.in_(departments)),
        )
        .order_by(Visit.arrived_at, Visit.id)
    )


def count_waiting(session: Session, counter: Counter, at: datetime) -> int:
    """Return how many wait whom ``counter`` may call."""
    waiting = _waiting_for(session, counter, at).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def find_current_visit(session: Session, counter: Counter) -> Visit | None:
    """Return the visitor at the counter: called to it and not yet left."""
    return session.scalars(
        select(Visit)
        .where(Visit.counter_id == counter.id, Visit.called_at.is_not(None), Visit.left_at.is_(None))
        .order_by(Visit.called_at.desc())
        .limit(1)
    ).first()


def find_open_transactions(session: Session, counter: Counter) -> Sequence[Transaction]:
    """Return the dealings open at the counter, oldest first."""
    return session.scalars(
        select(Transaction)
        .where(Transaction.counter_id == counter.id, Transaction.finished_at.is_(None))
        .options(joinedload(Transaction.visit), joinedload(Transaction.dossier))
        .order_by(Transaction.started_at, Transaction.id)
    ).all()


def open_transaction(
    session: Session,
    *,
    kind: TransactionKind,
    counter: Counter,
    at: datetime,
    visit: Visit | None = None,
    presence: Presence = Presence.COUNTER,
    dossier: Dossier | None = None,
) -> Transaction:
    """Begin a dealing of the actor at ``counter``; an ask still shown there is withdrawn.

    Raises: DeniedError, ServantMissingError, VisitorGoneError, DealingOpenError.
    """
    _require_own_counter(session, "visit_transaction", "serve", counter)
    staff_id = actor_of(session).staff_id
    if staff_id is None:
        raise ServantMissingError
    if visit is not None and (visit.left_at is not None or visit.counter_id != counter.id):
        raise VisitorGoneError
    session.execute(select(Counter.id).where(Counter.id == counter.id).with_for_update())  # a double click waits here
    if find_open_transactions(session, counter):
        raise DealingOpenError
    withdraw_asks(session, counter_id=counter.id, at=at, is_dealing=True)
    transaction = Transaction(
        public_id=public_id(at),
        kind=kind,
        presence=presence,
        visit_id=visit.id if visit else None,
        dossier_id=dossier.id if dossier else None,
        staff_id=staff_id,
        counter_id=counter.id,
        started_at=at,
        recorded_at=at,
        is_training=bool((visit and visit.is_training) or (dossier and dossier.is_training)),
    )
    session.add(transaction)
    session.flush()  # the dealing is referred to while it is open
    return transaction


def finish_transaction(
    session: Session,
    *,
    transaction: Transaction,
    at: datetime,
    dossier: Dossier | None = None,
    kind: TransactionKind | None = None,
    procedure_id: int | None = None,
    note: str = "",
) -> Transaction:
    """End a dealing, say what it was about, and have the visitor asked where that applies.

    ``kind`` replaces what it began as, when an intake turns out to be counselling or ends in a refusal. In training
    the tablet asks as well; what it is answered counts nowhere.
    Raises: DeniedError, DealingFinishedError.
    """
    if not (transaction.kind is TransactionKind.COUNSELLING and may(session, DEALING, "counsel", transaction)):
        require(session, DEALING, "serve", transaction)
    session.refresh(transaction, with_for_update={"of": Transaction})  # its joined rows are not locked
    if transaction.finished_at is not None:
        raise DealingFinishedError
    transaction.finished_at = max(at, transaction.started_at)
    if dossier is not None:
        transaction.dossier_id = dossier.id
        _remember_applicant(session, transaction, dossier)
        transaction.is_training = transaction.is_training or dossier.is_training
    if kind is not None:
        transaction.kind = kind
    transaction.procedure_id, transaction.note = procedure_id, note.strip() or None
    session.flush()  # the ask looks at finished dealings
    issue_ask(session, transaction=transaction, at=at)
    return transaction


def begin_counselling(session: Session, *, at: datetime, is_training: bool = False) -> Transaction:
    """Begin to counsel somebody in the hall, away from any counter: what volunteers and counsellors do.

    Raises: DeniedError, ServantMissingError, DealingOpenError.
    """
    require(session, DEALING, "counsel")
    staff_id = actor_of(session).staff_id
    if staff_id is None:
        raise ServantMissingError
    session.execute(select(Staff.id).where(Staff.id == staff_id).with_for_update(key_share=True))  # a double click
    if find_own_counselling(session) is not None:
        raise DealingOpenError
    transaction = Transaction(
        public_id=public_id(at),
        kind=TransactionKind.COUNSELLING,
        presence=Presence.COUNTER,
        staff_id=staff_id,
        started_at=at,
        recorded_at=at,
        is_training=is_training,
    )
    session.add(transaction)
    session.flush()  # the page that follows shows it
    return transaction


def find_own_counselling(session: Session) -> Transaction | None:
    """Return the counselling that the actor has begun in the hall and not ended."""
    return session.scalars(
        select(Transaction).where(
            Transaction.staff_id == actor_of(session).staff_id,
            Transaction.counter_id.is_(None),
            Transaction.kind == TransactionKind.COUNSELLING,
            Transaction.presence == Presence.COUNTER,
            Transaction.finished_at.is_(None),
        )
    ).first()


def count_counselled(session: Session, *, staff_id: int, day: date) -> int:
    """Return how often somebody counselled on a day, with or without a counter; training is not counted."""
    since = datetime.combine(day, time(), LOCAL_ZONE)
    counted = (
        select(func.count())
        .select_from(Transaction)
        .where(
            Transaction.staff_id == staff_id,
            Transaction.kind == TransactionKind.COUNSELLING,
            Transaction.finished_at.is_not(None),
            Transaction.started_at >= since,
            Transaction.started_at < since + timedelta(days=1),
            Transaction.is_training.is_(False),
        )
    )
    return session.scalar(counted) or 0


def _remember_applicant(session: Session, transaction: Transaction, dossier: Dossier) -> None:
    if transaction.visit_id is not None:
        visit = session.get_one(Visit, transaction.visit_id)
        if visit.applicant_id is None and dossier.submitter_name is None:
            visit.applicant_id = dossier.applicant_id


def leave(session: Session, *, visit: Visit, at: datetime) -> Visit:
    """Record that the visitor went: served, or tired of waiting. Raises: DeniedError, DealingOpenError."""
    require(session, "visit", "call", visit)
    is_busy = session.scalar(
        select(Transaction.id).where(Transaction.visit_id == visit.id, Transaction.finished_at.is_(None)).limit(1)
    )
    if is_busy is not None:
        raise DealingOpenError
    if visit.left_at is None:
        visit.left_at = max(at, visit.called_at or visit.arrived_at)
        session.flush()  # the counter is free
    return visit


def _require_own_counter(session: Session, entity: str, action: str, counter: Counter) -> None:
    """Nobody calls or serves for a colleague: the counter is the one the actor has taken."""
    require(session, entity, action)
    actor = actor_of(session)
    if not actor.system and actor.counter_id != counter.id:
        raise DeniedError(entity, action)
