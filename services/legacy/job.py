"""Imports that were begun on a page, as jobs: the worker or the page itself takes the file in, chunk by chunk."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.batch import Batch, BatchKind, BatchRow
from models.dossier import Dossier
from services.jobs import OPEN, Chunk, queue_batch
from services.legacy.batches import CHUNK, KINDS, batch_row, mapping_of, take_records, take_turns
from services.legacy.source import Source, reopen_source
from services.session import require, unscoped

SPOOL = ".legacy"
"""How the names of kept files end."""
RIGHT = "import_legacy"
"""The right on dossiers that imports of this kind need; whoever has it takes in those of every department."""


class LegacyJob:
    """Reads the spool of a batch in the folder that ``find_folder`` names, where ``begin_import`` left it."""

    def __init__(self, find_folder: Callable[[], Path]) -> None:
        self._find_folder = find_folder

    def count(self, session: Session, batch: Batch) -> int:
        """Return how many lines the file has. Raises: DeniedError."""
        require(session, Dossier.__tablename__, RIGHT)
        return self._open(batch).count()

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        """Take the next lines in. Raises: DeniedError where the right is gone."""
        require(session, Dossier.__tablename__, RIGHT)
        with unscoped(session, f"import {batch.kind.value.lower()}"):
            take_turns(session)
            records = list(islice(self._open(batch).records(after=batch.last_line), CHUNK))
            judged = take_records(session, batch, records, at=at)
        is_last = len(records) < CHUNK
        return Chunk(
            counts=Counter(item.outcome for item in judged),
            rows=[BatchRow(**batch_row(batch, item)) for item in judged],
            last_line=records[-1].line if records else batch.last_line,
            is_last=is_last,
        )

    def _open(self, batch: Batch) -> Source:
        return reopen_source(spool_of(self._find_folder(), batch), kind=batch.kind, mapping=mapping_of(batch))


def begin_import(session: Session, source: Source, *, kind: BatchKind, creates: bool, at: datetime) -> Batch:
    """Return a new batch of the session's actor that waits for its first chunk. Raises: DeniedError."""
    require(session, Dossier.__tablename__, RIGHT)
    arguments: dict[str, Any] = {
        "creates": creates,
        "mapping": source.mapping.to_json(),
        "spool": source.path.name,
        "header": list(source.header.names),
    }
    batch = queue_batch(session, kind=kind, title=source.name, entity=Dossier.__tablename__, arguments=arguments, at=at)
    batch.file_hash, batch.size_bytes = source.fingerprint, source.size_bytes
    session.flush()  # the page that follows shows the file
    return batch


def spool_of(folder: Path, batch: Batch) -> Path:
    """Return where the rows of the file are kept that ``batch`` reads."""
    return folder / Path(str((batch.arguments or {}).get("spool", ""))).name


def drop_spools(session: Session, folder: Path, *, before: datetime) -> None:
    """Delete the kept rows of imports that have ended, and of uploads older than ``before`` that became no import."""
    with unscoped(session, "files of imports"):
        found = session.scalars(select(Batch).where(Batch.kind.in_(KINDS), Batch.state.in_(OPEN)))
        needed = {spool_of(folder, batch) for batch in found}
        ended = session.scalars(
            select(Batch).where(Batch.kind.in_(KINDS), Batch.state.not_in(OPEN), Batch.finished_at > before)
        )
        done = {spool_of(folder, batch) for batch in ended}
    for spool in folder.glob(f"*{SPOOL}"):
        if spool in done or (spool not in needed and spool.stat().st_mtime < before.timestamp()):
            spool.unlink(missing_ok=True)
