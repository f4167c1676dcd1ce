"""The audit trail: differences collected before each flush, chained as the last statements before COMMIT.

Source: design decisions 7 and 8. The chain is written once per transaction, never for a savepoint; what a
savepoint rolls back is dropped. Payloads stand beside the chain under a salted hash and can be erased.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ColumnProperty, RelationshipDirection, Session, SessionTransaction, UOWTransaction

from models import ddl
from models.actor import Actor
from models.audit import AuditEvent, AuditHead, AuditPayload
from models.base import Base, key_names
from services.session import actor_of, audit_value

GENESIS = "0" * 64
_UNAUDITED = {
    "audit_payload",
    "audit_head",
    "code_counter",
    "idempotency_key",
    "login_session",
    "seeded_grant",
    "step_task",  # the events of its dossier tell all of it
}
_DERIVED = {"search_text", "name_sort", "row_version", "access_epoch", "last_event_at"}
_HIDDEN = "•••"


@dataclass(slots=True)
class Pending:
    """One audit record waiting for the commit of its transaction."""

    entity: str
    key: str
    action: str
    changes: dict[str, Any]
    actor: Actor
    batch_id: int | None = None
    at: datetime | None = None
    reason: str = ""
    row: Base | None = None
    savepoints: tuple[SessionTransaction, ...] = ()


def pending(session: Session) -> list[Pending]:
    """Return the records that wait for this session's commit."""
    return session.info.setdefault("audit_pending", [])


def record_act(session: Session, entity: str, key: object, action: str, reason: str = "", **facts: Any) -> None:
    """Record an act that is no change of a row: a sign-in, an export, a print."""
    pending(session).append(
        Pending(
            entity=entity,
            key=str(key),
            action=action,
            changes={name: audit_value(value) for name, value in facts.items()},
            actor=actor_of(session),
            batch_id=session.info.get("batch_id"),
            at=session.info.get("at"),
            reason=reason,
            savepoints=_open_savepoints(session),
        )
    )


def record_read(session: Session, row: Base, reason: str = "") -> None:
    """Record that personal data of ``row`` was shown."""
    record_act(session, row.__tablename__, row_key(row), "read", reason)


def row_key(row: Base) -> str:
    """Return the primary key of ``row`` as the audit trail writes it."""
    return ",".join(str(part) for part in inspect(type(row)).primary_key_from_instance(row))


def _is_audited(row: Base) -> bool:
    """Whether changes of ``row`` are audited: not where its class says that append-only events tell its story."""
    if not getattr(type(row), "__audited__", True):
        return False
    return row.__tablename__ not in _UNAUDITED and f"{row.__tablename__}_append_only" not in ddl.ATTACHED


def _edited(row: Base) -> dict[str, Any]:
    """Return ``{attribute: [before, after]}`` of what a flush is about to change, raw.

    The key of a row that was set by its relation is known only after the flush; ``_complete`` puts it in.
    """
    state = inspect(row)
    moved = _moved_keys(row)
    stored = _stored_values(row, moved)
    changes: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if attribute.key in _DERIVED or not (history.has_changes() or attribute.key in moved):
            continue
        before = history.deleted[0] if history.deleted else stored.get(attribute.key, state.dict.get(attribute.key))
        changes[attribute.key] = [before, history.added[0] if history.added else None]
    for relation in _link_lists(row):
        history = state.attrs[relation.key].history
        if history.added or history.deleted:
            changes[relation.key] = [list(history.deleted), list(history.added)]
    return changes


def _moved_keys(row: Base) -> set[str]:
    """Return the columns that a flush will set because a relation of ``row`` was set."""
    state = inspect(row)
    moved = [
        relation
        for relation in state.mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE
        and not relation.viewonly
        and state.attrs[relation.key].history.has_changes()
    ]
    columns = [column for relation in moved for column in relation.local_columns]
    return {state.mapper.get_property_by_column(column).key for column in columns}  # type: ignore[arg-type]


def _link_lists(row: Base) -> list[Any]:
    return [relation for relation in inspect(type(row)).relationships if relation.secondary is not None]


def _values(row: Base) -> dict[str, Any]:
    """Return what is set in ``row`` by attribute, lists of linked rows included, raw."""
    state = inspect(row)
    values = {
        attribute.key: state.dict[attribute.key]
        for attribute in state.mapper.column_attrs
        if attribute.key not in _DERIVED and state.dict.get(attribute.key) is not None
    }
    for relation in _link_lists(row):
        if linked := state.dict.get(relation.key):
            values[relation.key] = list(linked)
    return values


def _stored_values(row: Base, moved: set[str]) -> dict[str, Any]:
    """Return what the database holds of attributes that were set, or will be, without having been loaded."""
    state = inspect(row)
    unknown = [
        attribute.key
        for attribute in state.mapper.column_attrs
        if ((history := state.attrs[attribute.key].history).added and not history.deleted)
        or (attribute.key in moved and attribute.key not in state.dict)
    ]
    if not unknown or state.identity is None or state.session is None:
        return {}
    columns = [state.mapper.column_attrs[key].columns[0].label(key) for key in unknown]
    keys = [column == value for column, value in zip(state.mapper.primary_key, state.identity, strict=True)]
    found = state.session.connection().execute(select(*columns).where(*keys)).mappings().one_or_none()
    return dict(found) if found else {}


def _complete(record: Pending, row: Base) -> None:
    """Put in what only the flush made known: keys, defaults, rows linked by relation; write all as JSON holds it."""
    record.key = row_key(row)
    state = inspect(row)
    if record.action == "create":
        record.changes = {key: [None, value] for key, value in _values(row).items() if key not in key_names(type(row))}
    elif record.action == "edit":
        record.changes = {
            key: [before, state.dict.get(key, after) if key in state.mapper.column_attrs else after]
            for key, (before, after) in record.changes.items()
        }
    record.changes = {
        key: _written(state.mapper.attrs[key], pair) for key, pair in record.changes.items() if pair[0] != pair[1]
    }


def _written(attribute: Any, pair: Sequence[Any]) -> list[Any]:
    """Return a pair of values as the payload holds it; of linked rows key and name, of secrets that there is one."""
    if not isinstance(attribute, ColumnProperty):
        return [[[other.id, str(other)] for other in rows or ()] for rows in pair]
    described = attribute.columns[0].info.get("ui")
    if described is not None and described.secret:
        return [_HIDDEN if value else None for value in pair]
    return [audit_value(value) for value in pair]


def _collect(session: Session, rows: Iterable[Any], action: str) -> None:
    for row in rows:
        if not isinstance(row, Base) or not _is_audited(row):
            continue
        changes: dict[str, Any] = {}
        if action == "delete":
            session.refresh(row)  # an expired row would leave its audit record empty
            for relation in _link_lists(row):
                getattr(row, relation.key)  # loads it
            changes = {key: [value, None] for key, value in _values(row).items()}
        if action == "edit" and not (changes := _edited(row)):
            continue
        record_act(session, row.__tablename__, "", action)
        record = pending(session)[-1]
        record.changes, record.row, record.reason = changes, row, record.actor.reason


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, context: UOWTransaction, instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        actor_of(session)
        _collect(session, session.new, "create")
        _collect(session, (row for row in session.dirty if session.is_modified(row)), "edit")
        _collect(session, session.deleted, "delete")


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, context: UOWTransaction) -> None:
    for record in [record for record in pending(session) if record.row is not None]:
        assert record.row is not None  # noqa: S101 -- they were chosen by it
        _complete(record, record.row)
        record.row = None
        if record.action == "edit" and not record.changes:
            pending(session).remove(record)


@event.listens_for(Session, "after_soft_rollback")
def _after_soft_rollback(session: Session, previous: SessionTransaction) -> None:
    """Drop what was rolled back: with a savepoint what was done in it, also where a flush inside failed; else all."""
    savepoint: SessionTransaction | None = previous
    while savepoint is not None and not savepoint.nested:
        savepoint = savepoint.parent
    kept = [record for record in pending(session) if savepoint not in record.savepoints] if savepoint else []
    session.info["audit_pending"] = kept


def _open_savepoints(session: Session) -> tuple[SessionTransaction, ...]:
    savepoints = []
    transaction = session.get_nested_transaction()
    while transaction is not None:
        if transaction.nested:
            savepoints.append(transaction)
        transaction = transaction.parent
    return tuple(savepoints)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    records = pending(session)
    if records:
        write_chain(session.connection(), records, datetime.now(UTC))
        session.info["audit_pending"] = []


def write_chain(connection: Connection, records: Iterable[Pending], now: datetime) -> None:
    """Append ``records`` to the chain; the head row orders concurrent writers."""
    seq, previous = _take_head(connection)
    events, payloads = [], []
    for record in records:
        seq += 1
        row, payload = _link(record, seq, previous, record.at or now)
        previous = row["hash"]
        events.append(row)
        payloads.append(payload)
    connection.execute(insert(AuditEvent), events)
    connection.execute(insert(AuditPayload), payloads)
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(seq=seq, hash=previous))


def _take_head(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last link, locked until the transaction ends; begin the chain where there is none.

    Of two transactions that begin it at once, the second waits for the first and goes on from its link.
    """
    last = select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    head = connection.execute(last).one_or_none()
    if head is None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        first = dialect.insert(AuditHead).values(id=1, seq=0, hash=GENESIS).on_conflict_do_nothing()
        connection.execute(first)
        head = connection.execute(last).one()
    return head.seq, head.hash


def _link(record: Pending, number: int, previous: str, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    salt = secrets.token_hex(16)
    actor = record.actor
    row: dict[str, Any] = {
        "id": number,
        "at": (at := at.astimezone(UTC)),  # as it is read back, or the link would not verify
        "entity": record.entity,
        "entity_key": record.key,
        "action": record.action,
        "user_id": actor.user_id,
        "staff_id": actor.staff_id,
        "acting_for_id": actor.acting_for_id,
        "tablet_id": actor.tablet_id,
        "address": actor.address[:60],
        "request_id": actor.request_id[:40],
        "batch_id": record.batch_id,
        "reason": (record.reason or actor.reason)[:300],
        "payload_hash": payload_hash(salt, record.changes),
        "previous_hash": previous,
    }
    row["hash"] = link_hash(row)
    return row, {"audit_id": row["id"], "at": at, "salt": salt, "body": record.changes}


def payload_hash(salt: str, body: dict[str, Any]) -> str:
    """Return SHA-256 over the salt and the canonical JSON of a payload."""
    return hashlib.sha256((salt + _canonical(body)).encode()).hexdigest()


def link_hash(row: dict[str, Any]) -> str:
    """Return SHA-256 over everything in a link but its own hash."""
    parts = {key: audit_value(value) for key, value in row.items() if key != "hash"}
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``verify_chain`` found: how many links hold, and the first that does not with the reason."""

    links: int
    fault: str = ""

    @property
    def is_intact(self) -> bool:
        return not self.fault


def verify_chain(session: Session) -> Verification:
    """Walk the whole chain and say where it breaks first: a changed, missing or added link or payload.

    Erased payloads (``body`` NULL) are no fault. Memory is constant; time is linear in the number of links.
    """
    previous, seq = GENESIS, 0
    columns = [column for column in AuditEvent.__table__.columns]
    statement = (
        select(*columns, AuditPayload.salt, AuditPayload.body, AuditPayload.audit_id)
        .select_from(AuditEvent)
        .outerjoin(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
        .order_by(AuditEvent.id)
        .execution_options(yield_per=2000)
    )
    with session.connection().execute(statement) as rows:
        for row in rows:
            values = {column.key: row._mapping[column] for column in columns}
            seq += 1
            fault = _fault(values, row, seq, previous)
            if fault:
                return Verification(seq - 1, f"link {seq} ({values['entity']} {values['entity_key']}): {fault}")
            previous = values["hash"]
    head = session.connection().execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        return Verification(seq, f"the head says {head.seq if head else 0} links, {seq} are there")
    return Verification(seq)


def _fault(values: dict[str, Any], row: Any, seq: int, previous: str) -> str:
    if values["id"] != seq:
        return f"number {values['id']} stands where {seq} is due: a link is missing or added"
    if values["previous_hash"] != previous:
        return "does not continue the link before it"
    if link_hash(values) != values["hash"]:
        return "was changed after it was written"
    if row.audit_id is None:
        return "its payload row is missing"
    if row.body is not None and payload_hash(row.salt, row.body) != values["payload_hash"]:
        return "its payload was changed"
    return ""
