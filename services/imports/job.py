"""An import as a job: chunks of its rows, in earnest or as a rehearsal that is rolled back, or all of them at once."""

import json
from collections import Counter
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import Base, _
from models.batch import Batch, BatchKind, BatchRow, RowOutcome
from models.exchange import ImportBlock, ImportDraft
from services.errors import UserError
from services.imports.applying import Judged, apply_records
from services.imports.drafts import keep_mapping, plan_of, rows_of
from services.imports.reading import Problem, read_record
from services.jobs import CHUNK, Chunk, queue_batch, register
from services.session import require
from services.tables.values import read_text

MOST_AT_ONCE = 2_000
"""Rows of an import that is to succeed as a whole: they are one transaction, during which nobody else can write."""
KEPT_CHARACTERS = 20_000

OTHERS_WRONG = _("Left out because other rows of the file are wrong and all or nothing was asked for.")
FILE_GONE = _("The file is no longer here. Choose it again.")


class TooManyAtOnceError(UserError):
    """An import that is to succeed as a whole has too many rows."""

    message = _("At most %(most)s rows can be imported all or nothing. Choose to import the good rows only.")


class NothingMappedError(UserError):
    """No column fills anything."""

    message = _("Say for at least one column what it fills.")


def begin_import(session: Session, draft: ImportDraft, *, is_rehearsal: bool, at: datetime) -> Batch:
    """Queue the import of ``draft``, or a rehearsal of it that leaves everything as it was; return its batch.

    Asked twice for the import, it returns the batch of the first time.
    Raises: NothingMappedError, TooManyAtOnceError.
    """
    session.flush()
    session.refresh(draft, with_for_update={"of": ImportDraft})  # of two who press at once, the second waits
    if draft.is_sent and draft.batch is not None:
        return draft.batch
    if not draft.columns:
        raise NothingMappedError
    if draft.is_all_or_nothing and draft.total_count > MOST_AT_ONCE:
        raise TooManyAtOnceError(most=MOST_AT_ONCE)
    require(session, draft.entity, "import")
    if not is_rehearsal:  # what the next file is read by leaves a trace: an import
        keep_mapping(session, draft, at=at)
    batch = queue_batch(
        session,
        kind=BatchKind.ROWS,
        title=draft.title,
        entity=draft.entity,
        arguments={"draft": draft.id, "rehearsal": is_rehearsal, "headers": draft.headers, "columns": draft.columns},
        at=at,
    )
    batch.file_hash, batch.size_bytes, batch.total_count = draft.file_hash, draft.size_bytes, draft.total_count
    draft.batch, draft.is_sent = batch, not is_rehearsal
    session.flush()  # the caller shows the batch under its key
    return batch


def is_rehearsal(batch: Batch) -> bool:
    return bool((batch.arguments or {}).get("rehearsal"))


class RowsJob:
    """Does batches of kind ROWS."""

    def count(self, session: Session, batch: Batch) -> int:
        return self._draft(session, batch).total_count

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        """Take the next rows; all of them in one go where all or nothing was asked for."""
        require(session, batch.entity or "", "import")
        draft = self._draft(session, batch)
        plan = plan_of(session, draft)
        size = MOST_AT_ONCE if draft.is_all_or_nothing else CHUNK
        rows = list(islice(rows_of(session, draft, after=max(batch.last_line, draft.header_line)), size))
        records = [read_record(plan, row.line, row.cells) for row in rows]
        savepoint = session.begin_nested()
        judged = apply_records(session, plan, batch, records)
        has_failed = draft.is_all_or_nothing and any(item.outcome is RowOutcome.REFUSED for item in judged)
        if has_failed:
            for item in judged:
                if item.outcome is not RowOutcome.REFUSED:
                    item.refuse(Problem("", OTHERS_WRONG))
        if has_failed or is_rehearsal(batch):
            savepoint.rollback()
        else:
            savepoint.commit()
        kept = [_row(plan.model, item, is_real=not is_rehearsal(batch)) for item in judged]
        is_last = len(rows) < size
        if is_last and not is_rehearsal(batch):
            session.execute(delete(ImportBlock).where(ImportBlock.draft_id == draft.id))
        last = rows[-1].line if rows else batch.last_line
        return Chunk(counts=Counter(item.outcome for item in judged), rows=kept, last_line=last, is_last=is_last)

    def _draft(self, session: Session, batch: Batch) -> ImportDraft:
        draft = session.scalar(select(ImportDraft).where(ImportDraft.id == (batch.arguments or {}).get("draft")))
        if draft is None:
            raise RuntimeError(FILE_GONE)
        return draft


def _row(model: type[Base], item: Judged, *, is_real: bool) -> BatchRow:
    """Return what is kept of a record: a refused one whole, so that it can be mended."""
    first = item.problems[0] if item.problems else None
    return BatchRow(
        line_number=item.record.line,
        fingerprint=item.fingerprint,
        outcome=item.outcome,
        code=item.mark or None,
        entity=model.__tablename__,
        entity_id=item.entity_id if is_real or item.outcome is not RowOutcome.CREATED else None,
        reason=first.message if first is not None else None,
        reason_values=dict(first.values) if first is not None else None,
        raw=_kept(item),
    )


def _kept(item: Judged) -> str | None:
    if item.outcome is RowOutcome.REFUSED:
        cells = [(read_text(cell) or "")[:KEPT_CHARACTERS] for cell in item.record.cells]
        problems = [[problem.key, problem.message, dict(problem.values)] for problem in item.problems]
        return json.dumps({"cells": cells, "problems": problems}, ensure_ascii=False)
    if item.changes:
        return json.dumps({"changes": item.changes}, ensure_ascii=False)
    return None


def kept_of(row: BatchRow) -> dict[str, Any]:
    """Return what ``_kept`` stored: "cells" and "problems" of a refused row, "changes" of a changed one."""
    return json.loads(row.raw) if row.raw else {}


register(BatchKind.ROWS, RowsJob())
