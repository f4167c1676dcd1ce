from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.procedure import Procedure, ProcedureField
from models.procedure_terms import AgencyRole, LimitUnit, ProcedureState
from models.states import Channel
from services.dossiers import receive_dossier
from services.limits import Limit
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file
from services.procedures import (
    NoVersionInForceError,
    choose_method,
    clerk_sheet,
    fees_of,
    find_procedures,
    get_current_version,
    limit_of,
    list_usual_procedures,
    methods_for,
    ways_of,
)
from tests.support.centre import Centre

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"


@pytest.fixture
def catalogue(session: Session, now: datetime) -> Session:
    file = inspect_file(SAMPLE)
    import_chunk(session, start_import(session, file, file_name="a", at=now), file, at=now)
    session.commit()
    return session


def procedure(session: Session, code: str) -> Procedure:
    return session.scalars(select(Procedure).where(Procedure.code == code)).one()


def add(session: Session, code: str, name: str, **values: object) -> None:
    field = session.scalars(select(ProcedureField)).first()
    session.add(Procedure(code=code, name=name, field=field, state=ProcedureState.IN_FORCE, **values))
    session.commit()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("le hoi", ["1.900002"]),
        ("LỄ HỘI hai xa", ["1.900002"]),
        ("le\u0302\u0303 ho\u0323\u0302i", ["1.900002"]),
        ("1.900001", ["1.900001"]),
        ("xiec pho", ["1.900001"]),
        ("xiếc phố đường phố lễ hội", []),
        ("", []),
        ("%", []),
    ],
)
def test_procedures_are_found_by_unaccented_words_code_and_keywords(
    catalogue: Session, words: str, codes: list[str]
) -> None:
    assert [found.code for found in find_procedures(catalogue, words)] == codes


def test_everyday_words_find_what_the_catalogue_calls_otherwise(catalogue: Session) -> None:
    add(catalogue, "1.910001", "Cấp lại giấy phép lái xe")

    assert [found.code for found in find_procedures(catalogue, "cap lai bang lai xe")] == ["1.910001"]
    assert [found.code for found in find_procedures(catalogue, "làm thủ tục lễ hội")] == ["1.900002"]


def test_what_is_taken_here_comes_first_then_the_shorter_name(catalogue: Session) -> None:
    add(catalogue, "1.910001", "Cấp thẻ", is_at_centre=False)
    add(catalogue, "1.910002", "Cấp thẻ hướng dẫn viên")
    add(catalogue, "1.910003", "Đổi thẻ cấp sai")

    found = find_procedures(catalogue, "cap the")

    assert [procedure.code for procedure in found] == ["1.910003", "1.910002", "2.900003", "1.910001"]
    assert [procedure.code for procedure in find_procedures(catalogue, "cap the", limit=1)] == ["1.910003"]


def test_abolished_procedure_is_not_found(catalogue: Session) -> None:
    procedure(catalogue, "1.900002").state = ProcedureState.ABOLISHED
    catalogue.commit()

    assert find_procedures(catalogue, "le hoi") == []


def test_limit_and_fees_differ_by_channel(catalogue: Session) -> None:
    version = get_current_version(catalogue, procedure(catalogue, "1.900001"))

    told = {}
    for channel in Channel:
        method = choose_method(version, channel)
        assert method is not None
        told[channel] = (limit_of(method), [fee.amount_vnd for fee in fees_of(method)])

    assert told == {
        Channel.COUNTER: (Limit(Decimal(3), LimitUnit.WORKING_DAY), [15000, 20000]),
        Channel.ONLINE: (Limit(Decimal(2), LimitUnit.WORKING_DAY), [7000]),
        Channel.POST: (Limit(Decimal(3), LimitUnit.WORKING_DAY), [15000]),
    }


def test_case_chooses_among_several_ways_of_a_channel(catalogue: Session) -> None:
    version = get_current_version(catalogue, procedure(catalogue, "1.900002"))
    first, second = version.cases

    assert [method.limit_quantity for method in methods_for(version, Channel.COUNTER)] == [
        Decimal("3.5"),
        Decimal("6.25"),
    ]
    assert choose_method(version, Channel.COUNTER) is None
    assert [limit_of(choose_method(version, Channel.COUNTER, case)) for case in (first, second)] == [
        Limit(Decimal("3.5"), LimitUnit.WORKING_DAY),
        Limit(Decimal("6.25"), LimitUnit.WORKING_DAY),
    ]
    assert choose_method(version, Channel.ONLINE, first) is None  # not offered


def test_ways_that_say_the_same_in_several_channels_are_one(catalogue: Session) -> None:
    version = get_current_version(catalogue, procedure(catalogue, "1.900001"))
    counter, _online, post = version.methods
    post.description = counter.description
    for fee in counter.fees[1:]:
        catalogue.delete(fee)
    post.fees[0].description = counter.fees[0].description
    catalogue.flush()
    catalogue.expire(counter)

    assert [way.channels for way in ways_of(version)] == [[Channel.COUNTER, Channel.POST], [Channel.ONLINE]]


def test_limit_in_words_is_no_limit_to_compute_with(catalogue: Session) -> None:
    version = get_current_version(catalogue, procedure(catalogue, "2.900003"))

    assert [limit_of(method) for method in version.methods] == [None, None]


def test_procedure_without_version_says_what_to_do(catalogue: Session) -> None:
    add(catalogue, "1.910001", "Chưa công bố")

    with pytest.raises(NoVersionInForceError) as caught:
        get_current_version(catalogue, procedure(catalogue, "1.910001"))

    assert str(caught.value) == (
        "1.910001 has no version in force. Import the national catalogue or publish a version first."
    )


def test_clerk_sheet_costs_the_same_whatever_the_version_holds(catalogue: Session, count_queries: Any) -> None:
    costs = []
    for code in ("1.900001", "1.900002"):
        version = procedure(catalogue, code).current_version
        catalogue.expire_all()
        with count_queries(catalogue.get_bind()) as seen:
            sheet = clerk_sheet(catalogue, version)
        costs.append(len(seen))

    assert costs[0] == costs[1]
    assert [(way.channels, way.method.limit_quantity) for way in sheet.ways] == [
        ([Channel.COUNTER], Decimal("3.5")),
        ([Channel.POST], Decimal("3.5")),
        ([Channel.COUNTER], Decimal("6.25")),
        ([Channel.POST], Decimal("6.25")),
    ]
    assert [(role, [d.code for d in departments]) for role, departments in sheet.agencies] == [
        (AgencyRole.EXECUTING, ["T19.07", sheet.agencies[0][1][1].code]),
        (AgencyRole.COORDINATING, ["T19.07.02"]),
        (AgencyRole.PUBLISHING, ["T16"]),
    ]
    assert (sheet.has_documents, sheet.is_in_force) == (True, True)


def test_what_is_usual_is_what_was_received_most_then_what_the_department_decides(session, now):
    centre = Centre(session, now)
    passport = centre.make_procedure("Cấp hộ chiếu", centre.transport, Decimal(5))
    centre.make_procedure("An táng", centre.transport, Decimal(1), state=ProcedureState.ABOLISHED)
    lent = centre.make_procedure("Cấp phiếu lý lịch tư pháp", None, Decimal(5))
    centre.make_procedure("Chứng thực", centre.justice, Decimal(1))
    with centre.acting_as(centre.clerk, centre.counter):
        for chosen in (lent, passport, lent):
            receive_dossier(session, intake=centre.intake(chosen), counter=centre.counter, at=now)
    wanted = {"staff_id": centre.clerk.staff_id, "department_id": centre.transport.id}

    usual = [row.name for row in list_usual_procedures(session, **wanted)]

    assert usual == ["Cấp phiếu lý lịch tư pháp", "Cấp hộ chiếu", "Đổi giấy phép lái xe"]
    assert [row.name for row in list_usual_procedures(session, **wanted, limit=1)] == usual[:1]
