"""Codes: their forms, and numbers without gap or duplicate, also under twenty clients at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from services.codes import (
    CODE_PATTERN,
    PROCEDURE_CODE_PATTERN,
    TRAINING_CODE_PATTERN,
    CodeInvalidError,
    DossierCode,
    SeriesExhaustedError,
    UnitCodeInvalidError,
    allocate_code,
    allocate_number,
    note_imported_code,
    parse_code,
)
from services.database import make_engine
from services.session import unscoped

CLIENTS = 20
CODES_EACH = 100


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("H15.50.05.13-261008-0975", DossierCode("H15.50.05.13", date(2026, 10, 8), 975, True)),
        ("G09.20-20260609-0092637", DossierCode("G09.20", date(2026, 6, 9), 92637, False)),
        ("000.00.16.H19-170515-0001", DossierCode("000.00.16.H19", date(2017, 5, 15), 1, True)),
        ("H19-170515-12345", DossierCode("H19", date(2017, 5, 15), 12345, True)),
        ("H19-170515-01234", DossierCode("H19", date(2017, 5, 15), 1234, False)),
    ],
)
def test_dossier_code_is_read_in_both_national_spellings(code, parts):
    assert parse_code(code) == parts


@pytest.mark.parametrize(
    "code",
    ["", "H19.07-170515-001", "H19.07-170515-00000001", " H19.07-170515-0001", "H19.07-170515-0001\n",
     "h19.07-170515-0001", "H19.07.01.02.03-170515-0001", "H19.07-171301-0001", "H19.07-1705150-0001",
     "T-H19.07-170515-0001", "H19.07-１70515-0001", "case-10011"],
)  # fmt: skip
def test_malformed_dossier_code_is_refused(code):
    with pytest.raises(CodeInvalidError, match=r"it looks like H19\.07-170515-0001"):
        parse_code(code)


@pytest.mark.parametrize("code", ["1.004194", "1.004194.01", "1.001612.000.00.00.H19"])
def test_procedure_code_is_national_a_case_or_localised(code):
    assert PROCEDURE_CODE_PATTERN.fullmatch(code)


@pytest.mark.parametrize("code", [" 1.004194", "1.004194-Xoa", "1.0041945", "1.004194567"])
def test_the_four_malformed_kinds_of_real_procedure_codes_are_refused(code):
    assert PROCEDURE_CODE_PATTERN.fullmatch(code) is None


def test_codes_count_per_unit_and_local_day(session):
    evening = datetime(2017, 5, 15, 16, 59, tzinfo=UTC)
    after_midnight = datetime(2017, 5, 15, 17, 0, tzinfo=UTC)

    codes = [allocate_code(session, unit_code=unit, at=at) for unit, at in (
        ("H19.07", evening), ("H19.07", evening), ("H19.08", evening), ("H19.07", after_midnight)
    )]  # fmt: skip

    assert codes == ["H19.07-170515-0001", "H19.07-170515-0002", "H19.08-170515-0001", "H19.07-170516-0001"]


def test_training_codes_have_a_series_of_their_own_and_look_like_no_dossier_code(session, now):
    real = allocate_code(session, unit_code="H19.07", at=now)
    training = allocate_code(session, unit_code="H19.07", at=now, is_training=True)

    assert (real, training) == ("H19.07-170517-0001", "T-H19.07-170517-0001")
    assert CODE_PATTERN.fullmatch(training) is None
    assert TRAINING_CODE_PATTERN.fullmatch(training)


def test_more_than_9999_codes_a_day_get_longer(session, now):
    note_imported_code(session, "H19.07-170517-9999")

    assert allocate_code(session, unit_code="H19.07", at=now) == "H19.07-170517-10000"


def test_imported_codes_advance_the_counter_and_never_turn_it_back(session, now):
    for code in ("H19.07-170517-0041", "H19.07-170517-0007", "G09.20-20260609-0092637"):
        note_imported_code(session, code)

    assert allocate_code(session, unit_code="H19.07", at=now) == "H19.07-170517-0042"
    assert allocate_code(session, unit_code="G09.20", at=datetime(2026, 6, 9, tzinfo=UTC)) == "G09.20-260609-0001"


def test_a_series_that_is_used_up_says_so(session, now):
    note_imported_code(session, "H19.07-170517-9999999")

    with pytest.raises(SeriesExhaustedError, match=r"H19\.07 has no number left on 17/05/2017"):
        allocate_code(session, unit_code="H19.07", at=now)


def test_code_of_a_rolled_back_transaction_is_given_again(session, now):
    first = allocate_code(session, unit_code="H19.07", at=now)
    session.commit()
    allocate_code(session, unit_code="H19.07", at=now)
    session.rollback()

    assert first == "H19.07-170517-0001"
    assert allocate_code(session, unit_code="H19.07", at=now) == "H19.07-170517-0002"


@pytest.mark.parametrize("unit", ["", "H19.7", "Trung tâm", "H19.07-"])
def test_site_without_a_proper_unit_code_is_told_so(session, now, unit):
    with pytest.raises(UnitCodeInvalidError, match="give the site a unit code"):
        allocate_code(session, unit_code=unit, at=now)


def test_any_series_can_be_numbered(session):
    day = date(2017, 5, 17)

    numbers = [
        allocate_number(session, series=series, local_date=day) for series in ("ticket:1", "ticket:1", "ticket:2")
    ]

    assert numbers == [1, 2, 1]


def test_twenty_clients_allocate_two_thousand_codes_without_gap_or_duplicate(database_url, now):
    def work(client: int) -> list[str]:
        engine = make_engine(database_url, pool_size=1)
        codes = []
        with Session(engine) as session, unscoped(session, "test"):
            for turn in range(CODES_EACH):
                code = allocate_code(session, unit_code=("H19.07", "H19.08")[turn % 2], at=now)
                if (client + turn) % 25 == 24:
                    session.rollback()  # a failed request leaves no gap
                    code = allocate_code(session, unit_code=("H19.07", "H19.08")[turn % 2], at=now)
                session.commit()
                codes.append(code)
        engine.dispose()
        return codes

    with ThreadPoolExecutor(CLIENTS) as pool:
        given = [code for codes in pool.map(work, range(CLIENTS)) for code in codes]

    expected = [
        f"{unit}-170517-{n:04d}" for unit in ("H19.07", "H19.08") for n in range(1, CLIENTS * CODES_EACH // 2 + 1)
    ]
    assert Counter(given) == Counter(expected)
