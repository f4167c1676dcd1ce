"""Money at a counter: receipts numbered without a gap, voids as new rows, the closing that locks somebody's day.

Receipts and the closing of one clerk's day wait for each other at the clerk's row; receipts of one site wait for each
other at the counter of its numbers. So a closing holds exactly the receipts of its day, whatever comes meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.cash import CashClosing, CashKind, CashReceipt, DossierFee, PaymentMethod
from models.dossier import Dossier
from models.ids import public_id
from models.organisation import Counter
from models.staff import Staff
from models.text import normalise
from services.codes import allocate_number
from services.dossier_moves import DossierAnnulledError, needed_reason
from services.errors import ConflictError, DeniedError, UserError
from services.idempotency import once, record_answer
from services.localtime import local_date
from services.session import actor_of, require
from services.visits import ServantMissingError


class NothingDueError(ConflictError):
    message = _("%(code)s has nothing left to pay.")


class DayClosedError(ConflictError):
    message = _("You have closed your till for %(day)s. Have a colleague take the money, or wait for the next day.")


class ReceiptVoidedError(ConflictError):
    message = _("%(code)s was already taken back.")


class NothingToCloseError(ConflictError):
    message = _("There is no receipt of this day to close.")


class DifferenceUnexplainedError(UserError):
    message = _("What you counted differs by %(amount)s đ from the receipts. Count again, or say why it differs.")


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySums:
    """What somebody's receipts of a day add up to; voids are taken off. Amounts in whole đồng."""

    receipt_count: int = 0
    void_count: int = 0
    cash_vnd: int = 0
    transfer_vnd: int = 0


def amount_paid(session: Session, dossier: Dossier) -> int:
    """Return what was paid for ``dossier``, voids taken off."""
    receipts = CashReceipt.__table__.c
    total = select(func.sum(receipts.amount_vnd)).where(receipts.dossier_id == dossier.id)
    return int(session.connection().scalar(total) or 0)


def amount_due(session: Session, dossier: Dossier) -> int:
    """Return what is still to be paid for ``dossier``."""
    return max(dossier.fee_amount - amount_paid(session, dossier), 0)


def list_receipts(session: Session, dossier: Dossier) -> Sequence[CashReceipt]:
    """Return the receipts and voids of ``dossier`` that the actor may see, oldest first."""
    return session.scalars(
        select(CashReceipt).where(CashReceipt.dossier_id == dossier.id).order_by(CashReceipt.id)
    ).all()


def receive_cash(
    session: Session,
    dossier: Dossier,
    *,
    counter: Counter,
    at: datetime,
    method: PaymentMethod = PaymentMethod.CASH,
    payer_name: str = "",
    nonce: str | None = None,
) -> CashReceipt:
    """Take what is due for ``dossier`` and give the next receipt of the site's year. The same nonce has one effect.

    Raises: DeniedError, NothingDueError, DayClosedError, DossierAnnulledError, ServantMissingError, KeyReusedError.
    """
    require(session, "cash_receipt", "receive")
    require(session, "dossier", "read", dossier)
    _require_own_counter(session, counter)
    if nonce:
        body = {"dossier": dossier.id, "counter": counter.id, "method": method}
        answer = once(session, scope="cash.receive", key=nonce, body=body, at=at)
        if answer is not None:
            return session.get_one(CashReceipt, answer["receipt_id"])
    staff = _lock_till(session, at, is_training=dossier.is_training)
    session.execute(select(Dossier.id).where(Dossier.id == dossier.id).with_for_update(key_share=True))
    if dossier.annulled_at is not None:
        raise DossierAnnulledError
    due = amount_due(session, dossier)
    if due == 0:
        raise NothingDueError(code=dossier.code)
    receipt = _new_receipt(session, dossier, counter=counter, staff=staff, at=at, amount_vnd=due, method=method)
    receipt.payer_name = normalise(payer_name) or dossier.submitter_name or dossier.applicant_name
    session.add(receipt)
    session.flush()  # the slip that is printed next names its key
    if nonce:
        record_answer(session, scope="cash.receive", key=nonce, answer={"receipt_id": receipt.id})
    return receipt


def _new_receipt(
    session: Session,
    dossier: Dossier,
    *,
    counter: Counter,
    staff: Staff,
    at: datetime,
    amount_vnd: int,
    method: PaymentMethod,
) -> CashReceipt:
    day, site = local_date(at), counter.site
    prefix = "T-" if dossier.is_training else ""
    number = allocate_number(session, series=f"{prefix}cash:{site.id}", local_date=date(day.year, 1, 1))
    return CashReceipt(
        public_id=public_id(at),
        code=f"{prefix}BL-{site.code}-{day.year}-{number:06d}",
        kind=CashKind.RECEIPT,
        year=day.year,
        number=number,
        amount_vnd=amount_vnd,
        method=method,
        lines=_lines(session, dossier, amount_vnd),
        dossier_id=dossier.id,
        staff_id=staff.id,
        counter_id=counter.id,
        department_id=counter.department_id,
        site_id=site.id,
        received_at=at,
        local_date=day,
        is_training=dossier.is_training,
    )


def _lines(session: Session, dossier: Dossier, amount_vnd: int) -> list[dict[str, Any]]:
    """Return what the receipt is for: the charges of the intake, or one line where only a part of them is due."""
    fees = session.scalars(select(DossierFee).where(DossierFee.dossier_id == dossier.id).order_by(DossierFee.position))
    lines = [
        {
            "kind": fee.kind.value,
            "description": fee.description or "",
            "quantity": fee.quantity,
            "amount_vnd": fee.amount_vnd,
        }
        for fee in fees
    ]
    if sum(line["amount_vnd"] for line in lines) == amount_vnd:
        return lines
    return [{"kind": "FEE", "description": "", "quantity": 1, "amount_vnd": amount_vnd}]


def void_receipt(session: Session, receipt: CashReceipt, *, reason: str, counter: Counter, at: datetime) -> CashReceipt:
    """Take a receipt back with a reason: a new row with the amount negative, in the till of whoever does it, today.

    Raises: DeniedError, ReasonMissingError, ReceiptVoidedError, DayClosedError, ServantMissingError.
    """
    require(session, "cash_receipt", "void", receipt)
    _require_own_counter(session, counter)
    text = needed_reason(reason)
    staff = _lock_till(session, at, is_training=receipt.is_training)
    session.execute(select(Dossier.id).where(Dossier.id == receipt.dossier_id).with_for_update(key_share=True))
    table = CashReceipt.__table__
    known = session.connection().scalar(select(table.c.id).where(table.c.voided_id == receipt.id))
    if known is not None or receipt.kind is CashKind.VOID:
        raise ReceiptVoidedError(code=receipt.code)
    void = CashReceipt(
        public_id=public_id(at),
        code=receipt.code,
        kind=CashKind.VOID,
        year=receipt.year,
        number=receipt.number,
        site_id=receipt.site_id,
        amount_vnd=-receipt.amount_vnd,
        method=receipt.method,
        lines=receipt.lines,
        dossier_id=receipt.dossier_id,
        payer_name=receipt.payer_name,
        staff_id=staff.id,
        counter_id=counter.id,
        department_id=counter.department_id,
        received_at=at,
        local_date=local_date(at),
        voided_id=receipt.id,
        reason=text,
        is_training=receipt.is_training,
    )
    session.add(void)
    session.flush()  # the sums that are shown next count it
    return void


def list_day(session: Session, *, staff_id: int, day: date, is_training: bool = False) -> Sequence[CashReceipt]:
    """Return what somebody took and took back on a day, oldest first."""
    return session.scalars(
        select(CashReceipt)
        .where(
            CashReceipt.staff_id == staff_id,
            CashReceipt.local_date == day,
            CashReceipt.is_training.is_(is_training),
        )
        .options(joinedload(CashReceipt.dossier))
        .order_by(CashReceipt.id)
    ).all()


def summarise_day(session: Session, *, staff_id: int, day: date, is_training: bool = False) -> DaySums:
    """Return what somebody's receipts of a day add up to."""
    columns = CashReceipt.__table__.c
    rows = session.connection().execute(
        select(columns.kind, columns.method, func.count(), func.sum(columns.amount_vnd))
        .where(columns.staff_id == staff_id, columns.local_date == day, columns.is_training == is_training)
        .group_by(columns.kind, columns.method)
    )
    counts = dict.fromkeys(CashKind, 0)
    sums = dict.fromkeys(PaymentMethod, 0)
    for kind, method, count, amount in rows:
        counts[CashKind(kind)] += count
        sums[PaymentMethod(method)] += int(amount)
    return DaySums(
        receipt_count=counts[CashKind.RECEIPT],
        void_count=counts[CashKind.VOID],
        cash_vnd=sums[PaymentMethod.CASH],
        transfer_vnd=sums[PaymentMethod.TRANSFER],
    )


def find_closing(session: Session, *, staff_id: int, day: date, is_training: bool = False) -> CashClosing | None:
    """Return the closing of somebody's day, or None while it is open."""
    return session.scalars(
        select(CashClosing).where(
            CashClosing.staff_id == staff_id, CashClosing.local_date == day, CashClosing.is_training.is_(is_training)
        )
    ).one_or_none()


def close_day(
    session: Session,
    *,
    counter: Counter,
    counted_vnd: int,
    at: datetime,
    day: date | None = None,
    note: str = "",
    is_training: bool = False,
) -> CashClosing:
    """Close the actor's till for ``day`` (default: the day of ``at``): no receipt of it can follow.

    Raises: DeniedError, DayClosedError, NothingToCloseError, DifferenceUnexplainedError, ServantMissingError.
    """
    require(session, "cash_closing", "close")
    _require_own_counter(session, counter)
    day = day or local_date(at)
    staff = _lock_till(session, at, is_training=is_training, day=day)
    sums = summarise_day(session, staff_id=staff.id, day=day, is_training=is_training)
    if sums.receipt_count + sums.void_count == 0 or day > local_date(at):
        raise NothingToCloseError
    difference = counted_vnd - sums.cash_vnd
    if difference and not normalise(note):
        raise DifferenceUnexplainedError(amount=f"{difference:+,}".replace(",", "."))
    closing = CashClosing(
        staff_id=staff.id,
        department_id=counter.department_id,
        site_id=counter.site_id,
        local_date=day,
        receipt_count=sums.receipt_count,
        void_count=sums.void_count,
        cash_vnd=sums.cash_vnd,
        transfer_vnd=sums.transfer_vnd,
        counted_vnd=counted_vnd,
        difference_vnd=difference,
        note=normalise(note) or None,
        closed_at=at,
        is_training=is_training,
    )
    session.add(closing)
    session.flush()  # the page that follows shows it, and the unique index judges
    return closing


def list_open_days(session: Session, *, staff_id: int, before: date) -> Sequence[date]:
    """Return the days before ``before`` on which somebody took money and has not closed the till, oldest first."""
    receipts, closings = CashReceipt.__table__.c, CashClosing.__table__.c
    closed = select(closings.id).where(
        closings.staff_id == receipts.staff_id,
        closings.local_date == receipts.local_date,
        closings.is_training == receipts.is_training,
    )
    days = (
        select(receipts.local_date)
        .where(receipts.staff_id == staff_id, receipts.local_date < before, receipts.is_training.is_(False))
        .where(~closed.exists())
        .distinct()
        .order_by(receipts.local_date)
    )
    return session.connection().scalars(days).all()


def _lock_till(session: Session, at: datetime, *, is_training: bool, day: date | None = None) -> Staff:
    """Return the actor's person, locked until the transaction ends, unless the day at the till is closed."""
    staff_id = actor_of(session).staff_id
    if staff_id is None:
        raise ServantMissingError
    day = day or local_date(at)
    staff = session.get_one(Staff, staff_id, with_for_update={"key_share": True})
    closings = CashClosing.__table__.c
    of_day = (closings.staff_id == staff_id, closings.local_date == day, closings.is_training.is_(is_training))
    if session.connection().scalar(select(closings.id).where(*of_day)) is not None:
        raise DayClosedError(day=f"{day:%d/%m/%Y}")
    return staff


def _require_own_counter(session: Session, counter: Counter) -> None:
    """Money is taken at the counter the actor has taken, never at a colleague's."""
    actor = actor_of(session)
    if not actor.system and actor.counter_id != counter.id:
        raise DeniedError("cash_receipt", "receive")
