from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.batch import BatchRow, RowOutcome
from tests.support.procedures import counts, records, run, write

Mend = Callable[[dict[str, Any]], None]


def _set(path: str, value: Any) -> Mend:
    def mend(record: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = record
        for key in parents:
            place = place[int(key)] if key.isdigit() else place[key]
        place[int(last) if last.isdigit() else last] = value

    return mend


METHOD = "detail.executionMethods.0"
PAPER = "detail.executionCases.0.profileComponents.0"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("code", "1.9000011", "“1.9000011” is no national procedure code; it should look like 1.004194."),
        ("code", "1.900001999", "“1.900001999” is no national procedure code; it should look like 1.004194."),
        ("code", "1.900001\n", "“1.900001\n” is no national procedure code; it should look like 1.004194."),
        ("code", "١.900001", "“١.900001” is no national procedure code; it should look like 1.004194."),
        ("code", 1.9, "code should be text, but is 1.9."),
        ("code", None, "code is missing."),
        ("name", "  ", "name is missing."),
        ("name", ["a"], "name should be text, but is ['a']."),
        ("detail", None, "detail should be an object, but is null."),
        ("detail.code", "1.900002", "The record is headed 1.900001, but its detail belongs to 1.900002."),
        ("detail.executionMethods", "x", "detail.executionMethods should be a list, but is x."),
        (METHOD, 7, "detail.executionMethods[0] should be an object, but is 7."),
        (
            f"{METHOD}.submissionMethod",
            "FAX",
            "detail.executionMethods[0].submissionMethod is FAX, which is none of the known values: "
            "DIRECT, ONLINE, POSTAL.",
        ),
        (
            f"{METHOD}.processingTime",
            -3,
            "detail.executionMethods[0].processingTime is no believable time limit: -3.",
        ),
        (f"{METHOD}.processingTime", [3], "detail.executionMethods[0].processingTime should be text, but is [3]."),
        (
            f"{METHOD}.fees.0.value",
            1.5,
            "detail.executionMethods[0].fees[0].value is no believable amount: 1.5. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (
            f"{METHOD}.fees.0.value",
            True,
            "detail.executionMethods[0].fees[0].value is no believable amount: True. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (
            f"{PAPER}.originalQty",
            -1,
            "detail.executionCases[0].profileComponents[0].originalQty should be a whole number from 0 to 100, "
            "but is -1.",
        ),
        (
            f"{PAPER}.required",
            "yes",
            "detail.executionCases[0].profileComponents[0].required should be true or false, but is yes.",
        ),
        (
            "detail.procedureProposal.decisionDate",
            10**20,
            "detail.procedureProposal.decisionDate is no believable date: 100000000000000000000.",
        ),
        ("detail.categoriesDetails", [], "detail.category.code is missing."),
        (
            "detail.departmentPromulgateCode",
            "A" * 41,
            "detail.departmentPromulgateCode is 41 characters long; at most 40 fit.",
        ),
    ],
)
def test_malformed_record_is_refused_with_its_place(
    session: Session, now: datetime, tmp_path: Path, path: str, value: Any, reason: str
) -> None:
    bad, good = records()[0], records()[1]
    _set(path, value)(bad)

    batch = run(session, write(tmp_path / "bad.jsonl", [bad, good]), now)

    refused = session.scalars(select(BatchRow).where(BatchRow.outcome == RowOutcome.REFUSED)).one()
    assert counts(batch) == (1, 0, 0, 1)
    assert refused.reason % refused.reason_values == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "record should be an object, but is [1, 2]."),
        ("null", "record should be an object, but is null."),
        ('{"code": NaN}', "The line is not valid JSON: NaN."),
        ('{"code": ' + "[" * 100_000, "The line is not valid JSON: maximum recursion depth exceeded"),
    ],
)
def test_line_that_is_no_record_is_refused(
    session: Session, now: datetime, tmp_path: Path, line: str, reason: str
) -> None:
    batch = run(session, write(tmp_path / "bad.jsonl", [records()[0], line]), now)

    refused = session.scalars(select(BatchRow).where(BatchRow.outcome == RowOutcome.REFUSED)).one()
    assert counts(batch) == (1, 0, 0, 1)
    assert (refused.reason % refused.reason_values)[: len(reason)] == reason
