"""Results that wait: all of one person's, what lies at a site, and those that nobody comes for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.base import _
from models.dossier import Dossier
from models.notice import NoteAudience
from models.reminder import CallOutcome, Reminder, ReminderKind
from models.states import DeliveryState, DossierState, ReturnMethod
from services.dossier_moves import begin
from services.errors import ConflictError, UserError
from services.localtime import local_date
from services.notes import write_note
from services.session import actor_of

FIRST_REMINDER_DAYS = 7
"""A result is uncollected from so many days after it was ready on."""

NEXT_REMINDER_DAYS = 7
LATEST_REMINDER_DAYS = 180
MOST_OF_ONE_PERSON = 100
PAGE = 100


class NothingWaitsError(ConflictError):
    message = _("The result of %(code)s does not wait any more. Look at the list again.")


class AgainDateError(UserError):
    message = _("Choose a day within the next 180 days on which the reminder is due again.")


class OutcomeMissingError(UserError):
    message = _("Say what came of the call.")


class MessageMissingError(UserError):
    message = _("Write what the applicant is to read.")


def _waits() -> list[ColumnElement[bool]]:
    return [
        Dossier.state == DossierState.DECIDED,
        Dossier.delivery_state == DeliveryState.READY,
        Dossier.annulled_at.is_(None),
    ]


def find_ready_of(session: Session, dossier: Dossier) -> list[Dossier]:
    """Return every ready result of the person a dossier names, this one first where it is ready, then by age.

    The person is the applicant; whoever hands in for others gets what they handed in.
    """
    same = [Dossier.applicant_id == dossier.applicant_id]
    numbers = {dossier.submitter_id_number} if dossier.submitter_name else {dossier.applicant_id_number}
    for number in numbers - {None}:
        same += [Dossier.applicant_id_number == number, Dossier.submitter_id_number == number]
    found = _ready(session, same, is_training=dossier.is_training)
    return sorted(found, key=lambda each: each.id != dossier.id)


def find_ready_by_number(session: Session, number: str) -> list[Dossier]:
    """Return the ready results of whoever has an ID number or tax code, as applicant or as who handed in."""
    key = number.replace(" ", "").upper()
    same = [
        Dossier.applicant_id_number == key,
        Dossier.submitter_id_number == key,
        Dossier.applicant_tax_code == key,
    ]
    return _ready(session, same) if key else []


def _ready(session: Session, same: list[ColumnElement[bool]], *, is_training: bool | None = None) -> list[Dossier]:
    statement = (
        select(Dossier)
        .where(or_(*same), *_waits())
        .options(joinedload(Dossier.procedure), joinedload(Dossier.site), selectinload(Dossier.results))
        .order_by(Dossier.finished_at, Dossier.id)
        .limit(MOST_OF_ONE_PERSON)
    )
    if is_training is not None:
        statement = statement.where(Dossier.is_training.is_(is_training))
    return list(session.scalars(statement))


def list_shelf(session: Session, *, site_id: int, after: int = 0, size: int = PAGE) -> list[Dossier]:
    """Return what lies on the shelves of a site, by number."""
    return list(
        session.scalars(
            select(Dossier)
            .where(Dossier.site_id == site_id, Dossier.shelf_number > after)
            .options(joinedload(Dossier.procedure))
            .order_by(Dossier.shelf_number)
            .limit(size)
        )
    )


def count_shelves(session: Session, *, site_id: int) -> int:
    """Return how many results lie on the shelves of a site."""
    lying = select(func.count()).where(Dossier.site_id == site_id, Dossier.shelf_number.is_not(None))
    return session.scalar(lying.select_from(Dossier)) or 0


@dataclass(frozen=True, slots=True)
class Uncollected:
    """A result that nobody came for, with the last reminder."""

    dossier: Dossier
    last: Reminder | None
    days: int
    is_due: bool


def list_uncollected(
    session: Session, *, at: datetime, site_id: int | None = None, only_due: bool = True, size: int = PAGE
) -> list[Uncollected]:
    """Return results that wait longer than they should, the oldest first; with ``only_due`` those to remind of today.

    Only what is collected at a counter; imported dossiers only once somebody has taken them up.
    """
    today = local_date(at)
    newest = select(Reminder.dossier_id, func.max(Reminder.id).label("id")).group_by(Reminder.dossier_id).subquery()
    statement = (
        select(Dossier, Reminder)
        .outerjoin(newest, newest.c.dossier_id == Dossier.id)
        .outerjoin(Reminder, Reminder.id == newest.c.id)
        .where(
            *_waits(),
            Dossier.return_method == ReturnMethod.COUNTER,
            Dossier.is_training.is_(False),
            Dossier.is_silent.is_(False),
            Dossier.finished_at <= at - timedelta(days=FIRST_REMINDER_DAYS),
        )
        .options(joinedload(Dossier.procedure))
        .order_by(Dossier.finished_at, Dossier.id)
        .limit(size)
    )
    if site_id is not None:
        statement = statement.where(Dossier.site_id == site_id)
    if only_due:
        statement = statement.where(or_(Reminder.id.is_(None), Reminder.again_on_date <= today))
    return [_uncollected(dossier, last, today) for dossier, last in session.execute(statement)]


def _uncollected(dossier: Dossier, last: Reminder | None, today: date) -> Uncollected:
    days = (today - local_date(dossier.finished_at)).days if dossier.finished_at else 0
    return Uncollected(dossier, last, days, last is None or last.again_on_date <= today)


def record_reminder(
    session: Session,
    dossier: Dossier,
    *,
    kind: ReminderKind,
    at: datetime,
    outcome: CallOutcome | None = None,
    note: str | None = None,
    again_on_date: date | None = None,
) -> Reminder:
    """Note that the applicant was reminded, and when it is due again (a week later unless said otherwise).

    ``note`` is what a message says: the applicant reads it behind the code on the slip. Of a call it is a remark.
    Raises: DeniedError, NothingWaitsError, OutcomeMissingError, MessageMissingError, AgainDateError.
    """
    begin(session, dossier, "return")
    if dossier.state is not DossierState.DECIDED or dossier.delivery_state is not DeliveryState.READY:
        raise NothingWaitsError(code=dossier.code)
    if kind is ReminderKind.CALL and outcome is None:
        raise OutcomeMissingError
    text = (note or "").strip()
    if kind is ReminderKind.MESSAGE and not text:
        raise MessageMissingError
    today = local_date(at)
    again = again_on_date or today + timedelta(days=NEXT_REMINDER_DAYS)
    if not today < again <= today + timedelta(days=LATEST_REMINDER_DAYS):
        raise AgainDateError
    reminder = Reminder(
        dossier_id=dossier.id,
        reminded_at=at,
        kind=kind,
        outcome=outcome if kind is ReminderKind.CALL else None,
        note=text or None,
        again_on_date=again,
        staff_id=actor_of(session).staff_id,
    )
    session.add(reminder)
    session.flush()
    if kind is ReminderKind.MESSAGE:
        write_note(session, dossier, body=text, audience=NoteAudience.APPLICANT, at=at)
    return reminder
