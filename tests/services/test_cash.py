"""Money: receipts without a gap, voids as rows, a closing that holds exactly the receipts of its day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.access import User
from models.cash import CashClosing, CashKind, CashReceipt, DossierFee, PaymentMethod
from models.dossier import Dossier
from models.organisation import Counter
from models.procedure_content import FeeRule
from models.procedure_terms import FeeKind
from models.states import ProofKind
from services.cash import (
    DayClosedError,
    DaySums,
    DifferenceUnexplainedError,
    NothingDueError,
    NothingToCloseError,
    ReceiptVoidedError,
    amount_due,
    close_day,
    list_open_days,
    receive_cash,
    summarise_day,
    void_receipt,
)
from services.dossier_intake import receive_dossier
from services.errors import DeniedError
from services.idempotency import KeyReusedError
from services.intake_fees import Charge, FeeAmountMissingError
from services.localtime import local_date
from services.roles import build_actor
from services.session import acting, unscoped
from tests.support.centre import Centre, receive

FEE = 135_000


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def take(centre: Centre, dossier: Dossier, **facts) -> CashReceipt:
    with centre.acting_as(centre.clerk, centre.counter) as session:
        return receive_cash(session, dossier, counter=centre.counter, **{"at": centre.at, **facts})


def test_what_is_charged_is_fixed_at_intake(centre):
    (fee,) = centre.licence.current_version.methods[0].fees
    by_words = FeeRule(position=2, kind=FeeKind.SERVICE_FEE, amount_vnd=None, description="Bản sao cấp thêm")
    centre.licence.current_version.methods[0].fees.append(by_words)
    centre.session.flush()
    charges = (Charge(fee_id=fee.id, quantity=2), Charge(fee_id=by_words.id, quantity=3, amount_vnd=5_000))

    dossier = receive(centre, charges=charges)
    lines = centre.session.scalars(select(DossierFee).order_by(DossierFee.position)).all()
    fee.amount_vnd = 1

    assert [(line.quantity, line.amount_vnd) for line in lines] == [(2, 270_000), (3, 15_000)]
    assert (dossier.fee_amount, amount_due(centre.session, dossier)) == (285_000, 285_000)
    with pytest.raises(FeeAmountMissingError):
        receive(centre, charges=(Charge(fee_id=by_words.id),))


def test_receipts_have_numbers_and_are_written_once(centre, now):
    first, second = receive(centre), receive(centre, submitter_name="Lê Tám", submitter_proof=ProofKind.MESSENGER)
    receipt = take(centre, first, nonce="n1")
    again = take(centre, first, nonce="n1", at=now + timedelta(seconds=3))
    other = take(centre, second, method=PaymentMethod.TRANSFER)

    assert receipt is again
    assert [row.code for row in (receipt, other)] == ["BL-TT-2017-000001", "BL-TT-2017-000002"]
    assert (receipt.amount_vnd, receipt.payer_name, receipt.local_date) == (
        FEE,
        "Nguyễn Thị Minh Khai",
        local_date(now),
    )
    assert [line["amount_vnd"] for line in receipt.lines] == [FEE]
    assert (other.payer_name, amount_due(centre.session, first)) == ("Lê Tám", 0)
    with pytest.raises(NothingDueError):
        take(centre, first)
    with pytest.raises(KeyReusedError):
        take(centre, second, nonce="n1")


def test_a_void_is_a_row_of_its_own_and_the_next_receipt_goes_on(centre, now):
    dossier = receive(centre)
    receipt = take(centre, dossier)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        void = void_receipt(session, receipt, reason=" Thu nhầm ", counter=centre.counter, at=now)
        with pytest.raises(ReceiptVoidedError):
            void_receipt(session, receipt, reason="x", counter=centre.counter, at=now)
        with pytest.raises(ReceiptVoidedError):
            void_receipt(session, void, reason="x", counter=centre.counter, at=now)
    after = take(centre, dossier)
    sums = summarise_day(centre.session, staff_id=centre.clerk.staff.id, day=local_date(now))

    assert (void.code, void.amount_vnd, void.reason, void.kind) == (receipt.code, -FEE, "Thu nhầm", CashKind.VOID)
    assert (after.number, sums) == (2, DaySums(receipt_count=2, void_count=1, cash_vnd=FEE))
    with pytest.raises(DBAPIError, match="append-only"), unscoped(centre.session, "test"):
        centre.session.execute(update(CashReceipt).values(amount_vnd=1))


def test_only_at_the_own_counter_and_only_the_own_receipts(centre, now):
    dossier = receive(centre)
    receipt = take(centre, dossier)
    colleague = centre.make_user("RECEIVING_OFFICER", centre.transport)

    with centre.acting_as(centre.clerk, centre.counter) as session, pytest.raises(DeniedError):
        receive_cash(session, dossier, counter=centre.other_counter, at=now)
    with centre.acting_as(centre.officer) as session, pytest.raises(DeniedError):
        receive_cash(session, dossier, counter=centre.counter, at=now)
    with centre.acting_as(colleague, centre.other_counter) as session, pytest.raises(DeniedError):
        void_receipt(session, receipt, reason="x", counter=centre.other_counter, at=now)
    with centre.acting_as(centre.head, centre.other_counter) as session:
        void_receipt(session, receipt, reason="Trả lại tiền", counter=centre.other_counter, at=now)


def test_a_closed_day_takes_nothing_more(centre, now):
    dossiers = [receive(centre) for _ in range(2)]
    staff_id, day = centre.clerk.staff.id, local_date(now)

    def close(**facts) -> CashClosing:
        with centre.acting_as(centre.clerk, centre.counter) as session:
            return close_day(session, counter=centre.counter, **{"at": now, **facts})

    with pytest.raises(NothingToCloseError):
        close(counted_vnd=0)
    receipt = take(centre, dossiers[0])
    with pytest.raises(DifferenceUnexplainedError):
        close(counted_vnd=FEE - 5_000)
    closing = close(counted_vnd=FEE - 5_000, note="Thối nhầm tiền")

    assert (closing.cash_vnd, closing.difference_vnd, closing.receipt_count) == (FEE, -5_000, 1)
    for error in (lambda: close(counted_vnd=FEE), lambda: take(centre, dossiers[1])):
        with pytest.raises(DayClosedError):
            error()
    with centre.acting_as(centre.clerk, centre.counter) as session, pytest.raises(DayClosedError):
        void_receipt(session, receipt, reason="x", counter=centre.counter, at=now)
    tomorrow = now + timedelta(days=1)
    take(centre, dossiers[1], at=tomorrow)
    after = tomorrow + timedelta(days=1)
    assert list_open_days(centre.session, staff_id=staff_id, before=local_date(after)) == [day + timedelta(days=1)]
    late = close(counted_vnd=FEE, at=after, day=local_date(tomorrow))
    assert (late.local_date, list_open_days(centre.session, staff_id=staff_id, before=local_date(after))) == (
        local_date(tomorrow),
        [],
    )


def test_training_has_receipts_of_its_own(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        drill = receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=now, is_training=True)
    trained, real = take(centre, drill), take(centre, receive(centre))
    staff_id, day = centre.clerk.staff.id, local_date(now)

    assert (trained.code, real.code) == ("T-BL-TT-2017-000001", "BL-TT-2017-000001")
    assert summarise_day(centre.session, staff_id=staff_id, day=day).receipt_count == 1
    assert summarise_day(centre.session, staff_id=staff_id, day=day, is_training=True).cash_vnd == FEE


@dataclass(frozen=True)
class Clerk:
    user_id: int
    counter_id: int
    dossier_ids: list[int]


WRITERS = 3
EACH = 4


def _prepare(engine: Engine, now: datetime) -> list[Clerk]:
    with Session(engine) as session, unscoped(session, "test"):
        centre = Centre(session, now)
        users = [centre.make_user("RECEIVING_OFFICER", centre.transport) for _ in range(WRITERS)]
        counters = [centre.make_counter(20 + number, centre.transport) for number in range(WRITERS)]
        dossiers = [[receive(centre).id for _ in range(EACH)] for _ in range(WRITERS)]
        session.commit()
        return [Clerk(user.id, counter.id, keys) for user, counter, keys in zip(users, counters, dossiers, strict=True)]


def _as_clerk(engine: Engine, clerk: Clerk, act: Callable[[Session, Counter], object]) -> bool:
    with Session(engine) as session:
        with unscoped(session, "test"):
            actor = build_actor(session, session.get_one(User, clerk.user_id), clerk.counter_id)
        with acting(session, actor):
            try:
                act(session, session.get_one(Counter, clerk.counter_id))
                session.commit()
            except (DayClosedError, NothingToCloseError, DifferenceUnexplainedError, NothingDueError):
                session.rollback()
                return False
    return True


def _take_all(engine: Engine, clerk: Clerk, now: datetime) -> int:
    """Take the money of the clerk's dossiers; return for how many that went through."""

    def take_one(session: Session, counter: Counter, key: int) -> None:
        receive_cash(session, session.get_one(Dossier, key), counter=counter, at=now)

    return sum(_as_clerk(engine, clerk, partial(take_one, key=key)) for key in clerk.dossier_ids)


def _close(engine: Engine, clerk: Clerk, now: datetime) -> int:
    """Close the clerk's day as soon as there is anything to close."""
    for _attempt in range(100):
        if _as_clerk(engine, clerk, lambda s, counter: close_day(s, counter=counter, counted_vnd=0, note="x", at=now)):
            break
    return 0


def test_parallel_receipts_and_closings_add_up(engine, now):
    clerks = _prepare(engine, now)
    with ThreadPoolExecutor(3 * WRITERS) as pool:
        running = [pool.submit(act, engine, clerk, now) for clerk in clerks for act in (_take_all, _take_all, _close)]
        taken = sum(each.result() for each in running)

    with Session(engine) as session, unscoped(session, "test"):
        rows = session.scalars(select(CashReceipt)).all()
        closings = session.scalars(select(CashClosing)).all()
    assert sorted(row.number for row in rows) == list(range(1, taken + 1))
    assert len({row.dossier_id for row in rows}) == taken
    held = {row.staff_id: sum(r.amount_vnd for r in rows if r.staff_id == row.staff_id) for row in rows}
    assert {row.staff_id: row.cash_vnd for row in closings} == {row.staff_id: held[row.staff_id] for row in closings}
