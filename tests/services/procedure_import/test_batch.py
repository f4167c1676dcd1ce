import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.batch import Batch, BatchRow, BatchState, RowOutcome
from models.organisation import Department
from models.procedure import Procedure
from services.database import make_engine
from services.procedure_import.batch import ImportEndedError, cancel_import, import_chunk, rehearse, start_import
from services.procedure_import.reading import inspect_file
from services.session import unscoped
from tests.support.procedures import SAMPLE, contents, counts, records, run, write


def test_sample_goes_in_and_bad_records_are_set_aside_with_reasons(session: Session, now: datetime) -> None:
    batch = run(session, SAMPLE, now)

    rows = session.execute(
        select(BatchRow.line_number, BatchRow.outcome, BatchRow.code, BatchRow.reason, BatchRow.reason_values)
        .where(BatchRow.outcome == RowOutcome.REFUSED)
        .order_by(BatchRow.line_number)
    ).all()
    assert counts(batch) == (6, 0, 0, 6)
    assert (batch.total_count, batch.done_count, batch.state) == (12, 12, BatchState.FINISHED)
    assert [(row.line_number, row.code, row.reason % row.reason_values) for row in rows] == [
        (8, "1.900007", "“ 1.900007” is no national procedure code; it should look like 1.004194."),
        (9, "1.900008-Xoa", "“1.900008-Xoa” is no national procedure code; it should look like 1.004194."),
        (
            10,
            "1.900009",
            "detail.executionMethods[0].fees[0].value is no believable amount: 99999999999999. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (11, None, "The line is not valid JSON: Unterminated string starting at, 42."),
        (12, "1.900011", "name is missing."),
        (13, "1.900001", "1.900001 already stands on line 1 of this file; the first record was taken."),
    ]
    assert session.scalar(select(func.count(Procedure.id))) == 6


def test_refused_rows_keep_their_text_and_others_do_not(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    lines = SAMPLE.read_text().splitlines()
    kept = dict(session.execute(select(BatchRow.line_number, BatchRow.raw).order_by(BatchRow.line_number)).all())
    assert kept == {n: None if n < 7 else lines[n - 1] for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13)}


def test_second_run_changes_nothing_at_all(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)
    before = contents(session)
    audited = session.scalar(select(func.count()).where(AuditEvent.entity.not_in(["batch"])))

    batch = run(session, SAMPLE, now.replace(hour=5))

    assert counts(batch) == (0, 0, 6, 6)
    assert contents(session) == before
    assert session.scalar(select(func.count()).where(AuditEvent.entity.not_in(["batch"]))) == audited


def test_dry_run_tells_the_same_and_writes_nothing(session: Session, now: datetime) -> None:
    before = contents(session)

    told = [(item.line.number, item.outcome.value) for item in rehearse(session, inspect_file(SAMPLE), size=4)]

    assert told == [(n, "CREATED") for n in range(1, 7)] + [(n, "REFUSED") for n in range(8, 14)]
    assert contents(session) == before
    assert session.scalar(select(func.count(Batch.id))) == 0


def test_interrupted_run_goes_on_where_it_stopped(session: Session, now: datetime) -> None:
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=5)
    session.commit()
    import_chunk(session, batch, file, at=now, size=5)
    session.rollback()  # what a killed process leaves of its last chunk

    resumed = run(session, SAMPLE, now, size=5)

    assert resumed is batch
    assert counts(resumed) == (6, 0, 0, 6)
    assert session.scalar(select(func.count(BatchRow.id))) == 12


def test_packed_file_goes_on_where_the_plain_one_stopped(session: Session, now: datetime, tmp_path: Path) -> None:
    packed = tmp_path / "procedures.jsonl.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=3)
    session.commit()

    resumed = run(session, packed, now)

    assert (resumed is batch, counts(resumed)) == (True, (6, 0, 0, 6))


def test_cancelled_import_keeps_what_is_in_and_takes_no_more(session: Session, now: datetime) -> None:
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=2)

    cancel_import(session, batch, at=now)

    assert (batch.state, counts(batch)) == (BatchState.CANCELLED, (2, 0, 0, 0))
    with pytest.raises(ImportEndedError):
        import_chunk(session, batch, file, at=now)
    assert start_import(session, file, file_name="a", at=now) is not batch


@pytest.fixture
def unknown_rule(session: Session) -> Iterator[None]:
    """A rule of the database that our checks know nothing of: no two versions have the same name."""
    session.execute(text("CREATE UNIQUE INDEX one_name ON procedure_version (name)"))
    session.commit()
    yield
    session.rollback()
    session.execute(text("DROP INDEX one_name"))  # the tests after this one use the same schema
    session.commit()


@pytest.mark.usefixtures("unknown_rule")
def test_database_refusing_one_record_sets_only_that_one_aside(session: Session, now: datetime, tmp_path: Path) -> None:
    first, twin, last = records()[0], records()[0], records()[1]
    twin["code"] = twin["detail"]["code"] = "1.900099"
    twin["detail"]["departmentsExecuting"][0]["code"] = "T19.99"

    batch = run(session, write(tmp_path / "twin.jsonl", [first, twin, last]), now)

    refused = session.scalars(select(BatchRow).where(BatchRow.outcome == RowOutcome.REFUSED)).one()
    assert (counts(batch), refused.line_number, refused.entity_id) == ((2, 0, 0, 1), 2, None)
    assert refused.reason == "The database refused the record: %(fault)s."
    assert session.scalar(select(func.count(Procedure.id))) == 2
    assert session.scalar(select(Department.id).where(Department.code == "T19.99")) is None


def test_hundred_records_cost_few_statements_when_nothing_changed(
    session: Session, now: datetime, count_queries: Any, tmp_path: Path
) -> None:
    rows = []
    for n in range(100):
        record = records()[0]
        record["code"] = record["detail"]["code"] = f"1.91{n:04}"
        rows.append(record)
    path = write(tmp_path / "many.jsonl", rows)
    run(session, path, now)
    file = inspect_file(path)
    batch = start_import(session, file, file_name="b", at=now)
    session.commit()

    with count_queries(session.get_bind()) as seen:
        import_chunk(session, batch, file, at=now, size=100)

    assert len(seen) <= 7, "\n".join(seen)


ROOT = Path(__file__).parents[3]
KILLED = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from sqlalchemy.orm import Session
import services.audit
from services.database import make_engine
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file
from services.session import unscoped

engine, at, file = make_engine(sys.argv[1]), datetime(2017, 5, 17, tzinfo=UTC), inspect_file(Path(sys.argv[2]))
with Session(engine) as session, unscoped(session, "import"):
    batch = start_import(session, file, file_name="killed", at=at)
    session.commit()
    while batch.state.value == "RUNNING":
        import_chunk(session, batch, file, at=at, size=10)
        session.commit()
        print(batch.done_count, flush=True)
"""


def test_killed_process_loses_at_most_its_chunk_and_the_next_goes_on(
    database_url: str, now: datetime, tmp_path: Path
) -> None:
    rows = []
    for n in range(200):
        record = records()[n % 6]
        record["code"] = record["detail"]["code"] = f"1.92{n:04}"
        rows.append(record)
    path = write(tmp_path / "many.jsonl", rows)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, database_url, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(3)][-1]
    time.sleep(0.05)  # somewhere inside a later chunk
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        left = session.scalars(select(Batch)).one()
        done = left.done_count
        batch = run(session, path, now)

        assert reported <= done < 200
        assert (batch.id, counts(batch)) == (left.id, (200, 0, 0, 0))
        assert session.scalar(select(func.count(Procedure.id))) == 200
        assert session.scalar(select(func.count(BatchRow.id))) == 200
    engine.dispose()


def test_two_processes_at_one_file_work_as_one(database_url: str, tmp_path: Path) -> None:
    rows = []
    for n in range(120):
        record = records()[n % 6]
        record["code"] = record["detail"]["code"] = f"1.93{n:04}"
        rows.append(record)
    path = write(tmp_path / "many.jsonl", rows)
    command = [sys.executable, "-c", KILLED, database_url, str(path)]
    environment = {**os.environ, "PYTHONPATH": "."}
    processes = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, env=environment)
        for _ in range(2)
    ]
    complaints = [process.communicate(timeout=100)[1] for process in processes]

    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        batches = session.scalars(select(Batch)).all()
        assert sum(batch.created_count for batch in batches) == 120
        assert [batch.refused_count for batch in batches] == [0] * len(batches)
        assert {batch.state for batch in batches} == {BatchState.FINISHED}
        assert session.scalar(select(func.count(Procedure.id))) == 120
    engine.dispose()
    assert complaints == [b"", b""]
