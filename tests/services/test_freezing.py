"""Frozen months: figures stay, corrections stand beside them with the dossiers they come from, nothing is undone."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.report_period import PeriodKind, ReportPeriod
from models.states import DossierState as S
from models.states import EventKind as Kind
from services.dossier_moves import ReasonMissingError
from services.freeze_changes import list_changes
from services.freezing import (
    FORM,
    SETTLEMENT,
    FrozenMeanwhileError,
    PeriodFrozenError,
    PeriodNotOverError,
    freeze_period,
    get_versions,
    list_differences,
)
from services.settlement import Dimension
from tests.services.settlement_world import World
from tests.services.test_settlement import came, on

DEPARTMENT = Dimension.DEPARTMENT


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


@pytest.fixture
def april(session: Session) -> ReportPeriod:
    period = ReportPeriod(
        name="Tháng 4/2016", kind=PeriodKind.MONTH, from_date=date(2016, 4, 1), until_date=date(2016, 4, 30)
    )
    session.add(period)
    session.flush()
    return period


def test_frozen_figures_stay_and_later_corrections_stand_beside_them(world, april):
    """One was finished in time and entered late, one was an entry error, one is as it was."""
    session = world.session
    late_entry = world.add(came(on(4, 4), due=on(4, 20)).then(on(4, 18), Kind.DECIDED, S.DECIDED, recorded_at=on(5, 9)))
    annulled = world.add(came(on(4, 5), due=on(4, 20), slot=1).then(on(5, 8), Kind.ANNULLED, S.ACCEPTED))
    world.add(came(on(4, 6), due=on(4, 20)).decided(on(4, 12)))

    frozen = freeze_period(session, april, last_version=0, reason=None, at=on(5, 2))
    before = list_differences(session, frozen, part=SETTLEMENT, by=DEPARTMENT, at=on(5, 3))
    after = list_differences(session, frozen, part=SETTLEMENT, by=DEPARTMENT, at=on(6, 1))
    form = list_differences(session, frozen, part=FORM, by=Dimension.FIELD, at=on(6, 1))

    assert before == []
    assert frozen.figures[SETTLEMENT]["department"]["total"]["overdue"] == 2
    assert [(one.name, one.figure, one.frozen, one.today) for one in after if not one.key] == [
        ("", "received", 3, 2), ("", "finished", 1, 2), ("", "on_time", 1, 2),
        ("", "overdue", 2, 0), ("", "open", 2, 0),
    ]  # fmt: skip
    assert [(one.name, one.frozen, one.today) for one in after if one.figure == "received" and one.key] == [
        ("Sở số 1", 1, 0)
    ]
    assert [(one.figure, one.frozen, one.today) for one in form if not one.key] == [
        ("population", 3, 2), ("received_online", 1, 0), ("resolved", 1, 2), ("early", 1, 2), ("open", 2, 0),
        ("overdue", 2, 0),
    ]  # fmt: skip
    changed = list_changes(session, frozen, figure="overdue", at=on(6, 1))
    assert [(one.dossier_id, one.is_gained, one.frozen and one.frozen.state, one.today and one.today.ended_at)
            for one in changed] == [
        (late_entry.id, False, S.ACCEPTED, on(4, 18)), (annulled.id, False, S.ACCEPTED, None),
    ]  # fmt: skip
    own = str(world.departments[0].id)
    gained = list_changes(session, frozen, figure="on_time", by=DEPARTMENT, key=own, at=on(6, 1))
    assert [(one.dossier_id, one.is_gained) for one in gained] == [(late_entry.id, True)]
    assert list_changes(session, frozen, figure="overdue", at=on(6, 1), after_id=annulled.id) == []


def test_corrected_freeze_is_a_further_version_with_its_reason(world, april):
    session = world.session
    world.add(came(on(4, 4), due=on(4, 20)).then(on(4, 18), Kind.DECIDED, S.DECIDED, recorded_at=on(5, 9)))
    first = freeze_period(session, april, last_version=0, reason=None, at=on(5, 2))

    with pytest.raises(FrozenMeanwhileError):
        freeze_period(session, april, last_version=0, reason=None, at=on(5, 10))
    with pytest.raises(ReasonMissingError):
        freeze_period(session, april, last_version=1, reason="  ", at=on(5, 10))
    second = freeze_period(session, april, last_version=1, reason="Nhập chậm hồ sơ", at=on(5, 10))

    assert [(one.version, one.reason, one.known_at) for one in get_versions(session, april)] == [
        (2, "Nhập chậm hồ sơ", on(5, 10)), (1, None, on(5, 2)),
    ]  # fmt: skip
    assert (first.figures[SETTLEMENT]["department"]["total"]["open"], second.figures["steps"][0]["dossiers"]) == (1, 1)
    assert list_differences(session, second, part=SETTLEMENT, by=DEPARTMENT, at=on(6, 1)) == []


def test_nothing_frozen_can_be_taken_back(world, april):
    session = world.session
    frozen = freeze_period(session, april, last_version=0, reason=None, at=on(5, 2))
    session.commit()
    audited = session.query(AuditEvent).filter_by(entity="frozen_figures").one()

    assert (audited.action, audited.entity_key) == ("freeze", str(frozen.id))
    for statement in ("UPDATE frozen_figures SET version = 9", "DELETE FROM frozen_figures"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(statement))
    april.until_date = date(2016, 4, 29)
    with pytest.raises(PeriodFrozenError):
        session.flush()
    session.rollback()
    april.name = "Tháng tư"
    session.flush()


def test_period_that_still_runs_is_not_frozen(world, april):
    with pytest.raises(PeriodNotOverError):
        freeze_period(world.session, april, last_version=0, reason=None, at=on(4, 30, 23))
