"""Runs of the procedure import, and what it leaves in the database."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Base
from models.batch import Batch, BatchState
from models.procedure import Procedure
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"
"""Twelve records of our own making: six that go in, with every oddity of the real ones, and six that cannot."""

IMPORT_TABLES = {"batch", "batch_row", "audit_event", "audit_payload", "audit_head"}


def run(session: Session, path: Path, at: datetime, *, size: int = 50) -> Batch:
    file = inspect_file(path)
    batch = start_import(session, file, file_name=path.name, at=at)
    while batch.state is BatchState.RUNNING:
        import_chunk(session, batch, file, at=at, size=size)
        session.commit()
    return batch


def counts(batch: Batch) -> tuple[int, int, int, int]:
    return batch.created_count, batch.updated_count, batch.unchanged_count, batch.refused_count


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those that tell of imports."""
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if table.name not in IMPORT_TABLES
    }


def records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLE.read_text().splitlines()[:6]]


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    )
    return path


def procedure(session: Session, code: str) -> Procedure:
    return session.scalars(select(Procedure).where(Procedure.code == code)).one()
