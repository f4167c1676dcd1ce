"""The master of applicants: one row per person, found by what identifies them, seen where they have dossiers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.states import ApplicantKind
from services.applicants import (
    ApplicantFacts,
    ApplicantIdentityMissingError,
    ApplicantMismatchError,
    ApplicantNameMissingError,
    find_applicant,
    find_duplicates,
    find_or_create_applicant,
)
from services.identity import IdBirthDateError
from services.session import unscoped
from tests.support.centre import Centre, khai, receive


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"full_name": "  "}, ApplicantNameMissingError),
        ({"id_number": " "}, ApplicantIdentityMissingError),
    ],
)
def test_name_and_number_are_needed(session, now, facts, error):
    with pytest.raises(error):
        find_or_create_applicant(session, facts=khai(**facts), at=now)


def test_what_is_not_told_again_stays(session, now):
    first = find_or_create_applicant(session, facts=khai(birth_date=date(1990, 5, 15), email="k@x.vn"), at=now)
    second = find_or_create_applicant(session, facts=khai(phone="0987654321", address=""), at=now)

    assert first is second
    assert (second.birth_date, second.email, second.phone) == (date(1990, 5, 15), "k@x.vn", "0987654321")
    assert second.address == "12 Phạm Văn Thuận, Biên Hòa"


def test_two_counters_write_the_same_new_person_down_at_once(engine, now):
    meet = Barrier(2)

    def write(phone: str) -> int:
        with Session(engine) as session, unscoped(session, "test"):
            meet.wait(10)
            key = find_or_create_applicant(session, facts=khai(phone=phone), at=now).id
            session.commit()
            return key

    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(write, ("0987654321", "0912345678")))

    assert keys[0] == keys[1]
    with Session(engine) as session, unscoped(session, "test"):
        assert session.scalar(select(func.count()).select_from(Applicant)) == 1


def test_a_citizen_may_have_a_tax_code_too(session, now):
    person = find_or_create_applicant(session, facts=khai(tax_code="0100233488"), at=now)

    assert find_or_create_applicant(session, facts=khai(id_number="", tax_code="0100233488"), at=now) is person
    assert (person.id_number, person.tax_code) == ("075190000123", "0100233488")


def test_two_numbers_of_two_people_are_questioned(session, now):
    find_or_create_applicant(session, facts=khai(), at=now)
    find_or_create_applicant(session, facts=khai(full_name="Lê Tám", id_number="", tax_code="0100233488"), at=now)

    with pytest.raises(ApplicantMismatchError) as refused:
        find_or_create_applicant(session, facts=khai(tax_code="0100233488"), at=now)

    assert refused.value.values == {"number": "0100233488", "name": "Lê Tám"}


def test_the_number_of_a_representative_is_not_that_of_the_enterprise(session, now):
    facts = khai(kind=ApplicantKind.ENTERPRISE, full_name="Công ty Đại Phát")

    with pytest.raises(ApplicantIdentityMissingError):
        find_or_create_applicant(session, facts=facts, at=now)


def test_nothing_is_found_by_nothing(session):
    assert find_applicant(session, number="  ") is None
    assert find_duplicates(session, facts=khai(phone="")) == []


def test_the_same_birth_date_offers_a_person_too(session, now):
    born = date(1990, 5, 15)
    person = find_or_create_applicant(session, facts=khai(birth_date=born, phone=""), at=now)

    assert find_duplicates(session, facts=khai(id_number="", birth_date=born, phone="")) == [person]


def test_a_known_number_under_another_name_is_questioned(centre):
    receive(centre)

    with pytest.raises(ApplicantMismatchError) as refused:
        receive(centre, applicant=khai(full_name="Trần Thị Bé"))

    assert refused.value.values == {"number": "075190000123", "name": "Nguyễn Thị Minh Khai"}
    assert receive(centre, applicant=khai(full_name="Nguyễn Minh Khai", has_new_name=True)).applicant_name == (
        "Nguyễn Minh Khai"
    )


def test_an_enterprise_is_found_by_its_tax_code(centre):
    facts = khai(kind=ApplicantKind.ENTERPRISE, full_name="Công ty TNHH Đại Phát", id_number="", tax_code="0100233488")
    dossiers = [receive(centre, applicant=facts), receive(centre, applicant=facts)]

    assert len({dossier.applicant_id for dossier in dossiers}) == 1
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert find_applicant(session, number="0100233488").full_name == "Công ty TNHH Đại Phát"


def test_the_same_person_under_another_number_is_offered(centre):
    receive(centre)

    with centre.acting_as(centre.clerk, centre.counter) as session:
        same = find_duplicates(session, facts=khai(id_number="271234567"))
        by_name = find_duplicates(session, facts=khai(id_number="", full_name="nguyen thi minh khai", phone="09"))
        by_phone = find_duplicates(session, facts=khai(id_number="", full_name="Lê Văn Tám"))
        by_number = find_duplicates(session, facts=ApplicantFacts(old_id_number="075190000123"))
        itself = find_duplicates(session, facts=khai())
        other = find_duplicates(session, facts=khai(id_number="", full_name="Nguyễn Thị Minh", phone=""))

    names = [[row.full_name for row in found] for found in (same, by_name, by_phone, by_number, itself, other)]
    assert names == [["Nguyễn Thị Minh Khai"]] * 4 + [[], []]


def test_namesakes_are_told_apart_by_what_else_is_known(session, now):
    for number, born in (("075190000001", 1990), ("075185000002", 1985)):
        find_or_create_applicant(session, facts=khai(id_number=number, phone="", birth_date=date(born, 5, 15)), at=now)

    found = find_duplicates(session, facts=khai(id_number="", phone="", birth_date=date(1985, 5, 15)))

    assert [row.id_number for row in found] == ["075185000002"]


def test_a_new_card_carries_the_person_of_the_old_number_on(centre):
    before = receive(centre, applicant=khai(id_number="271234567"))
    after = receive(centre, applicant=khai(old_id_number="271234567"))
    other = receive(centre, applicant=khai(id_number="075190000999", old_id_number="271234567", full_name="Lê Tám"))

    assert before.applicant_id == after.applicant_id != other.applicant_id
    assert (after.applicant.id_number, after.applicant.old_id_number) == ("075190000123", "271234567")
    assert (before.applicant_id_number, after.applicant_id_number) == ("271234567", "075190000123")
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert find_applicant(session, number="271234567") is after.applicant


def test_number_and_date_of_birth_agree(session, now):
    with pytest.raises(IdBirthDateError) as refused:
        find_or_create_applicant(session, facts=khai(birth_date=date(1991, 5, 15)), at=now)

    assert refused.value.values == {"of_number": 1990, "of_date": 1991}


def test_applicants_are_listed_only_where_they_have_dossiers(centre):
    receive(centre)

    def listed(user) -> list[str]:
        with centre.acting_as(user) as session:
            return [row.full_name for row in session.scalars(select(Applicant))]

    assert listed(centre.clerk) == listed(centre.head) == ["Nguyễn Thị Minh Khai"]
    assert listed(centre.stranger) == []


def test_an_applicant_is_found_by_the_exact_number_only(centre):
    receive(centre)

    with centre.acting_as(centre.stranger, centre.justice_counter) as session:
        found = find_applicant(session, number=" 075190 000123 ")
        part = find_applicant(session, number="0751900001")

    assert (found.full_name, part) == ("Nguyễn Thị Minh Khai", None)
