"""Preparing an import step by step: the file, its header, what each column is, what each word means.

Every step reads the whole file once at most and stores what it found, so that the next one, a rehearsal and the
import itself work on decisions, not on guesses. Decisions are kept for the next file with the same columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from models.base import Base, _
from models.batch import Batch
from models.describe import attributes
from models.exchange import ImportBlock, ImportDraft, ImportMapping
from models.ids import public_id
from models.text import fold, normalise
from services.errors import ConflictError
from services.imports.reading import Plan
from services.imports.targets import guess_columns, natural_key, targets
from services.imports.words import choice_words, find_rows, split_words
from services.jobs import OPEN
from services.session import actor_of
from services.tables.book import Book, fingerprint, read_file
from services.tables.dates import DateOrder, judge_dates
from services.tables.errors import TableTooLargeError
from services.tables.header import SEARCHED_ROWS, Header, find_header, header_at
from services.tables.spool import Row, Sheet, restored, stored
from services.tables.values import read_text
from services.tables.writing import unguarded

BLOCK = 200
MOST_ROWS = 200_000
MOST_WORDS = 5_000
"""Different words of one column; what has more is no list of choices."""
KEPT_FOR = timedelta(days=7)

Names = Mapping[str, Sequence[str]]
"""By attribute everything it is called; by code of a choice everything that is called."""


class DraftSentError(ConflictError):
    """The import has begun; its decisions can no longer be changed."""

    message = _("This import has already begun. Choose the file again to import it differently.")


def create_draft(
    session: Session,
    model: type[Base],
    path: Path,
    *,
    title: str,
    names: Names,
    labels: Mapping[str, Names],
    at: datetime,
) -> ImportDraft:
    """Read a file and return the draft of its import with everything guessed that can be.

    ``names`` and ``labels`` are what attributes and their choices are called in all languages. Drafts nobody has
    gone on with for a week are thrown away.
    Raises: TableUnusableError.
    """
    with TemporaryDirectory() as folder:
        book = read_file(path, Path(folder) / "rows", name=title)
        if sum(sheet.rows for sheet in book.sheets) > MOST_ROWS:
            raise TableTooLargeError(rows=MOST_ROWS)
        forget_old(session, at=at)  # the first statement: nothing waits for the database while the file is read
        draft = ImportDraft(
            public_id=public_id(at),
            user_id=actor_of(session).user_id,
            entity=model.__tablename__,
            title=normalise(title)[:300],
            file_hash=fingerprint(path),
            size_bytes=path.stat().st_size,
            sheets=[{"name": s.name, "rows": s.rows, "width": s.width, "merged": s.merged} for s in book.sheets],
            notices=list(book.notices),
            headers=[],
            columns={},
            month_first={},
            words={},
            unknown={},
            created_at=at,
        )
        session.add(draft)
        session.flush()  # its key is needed by the blocks
        _store_blocks(session, draft, book)
    choose_sheet(session, draft, _likeliest_sheet(session, draft, names), names=names, labels=labels)
    return draft


def _store_blocks(session: Session, draft: ImportDraft, book: Book) -> None:
    for sheet in range(len(book.sheets)):
        rows = book.rows(sheet)
        while part := list(islice(rows, BLOCK)):
            lines = [[row.line, *map(stored, row.cells)] for row in part]
            place = {"sheet": sheet, "first_line": part[0].line, "last_line": part[-1].line}
            session.execute(insert(ImportBlock), [{"draft_id": draft.id, "rows": lines, **place}])


def find_draft(session: Session, entity: str, key: str) -> ImportDraft | None:
    """Return the draft of the session's actor under a public key; None for every other key."""
    return session.scalar(
        select(ImportDraft).where(
            ImportDraft.public_id == key[:36],
            ImportDraft.entity == entity,
            ImportDraft.user_id == actor_of(session).user_id,
        )
    )


def forget_old(session: Session, *, at: datetime) -> None:
    """Throw drafts away that nobody has gone on with, unless their import is still at work."""
    at_work = select(Batch.id).where(Batch.state.in_(OPEN))
    session.execute(
        delete(ImportDraft).where(
            ImportDraft.created_at < at - KEPT_FOR,
            or_(ImportDraft.batch_id.is_(None), ImportDraft.batch_id.not_in(at_work)),
        )
    )


def rows_of(
    session: Session, draft: ImportDraft, *, after: int | None = None, sheet: int | None = None
) -> Iterator[Row]:
    """Yield the rows of the chosen sheet behind a line, that of the header unless said otherwise."""
    behind = draft.header_line if after is None else after
    chosen = draft.sheet if sheet is None else sheet
    while True:
        block = session.execute(
            select(ImportBlock.rows, ImportBlock.last_line)
            .where(ImportBlock.draft_id == draft.id, ImportBlock.sheet == chosen, ImportBlock.last_line > behind)
            .order_by(ImportBlock.last_line)
            .limit(1)
        ).one_or_none()
        if block is None:
            return
        for line, *values in block.rows:
            if line > behind:
                yield Row(line, tuple(restored(value) for value in values))
        behind = block.last_line


# --- sheet and header -----------------------------------------------------------------------------------------


def head_of(session: Session, draft: ImportDraft, sheet: int | None = None, count: int = SEARCHED_ROWS) -> list[Row]:
    """Return the first rows of a sheet, from among which the header is chosen."""
    return list(islice(rows_of(session, draft, after=0, sheet=sheet), count))


def sheet_of(draft: ImportDraft, number: int) -> Sheet:
    facts = draft.sheets[number]
    return Sheet(facts["name"], rows=facts["rows"], width=facts["width"], merged=[tuple(m) for m in facts["merged"]])


def _likeliest_sheet(session: Session, draft: ImportDraft, names: Names) -> int:
    """Return the sheet whose header names most attributes; the first of several."""

    def known(number: int) -> int:
        header = _find_header(session, draft, number, names)
        return len(guess_columns(header.names, names)) if header is not None else -1

    return max(range(len(draft.sheets)), key=known)


def _find_header(session: Session, draft: ImportDraft, number: int, names: Names) -> Header | None:
    called = {fold(name) for several in names.values() for name in several}
    return find_header(sheet_of(draft, number), head_of(session, draft, number), called.__contains__)


def choose_sheet(
    session: Session,
    draft: ImportDraft,
    sheet: int,
    line: int | None = None,
    *,
    names: Names,
    labels: Mapping[str, Names],
) -> None:
    """Take a sheet, and the header on ``line`` of it or wherever it seems to be; guess the columns anew.

    Line 0 means that the sheet has no header: columns are called by their letters.
    """
    _check_open(draft)
    draft.sheet = sheet
    header = _find_header(session, draft, sheet, names) if line is None else None
    if header is None and line:
        header = header_at(sheet_of(draft, sheet), head_of(session, draft, sheet), line)
    width = draft.sheets[sheet]["width"]
    given = list(header.names) if header is not None else []
    draft.headers = [given[n] if n < len(given) and given[n] else _letters(n) for n in range(width)]
    draft.header_line = header.line if header is not None else 0
    draft.total_count = sum(1 for _row in rows_of(session, draft))
    kept = _kept_mapping(session, draft)
    open_targets = _model_targets(session, draft)
    columns = kept.columns if kept is not None else guess_columns(draft.headers, {k: names[k] for k in open_targets})
    draft.words = dict(kept.words) if kept is not None else {}
    draft.month_first = {}
    choose_columns(session, draft, columns, {}, labels=labels)


def _letters(position: int) -> str:
    """Return what a spreadsheet calls a column: A, B, … Z, AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(65 + rest) + text
    return text


def _model(draft: ImportDraft) -> type[Base]:
    return next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == draft.entity)


def _model_targets(session: Session, draft: ImportDraft) -> dict[str, Any]:
    return targets(_model(draft), actor_of(session))


def _fingerprint(draft: ImportDraft) -> str:
    return Header(0, tuple(draft.headers)).fingerprint


def _kept_mapping(session: Session, draft: ImportDraft) -> ImportMapping | None:
    return session.scalar(
        select(ImportMapping).where(
            ImportMapping.entity == draft.entity, ImportMapping.fingerprint == _fingerprint(draft)
        )
    )


def _check_open(draft: ImportDraft) -> None:
    if draft.is_sent:
        raise DraftSentError


# --- columns and words ----------------------------------------------------------------------------------------


def choose_columns(
    session: Session,
    draft: ImportDraft,
    columns: Mapping[str, str],
    month_first: Mapping[str, bool],
    *,
    labels: Mapping[str, Names],
) -> None:
    """Take which attribute each column fills, and look up what the words of choices and relations mean.

    What somebody may not fill, what is no column and what another column fills already is left out.
    """
    _check_open(draft)
    allowed = _model_targets(session, draft)
    chosen: dict[str, str] = {}
    for position in range(len(draft.headers)):
        key = columns.get(str(position), "")
        if key in allowed and key not in chosen.values():
            chosen[str(position)] = key
    draft.columns = chosen
    orders = date_orders(session, draft)
    draft.month_first = {
        position: month_first.get(position, draft.month_first.get(position, order.month_first))
        for position, order in orders.items()
    }
    _look_up(session, draft, labels)
    draft.batch_id = None  # a rehearsal of other decisions says nothing any more


def date_orders(session: Session, draft: ImportDraft) -> dict[str, DateOrder]:
    """Return by position how the columns of days and times are written."""
    described = attributes(_model(draft))
    days = [position for position, key in draft.columns.items() if described[key].kind in ("date", "datetime")]
    if not days:
        return {}
    values: dict[str, list[Any]] = {position: [] for position in days}
    for row in islice(rows_of(session, draft), 20_000):
        for position in days:
            if int(position) < len(row.cells):
                values[position].append(row.cells[int(position)])
    return {position: judge_dates(cells) for position, cells in values.items()}


def _look_up(session: Session, draft: ImportDraft, labels: Mapping[str, Names]) -> None:
    """Find what each different word means; those that stay open are in ``draft.unknown`` with how often they occur."""
    described = attributes(_model(draft))
    kinds = {
        int(p): described[key] for p, key in draft.columns.items() if described[key].kind in ("choice", "one", "many")
    }
    seen: dict[str, dict[str, list[Any]]] = {attribute.key: {} for attribute in kinds.values()}
    for row in rows_of(session, draft) if kinds else ():
        for position, attribute in kinds.items():
            text = read_text(row.cells[position]) if position < len(row.cells) else None
            for part in _parts(attribute.kind, text):
                entry = seen[attribute.key].setdefault(fold(part), [part, 0])
                entry[1] += 1
    words, unknown = dict(draft.words), {}
    for attribute in kinds.values():
        texts = seen[attribute.key]
        decided = {word: meant for word, meant in draft.words.get(attribute.key, {}).items() if word in texts}
        missing = [text for word, (text, _count) in texts.items() if word not in decided]
        if attribute.kind == "choice":
            meanings: Mapping[str, Any] = choice_words(attribute, labels.get(attribute.key, {}))
        else:
            meanings = find_rows(session, attribute, missing)
        decided |= {fold(text): meanings[fold(text)] for text in missing if fold(text) in meanings}
        words[attribute.key] = decided
        left = [(count, word, text) for word, (text, count) in texts.items() if word not in decided]
        unknown[attribute.key] = [[word, text, count] for count, word, text in sorted(left, reverse=True)[:MOST_WORDS]]
    draft.words, draft.unknown = words, {key: left for key, left in unknown.items() if left}


def _parts(kind: str, text: str | None) -> list[str]:
    if not text:
        return []
    plain = normalise(unguarded(text))
    return split_words(plain) if kind == "many" else [plain] if plain else []


def choose_words(session: Session, draft: ImportDraft, chosen: Mapping[str, Mapping[str, Any]]) -> None:
    """Take what words mean: by attribute and folded text a key, a code, or "" for nothing; others stay open."""
    _check_open(draft)
    words = {key: {**draft.words.get(key, {}), **meant} for key, meant in chosen.items()}
    draft.words = {**draft.words, **words}
    left = {
        key: [entry for entry in entries if entry[0] not in draft.words.get(key, {})]
        for key, entries in draft.unknown.items()
    }
    draft.unknown = {key: entries for key, entries in left.items() if entries}
    draft.batch_id = None


def keep_mapping(session: Session, draft: ImportDraft, *, at: datetime) -> None:
    """Remember the decisions for the next file with the same columns."""
    kept = _kept_mapping(session, draft)
    if kept is None:
        kept = ImportMapping(entity=draft.entity, fingerprint=_fingerprint(draft), columns={}, words={}, used_at=at)
        session.add(kept)
    words = {key: {**kept.words.get(key, {}), **meant} for key, meant in draft.words.items()}
    kept.columns, kept.words, kept.used_at = dict(draft.columns), {**kept.words, **words}, at
    session.flush()  # the caller commits; a second import at the same instant would meet the unique index here


def plan_of(session: Session, draft: ImportDraft) -> Plan:
    """Return how the rows of ``draft`` are read for the session's actor."""
    model = _model(draft)
    allowed = targets(model, actor_of(session))
    columns = {int(position): key for position, key in draft.columns.items() if key in allowed}
    return Plan(
        model=model,
        targets=allowed,
        columns=columns,
        orders={int(p): DateOrder(bool(first), is_certain=True) for p, first in draft.month_first.items()},
        words=draft.words,
        key=natural_key(model) if set(natural_key(model)) <= set(columns.values()) else (),
    )
