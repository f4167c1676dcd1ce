"""What a row would hold again if a change of it were taken back, or if it were as it was at a moment of its history.

Nothing is written here: a screen puts the values through its form, so that taking back is a new change that passes
the same checks; the undo of a batch writes them itself (``services.undo``).
Source: docs/adr/0016-history-and-merge.md.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from typing import Any, Literal

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models.audit import AuditEvent, AuditPayload
from models.base import Base, _
from models.describe import Attribute
from services.errors import ConflictError
from services.history import Change, Linked, from_trail, get_change, linked_texts, readable
from services.session import actor_of

Aim = Literal["undo", "state"]
"""Take one change back, or go back to how the row was right after it."""


class ChangesErasedError(ConflictError):
    """Between now and then lies a change of which nobody knows any more what it changed."""

    message = _("Changes since then have been erased, so how this was then cannot be told any more.")


@dataclass(frozen=True, slots=True)
class Reversal:
    """One field that would change: its value now, the one it would have, and whether it was changed again since.

    Values are Python values; of a relation keys, of a list of linked rows frozen sets of keys.
    """

    attribute: Attribute
    current: Any
    target: Any
    is_changed_since: bool


@dataclass(frozen=True, slots=True)
class Return:
    """A change and what going back would do; ``texts`` names linked rows by table and key."""

    change: Change
    reversals: Sequence[Reversal]
    texts: Mapping[tuple[str, int], str]

    def linked(self, attribute: Attribute, value: Any) -> Any:
        """Return a value with its linked rows named, as ``services.history.Difference`` holds it."""
        if attribute.target is None or value is None:
            return value
        table = attribute.target.__tablename__
        if attribute.kind == "many":
            return tuple(Linked(key, self.texts.get((table, key), "")) for key in sorted(value))
        return Linked(value, self.texts.get((table, value), ""))


def can_go_back(change: Change, aim: Aim) -> bool:
    """Return whether there is anything to take back of a change, or to go back to."""
    return change.action == "edit" and not change.is_erased if aim == "undo" else change.action in ("create", "edit")


def plan_return(session: Session, row: Any, change_id: int, *, aim: Aim, writable: Collection[str]) -> Return | None:
    """Return what going back would do to the ``writable`` attributes of ``row``; None where there is no such change.

    Only fields that the reader may see are told, and of those only the ones whose value differs from now.
    Raises: ChangesErasedError
    """
    model = type(row)
    change = get_change(session, model, row.id, change_id)
    if change is None or not can_go_back(change, aim):
        return None
    shown = {name: a for name, a in readable(model, actor_of(session)).items() if a.key in writable}
    current = {name: current_value(row, name) for name in shown}
    bodies = _bodies(session, row, change_id)
    if aim == "undo":
        targets, since = taken_back(model, bodies[change_id] or {}, current)
    else:
        targets, since = _state_after(model, [body for key, body in bodies.items() if key > change_id], current), set()
    found = [
        Reversal(attribute, current[name], targets[name], name in since)
        for name, attribute in shown.items()
        if name in targets and targets[name] != current[name]
    ]
    return Return(change, found, linked_texts(session, _linked_rows(found)))


def current_value(row: Any, name: str) -> Any:
    """Return what ``row`` holds under a name of the trail: a value, or the keys of linked rows."""
    value = getattr(row, name)
    return frozenset(other.id for other in value) if name in inspect(type(row)).relationships else value


def taken_back(
    model: type[Base], body: Mapping[str, Any], current: Mapping[str, Any]
) -> tuple[dict[str, Any], set[str]]:
    """Return the values without the change in ``body``, and the names of what was changed again since.

    Of a list of linked rows only what the change put in or took out is taken back, whatever else happened to it.
    """
    targets: dict[str, Any] = {}
    since: set[str] = set()
    for name in body.keys() & current.keys():
        try:
            before, after = (_side(model, name, stored) for stored in body[name])
        except (ValueError, TypeError, InvalidOperation):
            continue  # the model has changed since and knows no such value any more
        if isinstance(before, frozenset):
            targets[name] = (current[name] - after) | before
        else:
            targets[name] = before
            if current[name] != after:
                since.add(name)
    return targets, since


def is_secret(model: type[Base], name: str) -> bool:
    """Return whether the trail holds of an attribute only that it changed, not what it was."""
    mapper = inspect(model)
    described = mapper.column_attrs[name].columns[0].info.get("ui") if name in mapper.column_attrs else None
    return described is not None and described.secret


def _side(model: type[Base], name: str, stored: Any) -> Any:
    mapper = inspect(model)
    if name in mapper.relationships:
        return frozenset(key for key, _text in stored or ())
    return from_trail(mapper.column_attrs[name].columns[0], stored)  # type: ignore[arg-type]


def _state_after(
    model: type[Base], later: Iterable[Mapping[str, Any] | None], current: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values without all ``later`` changes, which are given newest first."""
    values = dict(current)
    for body in later:
        if body is None:
            raise ChangesErasedError
        values |= taken_back(model, body, values)[0]
    return values


def _bodies(session: Session, row: Any, change_id: int) -> dict[int, Mapping[str, Any] | None]:
    """Return the differences of a change of ``row`` and of all since, newest first, by their number."""
    statement = (
        select(AuditEvent.id, AuditPayload.body)
        .outerjoin(AuditPayload, (AuditPayload.audit_id == AuditEvent.id) & (AuditPayload.at == AuditEvent.at))
        .where(
            AuditEvent.entity == row.__tablename__,
            AuditEvent.entity_key == str(row.id),
            AuditEvent.id >= change_id,
            AuditEvent.action.in_(("create", "edit")),
        )
        .order_by(AuditEvent.id.desc())
    )
    return {key: body for key, body in session.connection().execute(statement)}


def _linked_rows(found: Iterable[Reversal]) -> dict[type[Base], set[int]]:
    wanted: dict[type[Base], set[int]] = {}
    for reversal in found:
        target = reversal.attribute.target
        if target is not None:
            for value in (reversal.current, reversal.target):
                keys = value if isinstance(value, frozenset) else {value} - {None}
                wanted.setdefault(target, set()).update(keys)
    return wanted
