"""The rules by the day of intake: what they say about supplements and extensions, and that they stay as they were."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from models.dossier import Dossier, DossierEvent
from models.rule_set import RuleTerms, SupplementRule
from models.states import DossierState, EventKind, RuleSet
from services import dossiers
from services.clock import explain, get_clock, list_clock_events
from services.dossier_moves import IllegalMoveError
from services.errors import DeniedError
from services.extensions import (
    ExtensionTooLateError,
    ExtensionUsedUpError,
    last_day_to_extend,
    list_apologies,
    rebuild_apologies,
)
from services.ledger import ExtensionTooShortError, NothingToExtendError
from services.localtime import parse_instant, to_local
from services.rule_sets import LAW, find_rule_terms, rule_set_on, seed_rule_sets, terms_of
from services.supplements import FurtherSupplementError, GroundMissingError, list_supplements
from tests.support.centre import Centre, receive

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY_2019 = datetime(2019, 5, 13, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        (date(2018, 6, 20), RuleSet.BEFORE_2018),
        (date(2018, 6, 21), RuleSet.DECREE_61),
        (date(2025, 6, 30), RuleSet.DECREE_61),
        (date(2025, 7, 1), RuleSet.DECREE_118),
    ],
)
def test_the_rules_follow_the_day_of_intake(day, rules):
    assert rule_set_on(day) is rules


def written(at: datetime | None) -> str:
    return "" if at is None else f"{to_local(at):%Y-%m-%d %H:%M}"


def test_the_law_is_entered_once_and_holds_by_day(session):
    assert (seed_rule_sets(session), seed_rule_sets(session)) == (3, 0)

    found = [find_rule_terms(session, terms.valid_from_date) for terms in LAW]
    assert [row.code for row in found if row] == [terms.code for terms in LAW]
    assert find_rule_terms(session, date(2018, 6, 20)) is found[0]
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(text("UPDATE rule_terms SET extensions = 9"))


def test_new_rules_change_no_running_dossier(session):
    seed_rule_sets(session)
    centre = Centre(session, MONDAY_2019)
    running = receive(centre)
    before = (running.due_at, running.rule_set, terms_of(session, running))
    session.add(
        RuleTerms(
            valid_from_date=date(2019, 5, 1), code=RuleSet.DECREE_61, supplement_rule=SupplementRule.CONTINUE,
            supplement_requests=None, supplement_days=None, extensions=0, extension_lead_days=5,
        )
    )  # fmt: skip
    session.flush()
    later = receive(centre)

    assert (running.due_at, running.rule_set, terms_of(session, running)) == before
    assert terms_of(session, later).supplement_rule is SupplementRule.CONTINUE
    for dossier, kinds in ((running, ["START", "STOP", "RESTART"]), (later, ["START", "STOP", "RESUME"])):
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=centre.at + HOUR)
        dossiers.receive_supplement(session, dossier, at=centre.at + DAY)
        assert [event.kind.value for event in list_clock_events(session, get_clock(session, dossier))] == kinds


def test_a_further_request_needs_a_leader_and_a_ground_and_is_marked(session):
    centre = Centre(session, MONDAY_2019)
    dossier = receive(centre)
    with centre.acting_as(centre.officer):
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=centre.at + HOUR)
        dossiers.receive_supplement(session, dossier, at=centre.at + DAY)
        with pytest.raises(FurtherSupplementError, match="already asked for papers 1 time"):
            dossiers.request_supplement(session, dossier, reason="a", ground="b", at=centre.at + 2 * DAY)
    with centre.acting_as(centre.head):
        with pytest.raises(GroundMissingError):
            dossiers.request_supplement(session, dossier, reason="Thiếu bản sao", at=centre.at + 2 * DAY)
        dossiers.request_supplement(
            session, dossier, reason="Thiếu bản sao", ground="Luật mới", at=centre.at + 4 * DAY + 2 * HOUR
        )

    first, second = list_supplements(session, dossier)
    assert (first.number, first.is_beyond, first.is_late, first.answered_at) == (1, False, False, centre.at + DAY)
    assert (second.number, second.is_beyond, second.is_late, second.ground) == (2, True, True, "Luật mới")
    assert dossier.state is DossierState.SUPPLEMENT


def test_an_extension_is_signed_once_before_the_due_date_and_keeps_the_statutory_one(session):
    centre = Centre(session, MONDAY_2019)  # 3.5 working days from 09:00: Thursday 16 May, 15:00
    dossier = receive(centre)
    statutory = dossier.statutory_due_at
    new_due = parse_instant("2019-05-25 10:00")  # a Saturday
    assert last_day_to_extend(session, dossier) == date(2019, 5, 15)
    with centre.acting_as(centre.officer), pytest.raises(DeniedError):
        dossiers.extend_dossier(session, dossier, due_at=new_due, reason="Chờ xác minh", at=centre.at + HOUR)
    with centre.acting_as(centre.head):
        with pytest.raises(ExtensionTooLateError, match="signed by 15/05/2019"):
            dossiers.extend_dossier(session, dossier, due_at=new_due, reason="x", at=parse_instant("2019-05-16 08:00"))
        with pytest.raises(ExtensionTooShortError):
            dossiers.extend_dossier(session, dossier, due_at=statutory, reason="x", at=centre.at + HOUR)
        apology = dossiers.extend_dossier(session, dossier, due_at=new_due, reason="Chờ xác minh", at=centre.at + HOUR)
        with pytest.raises(ExtensionUsedUpError, match="already extended to 10:00 27/05/2019"):
            dossiers.extend_dossier(session, dossier, due_at=new_due + DAY, reason="x", at=centre.at + 2 * HOUR)

    assert (written(dossier.due_at), dossier.statutory_due_at) == ("2019-05-27 10:00", statutory)
    assert (apology.due_before_at, apology.due_after_at, apology.signed_by_id) == (
        statutory, dossier.due_at, centre.head.staff_id
    )  # fmt: skip
    events = session.scalars(select(DossierEvent).order_by(DossierEvent.sequence)).all()
    assert [event.kind for event in events] == [EventKind.RECEIVED, EventKind.EXTENDED]
    (rebuilt,) = rebuild_apologies(events)
    assert rebuilt == {name: getattr(list_apologies(session, dossier)[0], name) for name in rebuilt}
    told = explain(session, dossier=dossier)[-1]
    assert [detail.message for detail in told.details] == [
        "Reason: %(reason)s",
        "The due time moves from %(before)s to %(after)s.",
        "The applicant was told with an apology; lateness stays judged on %(statutory)s.",
    ]


def test_what_cannot_be_extended(session, now):
    centre = Centre(session, now)
    endless = receive(centre, procedure=centre.make_procedure("Không thời hạn", centre.transport, None))
    waiting = receive(centre)
    dossiers.request_payment(session, waiting, reason="Lệ phí", at=now + HOUR)
    late: Dossier = receive(centre)

    with pytest.raises(NothingToExtendError):
        dossiers.extend_dossier(session, endless, due_at=now + 9 * DAY, reason="x", at=now + HOUR)
    with pytest.raises(IllegalMoveError):
        dossiers.extend_dossier(session, waiting, due_at=now + 9 * DAY, reason="x", at=now + HOUR)
    with pytest.raises(ExtensionTooLateError):  # before 2018 it could be signed until the due time itself
        dossiers.extend_dossier(session, late, due_at=now + 9 * DAY, reason="x", at=late.due_at)
    dossiers.extend_dossier(session, late, due_at=now + 9 * DAY, reason="x", at=late.due_at - HOUR)
    assert len(list_apologies(session, late)) == 1
