"""The entrance of the hall: volunteers give tickets, show what one needs, counsel, and see nothing else."""

from html import unescape

import pytest
from flask import Flask

from models.access import Role, User
from models.organisation import Department
from models.staff import Staff, StaffKind
from models.visit import Transaction, TransactionKind, Visit
from tests.support.browser import Browser, database_of
from tests.support.counter import Hall, make_hall


@pytest.fixture
def hall(any_app: Flask, now) -> Hall:
    return make_hall(any_app, now)


@pytest.fixture
def volunteer(hall: Hall) -> Browser:
    with database_of(hall.app) as session:
        department = session.query(Department).first()
        staff = Staff(badge_number="V1", full_name="Lê Tình Nguyện", kind=StaffKind.VOLUNTEER, department=department)
        role = session.query(Role).filter_by(code="VOLUNTEER").one()
        user = User(
            user_name="volunteer1", display_name="Lê Tình Nguyện", staff=staff, roles=[role], must_change_password=False
        )
        session.add_all([staff, user])
        session.flush()
        hall.users["volunteer"] = user.id
    return hall.browser("volunteer", at_counter=False)


def text(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def test_a_volunteer_helps_and_sees_no_dossier(hall, volunteer):
    found = volunteer.get("/reception/procedures", query_string={"q": "doi giay phep"}).json["results"]
    page = text(volunteer.get("/reception/", query_string={"procedure": str(hall.licence_id)}))
    volunteer.post("/reception/tickets")
    volunteer.post("/reception/counselling")
    volunteer.post("/reception/counselling/finish", procedure=str(hall.licence_id), note="Hỏi giấy tờ")
    after = text(volunteer.get("/reception/", query_string={"procedure": "junk"}))
    closed = [
        volunteer.get(address).status_code for address in ("/counter/intake/", "/admin/dossier/", "/counter/cash/")
    ]
    (visit,), (counselling,) = hall.all(Visit), hall.all(Transaction)

    assert [row["id"] for row in found] == [hall.licence_id]
    assert ("Đơn đề nghị" in page, "Giấy khám sức khỏe" in page) == (True, True)
    assert (visit.ticket_number, counselling.kind, counselling.note) == (1, TransactionKind.COUNSELLING, "Hỏi giấy tờ")
    assert ("Hôm nay: 1" in after, closed) == (True, [403, 403, 403])
