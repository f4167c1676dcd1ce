"""Rows of a file become rows of an entity, one by one, each in a savepoint, with the rights of whoever imports."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, inspect, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models.base import Base, _
from models.batch import Batch, BatchRow, RowOutcome
from models.describe import Attribute, attributes
from services.errors import UserError
from services.imports.reading import EMPTY, Plan, Problem, Record
from services.imports.targets import natural_key
from services.session import audit_value, may, unscoped

REPEATED = _("The same row already stands on line %(line)s of this file; that one was taken.")
MAY_NOT_ADD = _("There is no row like this, and you may not add one.")
MAY_NOT_CHANGE = _("You may not change this row.")
MAY_NOT_PLACE = _("You may not put this row where you could no longer work with it.")
SET_ONCE = _("This cannot be changed once the row is there.")
TAKEN = _("Another row already has this value. Choose a different one.")
CONTRADICTION = _("These values contradict a rule of the data. Check numbers, dates and choices that belong together.")
HASHED = "#"
GONE = _("What this refers to is no longer there, or you may no longer see it.")


@dataclass(slots=True)
class Judged:
    """What became of a record; ``changes`` holds the value before and after of each field of a row that was there."""

    record: Record
    outcome: RowOutcome
    mark: str
    fingerprint: str
    entity_id: int | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, *problems: Problem) -> "Judged":
        self.outcome, self.entity_id, self.changes = RowOutcome.REFUSED, None, {}
        self.problems += problems
        return self


class _Refusal(Exception):
    """Leaves the savepoint of a row with the reason."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


def apply_records(session: Session, plan: Plan, batch: Batch, records: Sequence[Record]) -> list[Judged]:
    """Carry ``records`` out; return what became of each, in their order. The caller commits, or rolls back.

    Lines of this batch that came before are known by their rows, so that a row that stands twice is taken once.
    """
    marks = {record.line: mark_of(plan, record) for record in records}
    prints = {record.line: fingerprint_of(plan, record) for record in records}
    earlier = _earlier_lines(session, batch, marks.values())
    known = _known_rows(session, plan, records)
    imported = _imported(session, plan, [prints[line] for line, mark in marks.items() if not mark])
    related = _related(session, plan, records)
    judged = []
    for record in records:
        item = Judged(record, RowOutcome.REFUSED, marks[record.line], prints[record.line])
        judged.append(item)
        if item.mark and item.mark in earlier:
            item.refuse(Problem("", REPEATED, {"line": earlier[item.mark]}))
            continue
        if item.mark:
            earlier[item.mark] = record.line
        if record.problems:
            item.refuse(*record.problems)
            continue
        _judge(session, plan, item, known, imported, related)
    return judged


def _judge(
    session: Session,
    plan: Plan,
    item: Judged,
    known: Mapping[tuple[Any, ...], Any],
    imported: dict[str, int],
    related: Mapping[str, Mapping[int, Any]],
) -> None:
    record = item.record
    row = known.get(_key_values(plan, record.values)) if item.mark else None
    if not item.mark and item.fingerprint in imported:
        item.outcome, item.entity_id = RowOutcome.UNCHANGED, imported[item.fingerprint]
        return
    savepoint = session.begin_nested()
    try:
        if row is None:
            row = _create(session, plan, record, related)
            item.outcome = RowOutcome.CREATED
        else:
            item.changes = _change(session, plan, row, record, related)
            item.outcome = RowOutcome.UPDATED if item.changes else RowOutcome.UNCHANGED
        item.entity_id = row.id
        savepoint.commit()
    except OperationalError:
        raise  # the database is busy: the whole chunk is tried again
    except (DBAPIError, StaleDataError, UserError, ValueError, _Refusal) as error:
        savepoint.rollback()
        item.refuse(*_explained(plan.model, error))
        return
    if item.outcome is RowOutcome.CREATED and not item.mark:
        imported[item.fingerprint] = row.id


def _create(session: Session, plan: Plan, record: Record, related: Mapping[str, Mapping[int, Any]]) -> Any:
    entity = plan.model.__tablename__
    if not may(session, entity, "create") or not any(target.in_new for target in plan.targets.values()):
        raise _Refusal(Problem("", MAY_NOT_ADD))
    missing = [
        Problem(key, EMPTY)
        for key, attribute in _required(plan.model).items()
        if key in plan.targets and plan.targets[key].in_new and key not in record.values
    ]
    if missing:
        raise _Refusal(*missing)
    row: Any = plan.model()
    with session.no_autoflush:
        for key, value in record.values.items():
            if plan.targets[key].in_new:
                _set(row, plan.targets[key].attribute, value, related)
    session.add(row)
    session.flush()
    if not may(session, entity, "create", row):
        raise _Refusal(Problem("", MAY_NOT_PLACE))
    return row


def _required(model: type[Base]) -> dict[str, Attribute]:
    return {key: a for key, a in attributes(model).items() if a.is_required and a.kind != "boolean" and a.field.form}


def _change(
    session: Session, plan: Plan, row: Any, record: Record, related: Mapping[str, Mapping[int, Any]]
) -> dict[str, list[Any]]:
    """Set what differs; return the value before and after of each, as a person reads them."""
    changes: dict[str, list[Any]] = {}
    refused: list[Problem] = []
    for key, value in record.values.items():
        attribute = plan.targets[key].attribute
        before = _comparable(row, attribute)
        if before == value or key in plan.key:
            continue
        if not plan.targets[key].in_known:
            refused.append(Problem(key, SET_ONCE))
            continue
        if not changes and not may(session, plan.model.__tablename__, "edit", row):
            raise _Refusal(Problem("", MAY_NOT_CHANGE))
        shown = _shown(row, attribute)
        with session.no_autoflush:
            _set(row, attribute, value, related)
        changes[key] = [shown, _shown(row, attribute)]
    if refused:
        raise _Refusal(*refused)
    if changes:
        session.flush()
        if not may(session, plan.model.__tablename__, "edit", row):
            raise _Refusal(Problem("", MAY_NOT_PLACE))
    return changes


def _set(row: Any, attribute: Attribute, value: Any, related: Mapping[str, Mapping[int, Any]]) -> None:
    rows = related.get(attribute.key, {})
    if attribute.kind == "one":
        if value not in rows:
            raise _Refusal(Problem(attribute.key, GONE))
        value = rows[value]
    elif attribute.kind == "many":
        if any(key not in rows for key in value):
            raise _Refusal(Problem(attribute.key, GONE))
        value = [rows[key] for key in value]
    try:
        setattr(row, attribute.key, value)
    except ValueError as error:  # what a model refuses, in the model's words
        raise _Refusal(Problem(attribute.key, str(error))) from error


def _comparable(row: Any, attribute: Attribute) -> Any:
    """Return the value of ``row`` in the form in which a record has it."""
    if attribute.kind == "one" and attribute.column is not None:
        return getattr(row, inspect(type(row)).get_property_by_column(attribute.column).key)
    value = getattr(row, attribute.key)
    return sorted(other.id for other in value) if attribute.kind == "many" else value


def _shown(row: Any, attribute: Attribute) -> Any:
    value = getattr(row, attribute.key)
    if attribute.kind == "many":
        return ", ".join(str(other) for other in value)
    return audit_value(str(value) if isinstance(value, Base) else value)


# --- what is there already --------------------------------------------------------------------------------------


def _key_values(plan: Plan, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values.get(key) for key in plan.key)


def mark_of(plan: Plan, record: Record) -> str:
    """Return what tells a record apart within its file: its natural key as text; "" without one.

    A key that not everybody with the entity may read, such as a person's number, is hidden in a hash: whoever may see
    batches sees the marks of their rows.
    """
    values = _key_values(plan, record.values)
    if not values or any(value is None for value in values):
        return ""
    text = " · ".join(str(audit_value(value)) for value in values)
    return HASHED + hashlib.sha256(text.encode()).hexdigest()[:40] if has_hidden_key(plan.model) else text[:60]


def has_hidden_key(model: type[Base]) -> bool:
    """Return whether what rows of ``model`` are known by is personal or needs a level."""
    fields = [attributes(model)[key].field for key in natural_key(model)]
    return any(field.personal or field.level > 0 for field in fields)


def fingerprint_of(plan: Plan, record: Record) -> str:
    """Return what a record without a code is known by in later imports: everything it says."""
    said = {key: audit_value(value) for key, value in record.values.items()}
    text = json.dumps([plan.model.__tablename__, said], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _earlier_lines(session: Session, batch: Batch, marks: Iterable[str]) -> dict[str, int]:
    wanted = sorted({mark for mark in marks if mark})
    statement = select(BatchRow.code, BatchRow.line_number).where(
        BatchRow.batch_id == batch.id, BatchRow.code.in_(wanted), BatchRow.outcome != RowOutcome.REFUSED
    )
    return {code: line for code, line in session.execute(statement) if code}


def _known_rows(session: Session, plan: Plan, records: Sequence[Record]) -> dict[tuple[Any, ...], Any]:
    """Return the rows with the keys of ``records``, as far as the actor may see them."""
    if not plan.key:
        return {}
    model: Any = plan.model
    described = [plan.targets[key].attribute for key in plan.key]
    columns = [getattr(model, inspect(model).get_property_by_column(a.column).key) for a in described]
    keys = {_key_values(plan, record.values) for record in records}
    whole = [values for values in keys if None not in values]
    if not whole:
        return {}
    if len(columns) == 1:
        condition = columns[0].in_([values[0] for values in whole])
    else:
        condition = or_(*(and_(*(c == v for c, v in zip(columns, values, strict=True))) for values in whole))
    found = session.scalars(select(model).where(condition).execution_options(populate_existing=True))
    return {tuple(_comparable(row, attribute) for attribute in described): row for row in found}


def _imported(session: Session, plan: Plan, prints: Sequence[str]) -> dict[str, int]:
    """Return by fingerprint the rows that earlier imports made of the same records and that are still there."""
    model: Any = plan.model
    if not prints:
        return {}
    with unscoped(session, "rows imported before"):
        made = session.execute(
            select(BatchRow.fingerprint, BatchRow.entity_id).where(
                BatchRow.entity == plan.model.__tablename__,
                BatchRow.fingerprint.in_(sorted(set(prints))),
                BatchRow.outcome == RowOutcome.CREATED,
                BatchRow.entity_id.is_not(None),
            )
        ).all()
        living = set(session.scalars(select(model.id).where(model.id.in_([key for _print, key in made]))))
    return {fingerprint: key for fingerprint, key in made if key is not None and key in living}


def _related(session: Session, plan: Plan, records: Sequence[Record]) -> dict[str, dict[int, Any]]:
    """Return by attribute the rows that ``records`` refer to, as far as the actor may see them."""
    found: dict[str, dict[int, Any]] = {}
    for key in plan.columns.values():
        attribute = plan.targets[key].attribute
        if attribute.kind not in ("one", "many"):
            continue
        target: Any = attribute.target
        keys: set[int] = set()
        for record in records:
            value = record.values.get(key)
            keys |= set(value) if isinstance(value, list) else {value} if value is not None else set()
        found[key] = {row.id: row for row in session.scalars(select(target).where(target.id.in_(sorted(keys))))}
    return found


def _explained(model: type[Base], error: Exception) -> tuple[Problem, ...]:
    """Return the reasons in words; SQL is never shown."""
    if isinstance(error, _Refusal):
        return error.problems
    if isinstance(error, UserError):
        return (Problem("", error.message_id, {name: str(value) for name, value in error.values.items()}),)
    if isinstance(error, IntegrityError):
        detail = str(error.orig)
        for key, attribute in attributes(model).items():
            column = attribute.column
            if column is None or "unique" not in detail.casefold():
                continue
            if f"{model.__tablename__}.{column.key}" in detail or f"uq_{model.__tablename__}_{column.key}" in detail:
                return (Problem(key, TAKEN),)
    if isinstance(error, ValueError) and not isinstance(error, DBAPIError):
        return (Problem("", str(error)),)
    return (Problem("", CONTRADICTION),)
