"""Time per step: the events of a real permit log, replayed, give the seconds that pandas finds in the file."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.clock import Clock, ClockEvent, ClockEventKind, ClockState
from models.dossier import NO_DUE_TIME, Dossier, DossierEvent
from models.organisation import Department, Site
from models.procedure import ProcedureVersion
from models.process import ProcessStep, ProcessVersion, StepKind
from models.states import Channel, DossierState, EventKind, RuleSet
from services.settlement import make_cut
from services.step_times import summarise_step_times
from tests.commands.test_legacy import LOG
from tests.factories import make_row

KNOWN = datetime(2013, 1, 1, tzinfo=UTC)
NO_STEP = ""


@pytest.mark.data
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # arithmetic: the SQL is tried elsewhere
@pytest.mark.skipif(not LOG.exists(), reason="the shared permit log is missing")
def test_replayed_permit_log_agrees_with_pandas_to_the_second(session: Session) -> None:
    log = read_log()
    replay(session, log)

    cut = make_cut(since=date(2010, 10, 1), until=date(2012, 1, 23), now=KNOWN)
    report = summarise_step_times(session, cut)

    found = {(row.department, row.step): (row.dossiers, row.used) for row in report.rows}
    expected = expected_times(log)
    assert report.unmeasured == 0
    assert report.dossiers == log[log["ended"].notna()]["case"].nunique() == 1329
    assert {key: (cases, round(used / 1_000_000)) for key, (cases, used) in found.items()} == {
        key: (cases, round(length.value / 1_000_000_000)) for key, (cases, length) in expected.items()
    }
    assert {(row.is_worked, row.waited) for row in report.rows} == {(False, timedelta(0))}
    assert len(found) > 30


def read_log() -> pd.DataFrame:
    """Return the events of the log in the order in which they happened, with what is known of their case."""
    log = pd.read_csv(LOG)
    columns = {
        "case:concept:name": "case", "case:department": "department", "case:startdate": "began",
        "case:enddate": "ended", "case:deadline": "due", "concept:name": "step", "time:timestamp": "at",
    }  # fmt: skip
    log = log[list(columns)].rename(columns=columns)
    for name in ("began", "ended", "due", "at"):
        log[name] = pd.to_datetime(log[name], utc=True, format="ISO8601")
    log["ended"] = log["ended"].where(~(log["ended"] < log["began"]), log["began"])  # two cases, as the import has it
    return log.sort_values(["case", "at"], kind="stable", ignore_index=True)


def expected_times(log: pd.DataFrame) -> dict[tuple[str, str], tuple[int, pd.Timedelta]]:
    """Return cases and time per department and step: each step lasts until the next one, or until its case ends."""
    ended = log[log["ended"].notna()]
    intake = ended.groupby("case", as_index=False).first().assign(step=NO_STEP)
    intake["at"] = intake["began"]
    stays = pd.concat([intake, ended], ignore_index=True).sort_values(["case", "at"], kind="stable")
    begins = stays[["at", "ended"]].min(axis=1).where(stays["at"] > stays["began"], stays["began"])
    following = begins.groupby(stays["case"]).shift(-1).fillna(stays["ended"])
    stays["length"] = following - begins
    stays = stays[stays["length"] > pd.Timedelta(0)]
    grouped = stays.groupby(["department", "step"]).agg(cases=("case", "nunique"), length=("length", "sum"))
    return {key: (int(row["cases"]), row["length"]) for key, row in grouped.iterrows()}


def replay(session: Session, log: pd.DataFrame) -> None:
    """Write every case as a dossier whose events take it from step to step."""
    departments = {name: make_row(session, Department, name=name).id for name in log["department"].unique()}
    version = make_row(session, ProcessVersion, title="WABO")
    steps = {
        name: make_row(session, ProcessStep, version=version, name=name, kind=StepKind.WORK).id
        for name in log["step"].unique()
    }
    site, applicant = make_row(session, Site), make_row(session, Applicant)
    procedure = make_row(session, ProcedureVersion)
    numbers = count(1)
    rows: dict[Any, list[dict[str, Any]]] = {model: [] for model in (Dossier, DossierEvent, Clock, ClockEvent)}
    for key, (case, events) in enumerate(log.groupby("case", sort=False), 1):
        facts = events.iloc[0]
        began, ended = facts["began"].to_pydatetime(), facts["ended"]
        until = None if pd.isna(ended) else ended.to_pydatetime()
        rows[Dossier].append({
            "id": key, "code": case, "public_id": case, "slip_token": case, "procedure_id": procedure.procedure_id,
            "procedure_version_id": procedure.id, "rule_set": RuleSet.BEFORE_2018, "applicant_id": applicant.id,
            "applicant_name": "A", "department_id": departments[facts["department"]], "site_id": site.id,
            "channel": Channel.COUNTER, "state": DossierState.DECIDED if until else DossierState.PROCESSING,
            "received_at": began, "recorded_at": began, "due_sort_at": NO_DUE_TIME,
        })  # fmt: skip
        happened = happenings(events, began, until, departments, steps)
        rows[DossierEvent] += [
            {"id": next(numbers), "dossier_id": key, "sequence": sequence, "recorded_at": event["occurred_at"], **event}
            for sequence, event in enumerate(happened, 1)
        ]
        rows[Clock].append({
            "id": key, "dossier_id": key, "site_id": site.id, "counted_from_at": began, "last_sequence": 1,
            "state": ClockState.ENDED if until else ClockState.RUNNING, "running_since_at": None if until else began,
            "ended_at": until, "last_occurred_at": until or began, "consumed_microseconds": Fraction(0),
        })  # fmt: skip
        for sequence, (kind, at) in enumerate([(ClockEventKind.START, began), (ClockEventKind.END, until)], 1):
            if at is not None:
                rows[ClockEvent].append({
                    "id": next(numbers), "clock_id": key, "sequence": sequence, "kind": kind, "recorded_at": at,
                    "occurred_at": at, "from_at": began if kind is ClockEventKind.START else None,
                    "consumed_microseconds": Fraction(0), "due_after_at": facts["due"].to_pydatetime(),
                    "statutory_due_at": facts["due"].to_pydatetime(),
                })  # fmt: skip
    for model, values in rows.items():
        session.execute(insert(model), values)


def happenings(
    events: pd.DataFrame, began: datetime, until: datetime | None, departments: dict[str, int], steps: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield the events of one case: its intake, a step taken per line of the log, its end."""
    common = {"department_id": departments[events.iloc[0]["department"]], "facts": {}}
    accepted, processing = DossierState.ACCEPTED, DossierState.PROCESSING
    yield {
        **common, "kind": EventKind.RECEIVED, "state_from": None, "state_to": accepted, "occurred_at": began,
        "step_id": None,
    }  # fmt: skip
    for line in events.itertuples():
        at = line.at.to_pydatetime()
        state = DossierState.DECIDED if until is not None and at > until else processing  # some lines lie after the end
        yield {
            **common, "kind": EventKind.STEP_TAKEN, "state_from": state, "state_to": state, "occurred_at": at,
            "step_id": steps[line.step],
        }  # fmt: skip
    if until is not None:
        yield {
            **common, "kind": EventKind.DECIDED, "state_from": processing, "state_to": DossierState.DECIDED,
            "occurred_at": until, "step_id": None,
        }  # fmt: skip
