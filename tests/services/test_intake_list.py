"""Many dossiers alike: a pasted list is read by what its parts look like, and each line stands for itself."""

from datetime import date

import pytest

from models.states import ApplicantKind
from services.identity import IdLengthError
from services.intake_list import (
    MOST_LINES,
    ListEmptyError,
    RepeatedPersonError,
    TooManyLinesError,
    read_people,
    receive_people,
)
from tests.support.centre import Centre, receive

LIST = """STT\tHọ và tên\tSố CCCD\tĐiện thoại
1\tLê Văn Tám\t075090000001\t0912 345 671\t15/05/1990\t12 Phố Huế\tBiên Hòa
2; 075190000002; Trần Thị Bé; be@example.vn

075190000123
075090000004||Phạm Ung|01021990|Nam|Biên Hòa|01012021
5\tHồ Hai\t07519000
6\tLê Văn Tám\t075090000001
"""


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def test_a_list_is_read_received_and_mended(centre, now):
    receive(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        lines = read_people(session, LIST, kind=ApplicantKind.CITIZEN, at=now)
        wanted = {"common": centre.intake(), "counter": centre.counter, "at": now, "nonce": "n"}
        outcomes = receive_people(session, lines, **wanted)
        mended = read_people(session, LIST.replace("07519000\n", "075190000005\n"), kind=ApplicantKind.CITIZEN, at=now)
        again = receive_people(session, mended, **wanted)

    facts = [(line.facts.full_name, line.facts.id_number) for line in lines[:4]]
    assert facts == [
        ("Lê Văn Tám", "075090000001"), ("Trần Thị Bé", "075190000002"),
        ("Nguyễn Thị Minh Khai", "075190000123"), ("Phạm Ung", "075090000004"),
    ]  # fmt: skip
    first = lines[0].facts
    assert (first.phone, first.birth_date, first.address) == ("0912345671", date(1990, 5, 15), "12 Phố Huế, Biên Hòa")
    assert [type(line.error) for line in lines[4:]] == [IdLengthError, RepeatedPersonError]
    assert [outcome.dossier is not None for outcome in outcomes] == [True] * 4 + [False] * 2
    kept = [outcome.dossier.id for outcome in outcomes[:4]]
    assert [outcome.dossier.id for outcome in again[:4]] == kept
    assert [outcome.dossier is not None for outcome in again] == [True] * 5 + [False]


def test_firms_and_lists_that_cannot_be(session, now):
    (firm,) = read_people(session, "Công ty Đại Phát;0100233488;0299 3822 822", kind=ApplicantKind.ENTERPRISE, at=now)

    assert (firm.error, firm.facts.full_name, firm.facts.tax_code) == (None, "Công ty Đại Phát", "0100233488")
    with pytest.raises(ListEmptyError):
        read_people(session, " \n Họ tên;CCCD\n", kind=ApplicantKind.CITIZEN, at=now)
    with pytest.raises(TooManyLinesError):
        read_people(session, "x\n" * (MOST_LINES + 1), kind=ApplicantKind.CITIZEN, at=now)
