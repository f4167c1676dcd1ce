"""Training goes all the way and leaves nothing behind: no code, number, figure, rating or changed person."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.applicant import Applicant
from models.evaluation import Ask
from models.system import CodeCounter
from models.visit import TransactionKind
from services.applicants import find_applicant, find_duplicates
from services.cash import close_day, receive_cash, summarise_day
from services.dossier_intake import receive_dossier
from services.localtime import local_date
from services.settlement import summarise_settlement
from services.settlement_query import Cut
from services.visits import admit_walk_in, count_counselled, finish_transaction, leave, open_transaction
from tests.support.centre import Centre, khai, receive

NEWCOMER = khai(id_number="075190000777", full_name="Lê Tập Sự", phone="0987654321")


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def practise(centre: Centre, **facts: Any) -> None:
    """Receive a dossier in training, take the money, close the till and let the visitor go."""
    at, counter = centre.at, centre.counter
    with centre.acting_as(centre.clerk, counter) as session:
        visit = admit_walk_in(session, counter=counter, at=at, is_training=True)
        for kind in (TransactionKind.COUNSELLING, TransactionKind.INTAKE):
            dealing = open_transaction(session, kind=kind, counter=counter, visit=visit, at=at)
            intake = kind is TransactionKind.INTAKE
            dossier = None
            if intake:
                dossier = receive_dossier(
                    session, intake=centre.intake(**facts), counter=counter, at=at, is_training=dealing.is_training
                )
                receive_cash(session, dossier, counter=counter, at=at)
            finish_transaction(session, transaction=dealing, dossier=dossier, at=at + timedelta(minutes=3))
        close_day(session, counter=counter, counted_vnd=135_000, is_training=True, at=at)
        leave(session, visit=visit, at=at + timedelta(minutes=5))


def traces(centre: Centre) -> dict[str, Any]:
    """Return everything that counts or is given a number."""
    session, day, staff_id = centre.session, local_date(centre.at), centre.clerk.staff.id
    session.flush()
    codes = {row.series: row.last_number for row in session.scalars(select(CodeCounter))}
    known = [(row.full_name, row.phone) for row in session.scalars(select(Applicant)) if not row.is_training]
    hour = timedelta(hours=1)
    start, end = centre.at - hour, centre.at + hour
    cut = Cut(start_at=start, end_at=end, as_of=end, known_at=end, is_known_today=True)
    return {
        "codes": {
            series: number for series, number in codes.items() if "training" not in series and series[:2] != "T-"
        },
        "till": summarise_day(session, staff_id=staff_id, day=day),
        "counselled": count_counselled(session, staff_id=staff_id, day=day),
        "asks": [ask.id for ask in session.scalars(select(Ask)) if not ask.is_training],
        "people": known,
        "report": summarise_settlement(session, cut).total,
    }


def test_training_leaves_no_trace(centre):
    receive(centre)
    before = traces(centre)

    practise(centre, applicant=khai(phone="0900000000", full_name="Nguyễn Thị Minh Khai"))

    assert traces(centre) == before
    assert [ask.is_training for ask in centre.session.scalars(select(Ask))] == [True]


def test_people_made_up_in_training_are_known_to_nobody_until_they_come(centre):
    practise(centre, applicant=NEWCOMER)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        found = find_applicant(session, number=NEWCOMER.id_number)
        likely = find_duplicates(session, facts=khai(id_number="", full_name="Lê Tập Sự", phone="0987654321"))
    real = receive(centre, applicant=khai(id_number=NEWCOMER.id_number, full_name="Trần Thật"))

    assert (found, likely) == (None, [])
    assert (real.applicant.full_name, real.applicant.is_training) == ("Trần Thật", False)
