"""Legacy files for tests, and what becomes of them."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from services.legacy.batches import import_chunk, start_import
from services.legacy.mapping import ColumnMapping
from services.legacy.source import Source, open_source

PLAIN = ColumnMapping()


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write ``rows`` as CSV under the names of their keys, in the order in which they first occur."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8")
    return path


def open_table(
    path: Path,
    rows: Sequence[Mapping[str, object]],
    kind: BatchKind = BatchKind.DOSSIERS,
    mapping: ColumnMapping = PLAIN,
) -> Source:
    """Write ``rows`` and open them as a file of ``kind``."""
    return open_source(write_table(path, rows), path.with_suffix(".spool"), kind=kind, mapping=mapping)


def take_in(
    session: Session,
    source: Source,
    at: datetime,
    kind: BatchKind = BatchKind.DOSSIERS,
    *,
    creates: bool = True,
    size: int = 500,
) -> Batch:
    """Import ``source`` to its end, committing each chunk."""
    batch = start_import(session, source, kind=kind, at=at, creates=creates)
    while batch.state is BatchState.RUNNING:
        import_chunk(session, batch, source, at=at, size=size)
        session.commit()
    return batch


def counts(batch: Batch) -> tuple[int, int, int, int]:
    """Return how many lines were created, updated, unchanged and refused."""
    return batch.created_count, batch.updated_count, batch.unchanged_count, batch.refused_count


def reasons(session: Session, batch: Batch) -> list[tuple[int, str]]:
    """Return line and reason of what was set aside."""
    rows: Iterable[BatchRow] = session.scalars(
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.REFUSED)
        .order_by(BatchRow.line_number)
    )
    return [(row.line_number, (row.reason or "") % (row.reason_values or {})) for row in rows]
