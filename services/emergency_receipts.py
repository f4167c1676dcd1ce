"""Emergency receipts: numbered beforehand, used once, never lost from sight."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import _
from models.emergency import EmergencyBooklet, EmergencyReceipt, EmergencyState
from models.organisation import Counter
from services.codes import allocate_number
from services.dossier_moves import needed_reason
from services.errors import ConflictError, UserError
from services.localtime import local_date
from services.session import actor_of, require

FEWEST, MOST = 1, 100


class BookletSizeError(UserError):
    message = _("A booklet has 1 to 100 receipts.")


class EmergencyNumberError(UserError):
    message = _("No emergency receipt %(number)s was issued here. Compare the number on the paper.")


class EmergencyUsedError(ConflictError):
    message = _("The emergency receipt %(number)s is already used or void.")


def prepare_booklet(session: Session, *, counter: Counter, count: int, at: datetime) -> EmergencyBooklet:
    """Prepare receipts for a counter; the numbers are gapless per site and year.

    Raises: DeniedError, BookletSizeError.
    """
    require(session, "emergency_booklet", "prepare")
    if not FEWEST <= count <= MOST:
        raise BookletSizeError
    numbers = [_next_number(session, counter, at) for _place in range(count)]
    booklet = EmergencyBooklet(
        number=numbers[0],
        last_number=numbers[-1],
        site_id=counter.site_id,
        counter_id=counter.id,
        department_id=counter.department_id,
        receipt_count=count,
        left_count=count,
        made_at=at,
        made_by_id=actor_of(session).staff_id,
    )
    session.add(booklet)
    session.flush()  # its receipts refer to it
    session.add_all(
        EmergencyReceipt(booklet_id=booklet.id, position=position, number=number)
        for position, number in enumerate(numbers, 1)
    )
    session.flush()
    return booklet


def _next_number(session: Session, counter: Counter, at: datetime) -> str:
    year = local_date(at).year
    series = f"KC-{counter.site.code}"
    number = allocate_number(session, series=series, local_date=date(year, 1, 1))
    return f"{series}-{year % 100:02d}-{number:04d}"


def void_receipt(session: Session, receipt: EmergencyReceipt, *, reason: str, at: datetime) -> None:
    """Make an unused receipt void: torn, spoilt, lost. Raises: DeniedError, ReasonMissingError, EmergencyUsedError."""
    require(session, "emergency_booklet", "prepare", receipt.booklet)
    text = needed_reason(reason)
    _settle(session, receipt, EmergencyState.ISSUED, EmergencyState.VOID, at, void_reason=text)


def find_receipt(session: Session, number: str, counter: Counter) -> EmergencyReceipt:
    """Return the unused receipt of a number that was issued at the site of ``counter``.

    Raises: EmergencyNumberError, EmergencyUsedError.
    """
    written = number.strip().upper()
    receipt = session.scalars(
        select(EmergencyReceipt)
        .join(EmergencyBooklet, EmergencyBooklet.id == EmergencyReceipt.booklet_id)
        .where(EmergencyReceipt.number == written, EmergencyBooklet.site_id == counter.site_id)
    ).one_or_none()
    if receipt is None:
        raise EmergencyNumberError(number=written[:60])
    if receipt.state is not EmergencyState.ISSUED:
        raise EmergencyUsedError(number=receipt.number)
    return receipt


def enter_receipt(session: Session, receipt: EmergencyReceipt, *, at: datetime) -> None:
    """Take a receipt out of the stock: what was written on it is entered. Raises: EmergencyUsedError."""
    _settle(session, receipt, EmergencyState.ISSUED, EmergencyState.ENTERED, at)


def use_receipt(session: Session, receipt: EmergencyReceipt, *, at: datetime) -> None:
    """Say that what was entered is confirmed. Raises: EmergencyUsedError."""
    _settle(session, receipt, EmergencyState.ENTERED, EmergencyState.USED, at)


def give_back_receipt(session: Session, receipt: EmergencyReceipt, *, at: datetime) -> None:
    """Put a receipt back whose entry was refused, to be entered again or made void. Raises: EmergencyUsedError."""
    _settle(session, receipt, EmergencyState.ENTERED, EmergencyState.ISSUED, at)
    receipt.settled_at = None


def _settle(
    session: Session,
    receipt: EmergencyReceipt,
    before: EmergencyState,
    after: EmergencyState,
    at: datetime,
    *,
    void_reason: str | None = None,
) -> None:
    booklet = session.scalars(
        select(EmergencyBooklet).where(EmergencyBooklet.id == receipt.booklet_id).with_for_update()
    ).one()
    session.refresh(receipt)
    if receipt.state is not before:
        raise EmergencyUsedError(number=receipt.number)
    receipt.state, receipt.settled_at, receipt.void_reason = after, at, void_reason
    session.flush()  # the counts are taken from the rows
    found = session.execute(
        select(EmergencyReceipt.state, func.count())
        .where(EmergencyReceipt.booklet_id == booklet.id)
        .group_by(EmergencyReceipt.state)
    )
    states = {state: count for state, count in found}
    booklet.left_count = states.get(EmergencyState.ISSUED, 0)
    booklet.void_count = states.get(EmergencyState.VOID, 0)
    booklet.used_count = states.get(EmergencyState.USED, 0) + states.get(EmergencyState.ENTERED, 0)
    session.flush()
