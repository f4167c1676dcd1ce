"""What happened to a row: every change with who, when and why, as far as the reader's rights reach.

The audit trail is the source. Fields above the reader's level, secrets, and changes of nothing else are absent as if
they had never been; what a device did, and who read what, is shown to those only who may read the audit trail. What
has no screen (asks, ratings) has no history: nobody who is rated learns from it who rated, or when.
Source: design section 4; docs/adr/0016-history-and-merge.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, inspect, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import Session

from models.access import User
from models.actor import Actor
from models.audit import AuditEvent, AuditPayload
from models.base import Base, _, key_names
from models.batch import Batch
from models.describe import Attribute, attributes
from models.staff import Staff
from services.session import actor_of, including_deleted, unscoped

PAGE_SIZE = 30
_SCANNED = 20  # portions of the trail looked through for one page, so that a row read a million times still answers

ACTS: Mapping[str, str] = {
    "create": _("Added"),
    "edit": _("Edited"),
    "delete": _("Deleted"),
    "restore": _("Restored"),
    "one_time_password": _("One-time password given"),
    "clear_pin": _("PIN taken away"),
}
"""What everybody who may read a row's history sees, with its label; every other act is for readers of the audit."""

READS: Mapping[str, str] = {
    "read": _("Read"),
    "list": _("Shown in a list"),
    "export": _("Exported"),
    "sign_in": _("Signed in"),
    "sign_in_refused": _("Sign-in refused"),
}
"""Labels of acts that are no change."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A row that a relation led to; ``text`` is "" where the reader may not see it or it is gone."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a change, as Python values: a list of linked rows has what was taken out and what was put in."""

    attribute: Attribute
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One link of the audit trail as its reader may see it; ``who`` is "" for the program itself."""

    id: int
    at: datetime
    action: str
    who: str
    acting_for: str
    is_by_device: bool
    reason: str
    batch_id: int | None
    batch_title: str
    is_erased: bool
    differences: tuple[Difference, ...]

    @property
    def label(self) -> str:
        """The message id that says what was done; the action itself where it has none."""
        return ACTS.get(self.action) or READS.get(self.action) or self.action


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Changes, the newest first; ``next_before`` is what to ask for to go on, None at the end."""

    changes: Sequence[Change]
    next_before: int | None


def may_read_audit(actor: Actor) -> bool:
    """Return whether ``actor`` may see who read what, and what devices did."""
    return actor.may("audit", "read")


def readable(model: type[Base], actor: Actor) -> dict[str, Attribute]:
    """Return the attributes whose changes ``actor`` may see, by the name under which the trail holds them."""
    permit = actor.permit(model.__tablename__, "read")
    if permit is None or "__screen__" not in vars(model):
        return {}
    return {
        trail_key(model, attribute): attribute
        for attribute in attributes(model).values()
        if not attribute.field.secret
        and attribute.field.level <= permit.level
        and (attribute.field.detail or attribute.field.form or attribute.field.list is not None)
    }


def trail_key(model: type[Base], attribute: Attribute) -> str:
    """Return the name under which the audit trail holds ``attribute``: of a relation to one row, that of its key."""
    if attribute.kind != "one" or attribute.column is None:
        return attribute.key
    return inspect(model).get_property_by_column(attribute.column).key


def list_history(
    session: Session, model: type[Base], key: int, *, before: int | None = None, page_size: int = PAGE_SIZE
) -> HistoryPage:
    """Return what happened to the row of ``model`` with ``key``, the newest first, beginning below link ``before``.

    The caller has found the row within its reader's scope; fields and acts are filtered here.
    Shape:  at most ``page_size`` changes; fewer, with a ``next_before``, where much of the trail is not for the reader.
    """
    shown = readable(model, actor_of(session))
    found: list[tuple[Any, dict[str, Any] | None]] = []
    last = before
    for _portion in range(_SCANNED):
        portion = list(session.connection().execute(_events(session, model, key, last).limit(page_size + 1)))
        for event in portion:
            last = event.id
            if not _is_shown(event, shown):
                continue
            if len(found) == page_size:
                return HistoryPage(_changes(session, model, shown, found), found[-1][0].id)
            found.append((event, event.body))
        if len(portion) <= page_size:
            return HistoryPage(_changes(session, model, shown, found), None)
    return HistoryPage(_changes(session, model, shown, found), last)


def get_change(session: Session, model: type[Base], key: int, event_id: int) -> Change | None:
    """Return one change of a row as its reader may see it; None where there is none."""
    statement = _events(session, model, key, event_id + 1).where(AuditEvent.id == event_id)
    event = session.connection().execute(statement).one_or_none()
    shown = readable(model, actor_of(session))
    if event is None or not _is_shown(event, shown):
        return None
    return _changes(session, model, shown, [(event, event.body)])[0]


def last_deletion(session: Session, model: type[Base], key: int) -> Change | None:
    """Return the change by which a row that is no longer there was deleted; None where there was none."""
    statement = _events(session, model, key, None).where(AuditEvent.action == "delete").limit(1)
    event = session.connection().execute(statement).one_or_none()
    return None if event is None else _changes(session, model, {}, [(event, event.body)])[0]


def _events(session: Session, model: type[Base], key: int, before: int | None) -> Any:
    statement = (
        select(AuditEvent, AuditPayload.body)
        .select_from(AuditEvent)
        .outerjoin(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
        .where(AuditEvent.entity == model.__tablename__, AuditEvent.entity_key == str(key))
        .order_by(AuditEvent.id.desc())
    )
    if before is not None:
        statement = statement.where(AuditEvent.id < before)
    if not may_read_audit(actor_of(session)):
        statement = statement.where(AuditEvent.action.in_(ACTS), AuditEvent.tablet_id.is_(None))
    return statement


def _is_shown(event: Any, shown: Mapping[str, Attribute]) -> bool:
    """Whether a reader sees an event at all: a change of nothing but hidden fields would tell that they changed."""
    if event.action != "edit" or event.body is None:
        return True
    return "deleted_at" in event.body or any(name in shown for name in event.body)


def _changes(
    session: Session,
    model: type[Base],
    shown: Mapping[str, Attribute],
    found: Sequence[tuple[Any, dict[str, Any] | None]],
) -> list[Change]:
    names = _people(session, [event for event, _body in found])
    titles = _batch_titles(session, {event.batch_id for event, _body in found if event.batch_id is not None})
    texts = _texts(session, shown, [body for event, body in found if body and event.action in ACTS])
    changes = []
    for event, body in found:
        is_change = event.action in ("create", "edit", "delete")
        changes.append(
            Change(
                id=event.id,
                at=event.at,
                action=_action(event.action, body),
                who=names.get(("user", event.user_id)) or names.get(("staff", event.staff_id)) or "",
                acting_for=names.get(("user", event.acting_for_id), ""),
                is_by_device=event.tablet_id is not None,
                reason=event.reason,
                batch_id=event.batch_id,
                batch_title=titles.get(event.batch_id, ""),
                is_erased=is_change and body is None,
                differences=field_differences(shown, body, texts) if is_change and body else (),
            )
        )
    return changes


def _action(action: str, body: Mapping[str, Any] | None) -> str:
    """Return what was done: a row that was moved to the bin or out of it was deleted or restored."""
    if action == "edit" and body and "deleted_at" in body:
        return "delete" if body["deleted_at"][1] else "restore"
    return action


def field_differences(
    shown: Mapping[str, Attribute], body: Mapping[str, Any], texts: Mapping[tuple[str, int], str]
) -> tuple[Difference, ...]:
    """Return the differences in a payload of those fields that are ``shown``, in the order of the model.

    ``texts`` names the linked rows that the reader may see, by table and key.
    """
    return tuple(
        Difference(attribute, *(_value(attribute, value, texts) for value in body[name]))
        for name, attribute in shown.items()
        if name in body
    )


def _value(attribute: Attribute, stored: Any, texts: Mapping[tuple[str, int], str]) -> Any:
    if attribute.target is None:
        return decoded(attribute, stored)
    table = attribute.target.__tablename__
    if attribute.kind == "many":
        return tuple(Linked(key, texts.get((table, key), "")) for key, _name in stored or ())
    return None if stored is None else Linked(stored, texts.get((table, stored), ""))


def decoded(attribute: Attribute, stored: Any) -> Any:
    """Return a value of the trail as the model holds it; as it is written where it does not fit the model any more."""
    try:
        return from_trail(attribute.column, stored) if attribute.column is not None else stored
    except (ValueError, TypeError, InvalidOperation):
        return str(stored)


def from_trail(column: Column[Any], stored: Any) -> Any:
    """Return a value of the trail as ``column`` holds it.

    Raises: ValueError, TypeError or InvalidOperation where it is no value of the column (any more).
    """
    if stored is None:
        return None
    if isinstance(column.type, EnumType) and column.type.enum_class is not None:
        return column.type.enum_class(stored)
    python_type = column.type.python_type
    if python_type is datetime:
        return datetime.fromisoformat(stored)
    if python_type is date:
        return date.fromisoformat(stored)
    return Decimal(str(stored)) if python_type is Decimal else stored


def _people(session: Session, events: Iterable[Any]) -> dict[tuple[str, int | None], str]:
    """Return the names of those who did something, or for whom it was done, by ("user" or "staff", key)."""
    users = {key for event in events for key in (event.user_id, event.acting_for_id) if key is not None}
    staff = {event.staff_id for event in events if event.staff_id is not None}
    names: dict[tuple[str, int | None], str] = {}
    with unscoped(session, "names of those who changed a row"):
        for kind, column, name, keys in (
            ("user", User.id, User.display_name, users),
            ("staff", Staff.id, Staff.full_name, staff),
        ):
            if keys:
                statement = select(column, name).where(column.in_(keys))
                names |= {(kind, key): text for key, text in session.connection().execute(statement)}
    return names


def _batch_titles(session: Session, keys: set[int]) -> dict[int | None, str]:
    """Return the titles of batches, as far as the reader may see batches."""
    if not keys or not actor_of(session).may("batch", "read"):
        return {}
    return {row.id: row.title for row in session.scalars(select(Batch).where(Batch.id.in_(keys)))}


def _texts(
    session: Session, shown: Mapping[str, Attribute], bodies: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int], str]:
    """Return how the linked rows of payloads are called, as far as the reader may see them."""
    wanted: dict[type[Base], set[int]] = {}
    for body in bodies:
        for name in body.keys() & shown.keys():
            target = shown[name].target
            if target is not None:
                wanted.setdefault(target, set()).update(_linked_keys(shown[name], body[name]))
    return linked_texts(session, wanted)


def linked_texts(session: Session, wanted: Mapping[type[Base], set[int]]) -> dict[tuple[str, int], str]:
    """Return the texts of rows by table and key, as far as the reader may see them: one query per entity."""
    actor = actor_of(session)
    texts: dict[tuple[str, int], str] = {}
    for target, keys in wanted.items():
        if keys and ("__screen__" not in vars(target) or actor.may(target.__tablename__, "read")):
            key: Any = getattr(target, key_names(target)[0])
            with including_deleted(session):
                rows = session.scalars(select(target).where(key.in_(keys))).all()
            texts |= {(target.__tablename__, getattr(row, key_names(target)[0])): str(row) for row in rows}
    return texts


def _linked_keys(attribute: Attribute, pair: Sequence[Any]) -> set[int]:
    if attribute.kind == "many":
        return {key for side in pair for key, _name in side or ()}
    return {key for key in pair if key is not None}
