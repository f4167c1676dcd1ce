"""Acts on many rows at once: what is selected, what is done with each, and what that would change.

Each row is asked for its right, its version and its rules again, in a savepoint of its own: one that is refused
stays as it was, with the reason, and the others are done. Source: docs/adr/0018-batches-as-jobs.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models import screens
from models.actor import Actor
from models.base import Base, SoftDeleted, _
from models.batch import Batch, BatchKind, BatchRow, RowOutcome
from models.describe import Attribute, form_attributes, screen_of
from services.deletion import delete_row, restore_row
from services.errors import DeniedError, UserError
from services.history import decoded
from services.jobs import CHUNK, Chunk, queue_batch, register
from services.listing import ListRequest, is_bin, list_conditions
from services.session import actor_of, including_deleted, may, require, scope_condition

GONE = _("It is no longer there, or no longer among those chosen.")
CHANGED = _("Somebody else changed it after it was chosen.")
NOT_YOURS = _("You may not do this with this row.")
OUT_OF_REACH = _("You could no longer work with it afterwards.")
CONTRADICTS = _("The value contradicts a rule of the data, or another row has it already.")

SET, DELETE, RESTORE = "set", "delete", "restore"


class ValueGoneError(UserError):
    """What was chosen for all of them has been deleted since, or is out of reach."""

    message = _("The value you chose is no longer there. Choose another one.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which rows: those picked by hand with the version seen of each, or all that a list shows at an instant.

    ``until_id`` leaves out what is added after the rows were chosen; ``request`` says also whether it is the bin.
    """

    request: ListRequest = field(default_factory=ListRequest)
    at: datetime
    versions: Mapping[int, int] | None = None
    until_id: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the selection as a batch keeps it."""
        picked = None if self.versions is None else {str(key): version for key, version in self.versions.items()}
        return {
            "request": asdict(self.request),
            "at": self.at.isoformat(),
            "versions": picked,
            "until_id": self.until_id,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Selection":
        """Return what ``as_json`` kept."""
        picked = kept["versions"]
        return cls(
            request=ListRequest(**kept["request"]),
            at=datetime.fromisoformat(kept["at"]),
            versions=None if picked is None else {int(key): version for key, version in picked.items()},
            until_id=kept["until_id"],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What is done with each row: "set" a field to a value (as the audit trail writes it), "delete", "restore", or
    the name of a verb that a module offers for many."""

    name: str
    key: str = ""
    value: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkVerb:
    """An act that a module offers for many rows of an entity; ``run`` asks for its right itself.

    name, label   what it is called in addresses, and on the screen (a message id)
    action        the right it needs
    when          which rows it makes sense for
    """

    name: str
    label: str
    action: str
    run: Callable[[Session, Any, datetime], None]
    when: Callable[[Any], bool]
    is_danger: bool = False


_VERBS: dict[str, dict[str, BulkVerb]] = {}


def offer_for_many(entity: str, verb: BulkVerb) -> None:
    """Let ``verb`` be done with many rows of ``entity`` at once."""
    _VERBS.setdefault(entity, {})[verb.name] = verb


def verbs_for_many(entity: str) -> list[BulkVerb]:
    """Return the verbs that modules offer for many rows of ``entity``."""
    return list(_VERBS.get(entity, {}).values())


def right_for(model: type[Base], act: Act) -> str:
    """Return the action of the rights that ``act`` needs beside "bulk". Raises: DeniedError for an unknown act."""
    screen, entity = screen_of(model), model.__tablename__
    if act.name == SET and screen.edit:
        return "edit"
    has_bin = issubclass(model, SoftDeleted)
    if screen.delete and (act.name == DELETE or (act.name == RESTORE and has_bin)):
        return "delete"
    verb = _VERBS.get(entity, {}).get(act.name)
    if verb is None:
        raise DeniedError(entity, act.name)
    return verb.action


def fields_for_many(model: type[Base], actor: Actor) -> dict[str, Attribute]:
    """Return the attributes that ``actor`` may set on many rows: what a form may change, but nothing unique."""
    permit = actor.permit(model.__tablename__, "edit")
    if permit is None or not screen_of(model).edit:
        return {}
    return {
        key: attribute
        for key, attribute in form_attributes(model, is_new=False, level=permit.level).items()
        if attribute.kind != "many" and not (attribute.column is not None and attribute.column.unique)
    }


def begin(session: Session, model: type[Base], selection: Selection, act: Act, *, title: str, at: datetime) -> Batch:
    """Return the queued batch that does ``act`` with the selected rows; its first chunk may follow at once.

    Raises: DeniedError.
    """
    _require(session, model, act)
    arguments = {"selection": selection.as_json(), "act": asdict(act)}
    entity = model.__tablename__
    return queue_batch(session, kind=BatchKind.ACTION, title=title, entity=entity, arguments=arguments, at=at)


def newest_id(session: Session, model: type[Any]) -> int:
    """Return the largest key of ``model``: what comes later was not there when rows were chosen."""
    with including_deleted(session):
        return session.scalar(select(func.max(model.id))) or 0


def _require(session: Session, model: type[Base], act: Act) -> None:
    entity, right = model.__tablename__, right_for(model, act)
    require(session, entity, "bulk")
    require(session, entity, right)
    if act.name == SET and act.key not in fields_for_many(model, actor_of(session)):
        raise DeniedError(entity, right)


# --- selecting ------------------------------------------------------------------------------------------------


def count_selected(session: Session, model: type[Any], selection: Selection) -> int:
    """Return how many rows are selected: all picked ones, there or not; else those that match now."""
    if selection.versions is not None:
        return len(selection.versions)
    with _where_they_lie(session, model, selection):
        conditions = _conditions(session, model, selection)
        return session.scalar(select(func.count(model.id)).where(*conditions)) or 0


def count_allowed(session: Session, model: type[Any], selection: Selection, act: Act) -> int:
    """Return on how many of the selected rows the actor holds both rights."""
    with _where_they_lie(session, model, selection):
        if selection.versions is not None:
            return len(_allowed(session, model, act, list(selection.versions)))
        conditions = [*_conditions(session, model, selection), *_rights(session, model, act)]
        return session.scalar(select(func.count(model.id)).where(*conditions)) or 0


def next_keys(session: Session, model: type[Any], selection: Selection, *, after: int, limit: int) -> list[int]:
    """Return the keys of the next selected rows behind ``after``, in their order."""
    if selection.versions is not None:
        return sorted(key for key in selection.versions if key > after)[:limit]
    with _where_they_lie(session, model, selection):
        conditions = _conditions(session, model, selection)
        found = select(model.id).where(*conditions, model.id > after).order_by(model.id).limit(limit)
        return list(session.scalars(found))


def _conditions(session: Session, model: type[Any], selection: Selection) -> list[Any]:
    conditions, _problems = list_conditions(session, model, selection.request, at=selection.at)
    return [*conditions, model.id <= selection.until_id]


def _where_they_lie(session: Session, model: type[Base], selection: Selection) -> AbstractContextManager[None]:
    return including_deleted(session) if is_bin(session, model, selection.request) else nullcontext()


# --- doing ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Done:
    """What became of one row; ``name`` is what it was called, the key where it is not there."""

    key: int
    name: str
    outcome: RowOutcome
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


Watch = Callable[[Any], None]


def _ignore(row: Any) -> None:
    """Nobody watches."""


def do_rows(
    session: Session,
    model: type[Any],
    selection: Selection,
    act: Act,
    keys: Sequence[int],
    *,
    at: datetime,
    before: Watch = _ignore,
    after: Watch = _ignore,
) -> Iterator[Done]:
    """Do ``act`` with the rows of ``keys`` one by one; ``before`` and ``after`` are shown each row that is done.

    Raises: DeniedError where the actor may not do it at all; ValueGoneError.
    """
    _require(session, model, act)
    value = _value(session, model, act)
    with _where_they_lie(session, model, selection):
        rows = {row.id: row for row in session.scalars(select(model).where(model.id.in_(keys)))}
        allowed = _allowed(session, model, act, keys)
        for key in keys:
            row = rows.get(key)
            if row is None:
                yield Done(key, str(key), RowOutcome.REFUSED, GONE)
                continue
            done = Done(key, str(row), RowOutcome.REFUSED)
            seen = None if selection.versions is None else selection.versions[key]
            if act.name != RESTORE and getattr(row, "deleted_at", None) is not None:
                done.reason = GONE  # what lies in the bin can be taken out of it, nothing else
            elif key not in allowed:
                done.reason = NOT_YOURS
            elif seen is not None and getattr(row, "row_version", seen) != seen:
                done.reason = CHANGED
            else:
                before(row)
                _do_safely(session, row, act, value, at, done)
                if done.outcome is not RowOutcome.REFUSED:
                    after(row)
            yield done


def _allowed(session: Session, model: type[Any], act: Act, keys: Sequence[int]) -> set[int]:
    """Return those of ``keys`` on which the actor holds both rights."""
    return set(session.scalars(select(model.id).where(model.id.in_(keys), *_rights(session, model, act))))


def _rights(session: Session, model: type[Any], act: Act) -> list[Any]:
    actor = actor_of(session)
    conditions = [scope_condition(model, actor, action) for action in ("bulk", right_for(model, act))]
    return [condition for condition in conditions if condition is not None]


def _do_safely(session: Session, row: Any, act: Act, value: Any, at: datetime, done: Done) -> None:
    try:
        with session.begin_nested():
            is_changed = _do(session, row, act, value, at)
            session.flush()
            if act.name == SET and not may(session, row.__tablename__, "edit", row):
                raise _OutOfReachError
    except DeniedError:
        done.reason = NOT_YOURS
    except UserError as error:
        done.reason, done.values = error.message_id, {key: str(value) for key, value in error.values.items()}
    except ValueError as error:  # a rule of the model; its message is a message id
        done.reason = str(error)
    except StaleDataError:
        done.reason = CHANGED
    except IntegrityError:
        done.reason = CONTRADICTS
    else:
        done.outcome = RowOutcome.UPDATED if is_changed else RowOutcome.UNCHANGED


class _OutOfReachError(UserError):
    message = OUT_OF_REACH


def _do(session: Session, row: Any, act: Act, value: Any, at: datetime) -> bool:
    if act.name == SET:
        if getattr(row, act.key) == value:
            return False
        setattr(row, act.key, value)
        return True
    if act.name == DELETE:
        delete_row(session, row, at=at)
        return True
    if act.name == RESTORE:
        restore_row(session, row)
        return True
    verb = _VERBS[row.__tablename__][act.name]
    if not verb.when(row):
        return False
    verb.run(session, row, at)
    return True


def _value(session: Session, model: type[Base], act: Act) -> Any:
    """Return the value to set as the model holds it."""
    if act.name != SET:
        return None
    attribute = fields_for_many(model, actor_of(session))[act.key]
    if attribute.target is None or act.value is None:
        return decoded(attribute, act.value)
    target: Any = attribute.target
    found = session.scalar(select(target).where(target.id == act.value))
    if found is None:
        raise ValueGoneError
    return found


class _BulkJob:
    """Does the rows of a batch of kind ACTION in the order of their keys, ``CHUNK`` at a time."""

    def count(self, session: Session, batch: Batch) -> int:
        model, selection, act = _asked(batch)
        _require(session, model, act)
        return count_selected(session, model, selection)

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        model, selection, act = _asked(batch)
        keys = next_keys(session, model, selection, after=batch.last_line, limit=CHUNK)
        done = list(do_rows(session, model, selection, act, keys, at=at))
        return Chunk(
            counts=Counter(row.outcome for row in done),
            rows=[_refused(model, row) for row in done if row.outcome is RowOutcome.REFUSED],
            last_line=keys[-1] if keys else batch.last_line,
            is_last=len(keys) < CHUNK,
        )


def _refused(model: type[Base], row: Done) -> BatchRow:
    return BatchRow(
        fingerprint="",
        outcome=row.outcome,
        code=row.name[:60],
        entity=model.__tablename__,
        entity_id=row.key,
        reason=row.reason,
        reason_values=dict(row.values),
    )


def _asked(batch: Batch) -> tuple[type[Any], Selection, Act]:
    arguments = batch.arguments or {}
    model = next(model for model in screens() if model.__tablename__ == batch.entity)
    return model, Selection.from_json(arguments["selection"]), Act(**arguments["act"])


register(BatchKind.ACTION, _BulkJob())


@dataclass(frozen=True, slots=True)
class Trial:
    """What an act would do with the first rows: how many of each outcome, the refused ones with their reasons."""

    outcomes: Mapping[RowOutcome, int]
    refused: Sequence[Done]


def try_out(
    session: Session, model: type[Any], selection: Selection, act: Act, *, at: datetime, before: Watch, after: Watch
) -> Trial:
    """Do ``act`` with the first ``CHUNK`` rows and take it back; ``before`` and ``after`` see the rows meanwhile.

    Raises: DeniedError, ValueGoneError.
    """
    keys = next_keys(session, model, selection, after=0, limit=CHUNK)
    attempt = session.begin_nested()
    try:
        done = list(do_rows(session, model, selection, act, keys, at=at, before=before, after=after))
    finally:
        attempt.rollback()
    refused = [row for row in done if row.outcome is RowOutcome.REFUSED]
    return Trial(Counter(row.outcome for row in done), refused)
