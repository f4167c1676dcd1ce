"""A batch taken back as a whole: its changes are walked backwards and undone one by one, as a batch of its own.

What was changed again since stays and is listed; what is as before already is left alone, so that undoing twice has
one effect. Source: docs/adr/0016-history-and-merge.md.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, exists, func, inspect, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.exc import StaleDataError

from models import screens
from models.audit import AuditEvent, AuditPayload
from models.base import Base, SoftDeleted, _
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.describe import attributes, form_attributes, screen_of
from services.deletion import put_away
from services.errors import ConflictError, DeniedError, UserError
from services.history import from_trail, trail_key
from services.jobs import CHUNK, OPEN, Chunk, queue_batch, register
from services.reverting import current_value, is_secret, taken_back
from services.session import actor_of, including_deleted, may, unscoped

UNDOABLE = frozenset({BatchKind.ACTION, BatchKind.ROWS, BatchKind.DOSSIERS, BatchKind.DOSSIER_EVENTS})
_CHANGES = ("create", "edit", "delete")
_REASON = "taking a batch back"
COMPARED = 20_000
"""Changes of a batch that are compared beforehand with what happened since; more would take too long to wait for."""

GONE = _("This is no longer there.")
ERASED = _("What was changed has been erased to protect personal data.")
CHANGED_SINCE = _("Changed again since, so it stays as it is.")
FIELDS_CHANGED_SINCE = _("Changed again since, so these fields stay as they are: %(fields)s.")
KEPT = _("Rows of this kind are never deleted.")
NOT_YOURS = _("You may not change this row back.")
CONTRADICTS = _("Its earlier values contradict what is there now.")


class NotUndoableError(ConflictError):
    """It still runs, was taken back before, or is of a kind that cannot be."""

    message = _("This cannot be taken back: it is still running, or was taken back before.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a batch back would touch: changes by entity and act, and how many rows were changed since."""

    counts: Mapping[tuple[str, str], int]
    changed_since: int | None  # None where there are too many to compare


@dataclass(slots=True)
class Outcome:
    """What became of one change; the reason is a message id."""

    outcome: RowOutcome = RowOutcome.UPDATED
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    name: str = ""


PutAway = Callable[[Session, Any, datetime], None]
_PUT_AWAY: dict[type[Base], PutAway] = {}


def undo_create(model: type[Base]) -> Callable[[PutAway], PutAway]:
    """Return a decorator: the function puts away a row of ``model`` that a batch had made, instead of deleting it.

    It is given the session, the row and the instant; it raises UserError where the row has to stay.
    """

    def add(put: PutAway) -> PutAway:
        _PUT_AWAY[model] = put
        return put

    return add


def can_undo(session: Session, batch: Batch) -> bool:
    """Return whether the session's actor may take ``batch`` back now: by right, or an action of their own."""
    earlier = batch.undone_by
    is_free = earlier is None or earlier.state in (BatchState.CANCELLED, BatchState.FAILED)
    if batch.kind not in UNDOABLE or batch.state in OPEN or not is_free:
        return False
    is_own = batch.kind is BatchKind.ACTION and batch.user_id == actor_of(session).user_id
    return is_own or may(session, "batch", "undo", batch)


def undo_batch(session: Session, batch: Batch, *, title: str, at: datetime) -> Batch:
    """Return the queued batch that takes ``batch`` back; one that was begun before where there is one.

    Raises: NotUndoableError
    """
    locked = select(Batch).where(Batch.id == batch.id).with_for_update().execution_options(populate_existing=True)
    with unscoped(session, _REASON):
        batch = session.scalars(locked).one()
        earlier = batch.undone_by
    if earlier is not None and earlier.state not in (BatchState.CANCELLED, BatchState.FAILED):
        return earlier
    if not can_undo(session, batch):
        raise NotUndoableError
    undo = queue_batch(
        session, kind=BatchKind.UNDO, title=title, entity=batch.entity, arguments={"batch_id": batch.id}, at=at
    )
    batch.undone_by = undo
    session.flush()  # whoever asks next finds it
    return undo


def preview_undo(session: Session, batch: Batch) -> Preview:
    """Return what taking ``batch`` back would touch."""
    own = _own_changes(batch.id)
    statement = select(AuditEvent.entity, AuditEvent.action, func.count()).where(*own)
    counts = session.connection().execute(statement.group_by(AuditEvent.entity, AuditEvent.action))
    counted = {(entity, action): count for entity, action, count in counts}
    if sum(counted.values()) > COMPARED:
        return Preview(counted, None)
    rows = select(AuditEvent.entity, AuditEvent.entity_key).where(*own, _changed_later(AuditEvent, batch.id)).distinct()
    changed = session.connection().scalar(select(func.count()).select_from(rows.subquery())) or 0
    return Preview(counted, changed)


def _own_changes(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        AuditEvent.batch_id == batch_id,
        AuditEvent.action.in_(_CHANGES),
        AuditEvent.entity.not_in([Batch.__tablename__, BatchRow.__tablename__]),
    )


def _changed_later(own: Any, batch_id: int) -> ColumnElement[bool]:
    """Return that the row of an event of the batch was changed since, by other than undoing and what was undone."""
    later, other = aliased(AuditEvent), aliased(Batch)
    is_void = or_(other.kind == BatchKind.UNDO, other.undone_by_id.is_not(None))
    void = select(other.id).where(other.id == later.batch_id, is_void)
    return exists(
        select(later.id).where(
            later.entity == own.entity,
            later.entity_key == own.entity_key,
            later.id > own.id,
            later.action.in_(_CHANGES),
            or_(later.batch_id.is_(None), (later.batch_id != batch_id) & ~void.exists()),
        )
    )


class _UndoJob:
    """Takes the changes of a batch back from the last one to the first; ``last_line`` is the link it has come to."""

    def count(self, session: Session, batch: Batch) -> int:
        original = _original(session, batch)
        statement = select(func.count()).select_from(AuditEvent).where(*_own_changes(original.id))
        return session.connection().scalar(statement) or 0

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        original = _original(session, batch)
        statement = (
            select(AuditEvent, AuditPayload.body, _changed_later(AuditEvent, original.id).label("is_changed_later"))
            .select_from(AuditEvent)
            .outerjoin(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
            .where(*_own_changes(original.id))
            .order_by(AuditEvent.id.desc())
            .limit(CHUNK)
        )
        if batch.last_line:
            statement = statement.where(AuditEvent.id < batch.last_line)
        events = session.connection().execute(statement).all()
        done = [(event, take_back(session, event, at=at)) for event in events]
        return Chunk(
            counts=Counter(outcome.outcome for _event, outcome in done),
            rows=[_listed(event, outcome) for event, outcome in done if outcome.outcome is RowOutcome.REFUSED],
            last_line=events[-1].id if events else batch.last_line,
            is_last=len(events) < CHUNK,
        )


register(BatchKind.UNDO, _UndoJob())


def _original(session: Session, batch: Batch) -> Batch:
    """Return the batch that ``batch`` takes back. Raises: DeniedError where its owner may not any more."""
    with unscoped(session, _REASON):
        original = session.get_one(Batch, (batch.arguments or {})["batch_id"])
    is_own = original.kind is BatchKind.ACTION and original.user_id == actor_of(session).user_id
    if not is_own and not may(session, "batch", "undo", original):
        raise DeniedError("batch", "undo")
    return original


def _listed(event: Any, outcome: Outcome) -> BatchRow:
    has_page = any(model.__tablename__ == event.entity for model in screens())
    return BatchRow(
        fingerprint="",
        outcome=outcome.outcome,
        code=(outcome.name or event.entity_key)[:60],
        entity=event.entity,
        entity_id=int(event.entity_key) if has_page else None,
        reason=outcome.reason,
        reason_values=outcome.values,
    )


def take_back(session: Session, event: Any, *, at: datetime) -> Outcome:
    """Undo one change of a batch, which is left as it is where something stands against it, with the reason."""
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == event.entity)
    done = Outcome()
    with including_deleted(session), unscoped(session, _REASON):
        row = session.get(model, _identity(model, event.entity_key), populate_existing=True)
    if row is not None:
        done.name = str(row)
    if event.body is None:
        return _refuse(done, ERASED)
    try:
        with session.begin_nested(), including_deleted(session):
            if event.action == "create":
                _undo_create(session, row, event, done, at)
            elif event.action == "edit":
                _undo_edit(session, row, event, done, at)
            else:
                _undo_delete(session, model, row, event, done)
            session.flush()  # what the database refuses is said of this row
    except UserError as error:
        return _refuse(done, error.message_id, **{key: str(value) for key, value in error.values.items()})
    except (IntegrityError, StaleDataError, ValueError, TypeError, InvalidOperation):
        return _refuse(done, CONTRADICTS)
    return done


def _identity(model: type[Base], key: str) -> tuple[Any, ...]:
    columns = inspect(model).primary_key
    return tuple(column.type.python_type(part) for column, part in zip(columns, key.split(","), strict=True))


def _refuse(done: Outcome, reason: str, **values: Any) -> Outcome:
    done.outcome, done.reason, done.values = RowOutcome.REFUSED, reason, values
    return done


def _may_touch(session: Session, row: Any, action: str, names: set[str]) -> bool:
    """Whether the actor may undo this: all of it with the right to undo batches, otherwise what they may edit now."""
    if actor_of(session).may("batch", "undo"):
        return True
    entity, model = row.__tablename__, type(row)
    permit = actor_of(session).permit(entity, action)
    if "__screen__" not in vars(model) or permit is None or not may(session, entity, action, row):
        return False
    described = form_attributes(model, is_new=False, level=permit.level)
    return names <= {trail_key(model, attribute) for attribute in described.values()} | {"deleted_at"}


def _undo_create(session: Session, row: Any, event: Any, done: Outcome, at: datetime) -> None:
    if row is None or getattr(row, "deleted_at", None) is not None or _is_part_of_kept(type(row)):
        done.outcome = RowOutcome.UNCHANGED
    elif event.is_changed_later:
        _refuse(done, CHANGED_SINCE)
    elif not _may_touch(session, row, "delete", set()):
        _refuse(done, NOT_YOURS)
    elif (put := _PUT_AWAY.get(type(row))) is not None:
        put(session, row, at)
    elif isinstance(row, SoftDeleted) or "__screen__" not in vars(type(row)) or screen_of(type(row)).delete:
        put_away(session, row, at=at)
    else:
        _refuse(done, KEPT)


def _is_part_of_kept(model: type[Base]) -> bool:
    """Whether rows of ``model`` are parts, without a screen, of what is put away by a rule of its own: they stay."""
    if "__screen__" in vars(model):
        return False
    owners = {owner.__table__ for owner in _PUT_AWAY}
    return any(key.column.table in owners for column in model.__table__.columns for key in column.foreign_keys)


def _undo_edit(session: Session, row: Any, event: Any, done: Outcome, at: datetime) -> None:
    if row is None:
        _refuse(done, GONE)
        return
    model = type(row)
    known = {*inspect(model).column_attrs.keys(), *inspect(model).relationships.keys()}
    current = {name: current_value(row, name) for name in event.body.keys() & known if not is_secret(model, name)}
    targets, since = taken_back(model, event.body, current)
    stays = sorted(name for name in since if targets[name] != current[name])
    back = {name: value for name, value in targets.items() if name not in since and value != current[name]}
    if not _may_touch(session, row, "delete" if "deleted_at" in back else "edit", set(back)):
        _refuse(done, NOT_YOURS)
        return
    if back.get("deleted_at") is not None:
        put_away(session, row, at=at)  # by the rules of deleting, which others' use of the row may speak against
    with session.no_autoflush:
        for name, value in back.items():
            if name == "deleted_at" and value is not None:
                continue  # put away above
            setattr(row, name, _rows(session, model, name, value) if isinstance(value, frozenset) else value)
    if stays:
        labels = {trail_key(model, attribute): attribute.field.label for attribute in attributes(model).values()}
        _refuse(done, FIELDS_CHANGED_SINCE, fields=[labels.get(name, name) for name in stays])
    elif not back:
        done.outcome = RowOutcome.UNCHANGED


def _undo_delete(session: Session, model: type[Base], row: Any, event: Any, done: Outcome) -> None:
    if row is not None:
        done.outcome = RowOutcome.UNCHANGED
        return
    mapper = inspect(model)
    values: dict[str, Any] = {}
    for name, (before, _after) in event.body.items():
        if name in mapper.relationships:
            values[name] = _rows(session, model, name, frozenset(key for key, _text in before))
        elif name in mapper.column_attrs and not is_secret(model, name):
            values[name] = from_trail(mapper.column_attrs[name].columns[0], before)  # type: ignore[arg-type]
    restored = model(**values)
    session.add(restored)
    session.flush()  # only a row that is there can be asked whether it is within reach
    done.name = str(restored)
    if not _may_touch(session, restored, "delete", set()):
        session.delete(restored)
        _refuse(done, NOT_YOURS)


def _rows(session: Session, model: type[Base], name: str, keys: frozenset[int]) -> list[Any]:
    target: Any = inspect(model).relationships[name].mapper.class_
    with unscoped(session, _REASON):
        return list(session.scalars(select(target).where(target.id.in_(keys)).order_by(target.id)))
