"""What is wrong in how models describe their screens, said together at start: model, field and mend."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Column, inspect

from models.actions import ACTIONS, is_offered
from models.actor import Actor
from models.base import Base, Grant
from models.describe import Attribute, attributes, screen_of

ROLES = frozenset(
    {
        "ADMIN",
        "DIRECTOR",
        "DEPARTMENT_HEAD",
        "RECEIVING_OFFICER",
        "PROCESSING_OFFICER",
        "SUPERVISOR",
        "AUDITOR",
        "DEVICE",
        "VOLUNTEER",
    }
)
"""The roles that every installation has; grants name no others."""

_RESERVED = {
    "row_version",
    "nonce",
    "base",
    "data",
    "errors",
    "process",
    "validate",
    "populate_obj",
    "meta",
    "Meta",
    "post_process",
    "query",
}


class ModelFaultError(RuntimeError):
    """One or more models describe their screens wrongly; the message lists every fault with its mend."""


def faults(model: type[Base]) -> list[str]:
    """Return what is wrong in how ``model`` describes its screen, each with the attribute and the mend."""
    described = attributes(model)
    found = [*_screen_faults(model, described), *_order_faults(model), *_grant_faults(model)]
    for key, attribute in described.items():
        found += [f"{key}: {fault}" for fault in _attribute_faults(model, key, attribute)]
    return found


def _screen_faults(model: type[Base], described: Collection[Any]) -> Iterator[str]:
    screen, mapper = screen_of(model), inspect(model)
    for name in ("title", "singular", "group"):
        if not getattr(screen, name).strip():
            yield f"__screen__: {name} is empty; give it a label, {name}=_(...)"
    if screen.edit and mapper.version_id_col is None:
        yield "edit: two could overwrite each other; add the mixin Versioned, or say edit=False"
    if "id" not in mapper.columns:
        yield "id: every screen addresses its rows by it; add id: Mapped[Key]"
    yield from _rules_faults(model)
    yield from _grid_faults(model)
    for name in screen.children:
        if name not in mapper.relationships:
            yield f"children {name!r}: no such relationship; known: {', '.join(sorted(mapper.relationships.keys()))}"
        elif not mapper.relationships[name].uselist:
            yield f"children {name!r}: leads to one row, not to several; take it out"
    if not any(attributes(model)[key].field.list is not None for key in described):
        yield "no attribute says list=: the list would be empty; give ui(list=1) to what a row is called by"


def _grid_faults(model: type[Base]) -> Iterator[str]:
    screen, mapper = screen_of(model), inspect(model)
    for name in screen.grid:
        relation = mapper.relationships.get(name)
        if name not in screen.children or relation is None or not relation.back_populates:
            yield f"grid {name!r}: is no relationship of children= with back_populates; add both, or take it out"


def _rules_faults(model: type[Base]) -> Iterator[str]:
    screen, nobody, now = screen_of(model), Actor(), datetime.now(UTC)
    names = [view.name for view in screen.quick]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"quick {name!r}: there are two of this name; rename one"
    for view in screen.quick:
        if not view.label.strip():
            yield f"quick {view.name!r}: its label is empty; give it one"
        yield from _rule_faults(f"quick {view.name!r}", model, partial(view.where, model, nobody, now))
    for level, rule in screen.scopes.items():
        yield from _rule_faults(f"scopes {level.name}", model, partial(rule, model, nobody))


def _rule_faults(where: str, model: type[Base], rule: Callable[[], Any]) -> Iterator[str]:
    try:
        rule()
    except AttributeError as error:
        yield f"{where}: {error.name!r} is no attribute of {model.__name__}; known: {', '.join(attributes(model))}"


def _order_faults(model: type[Base]) -> Iterator[str]:
    screen, mapper = screen_of(model), inspect(model)
    for name in (screen.order.lstrip("-"), *(order.lstrip("-") for order in screen.orders)):
        column = mapper.columns.get(name)
        if column is None:
            yield f"order {name!r}: no such column; known: {', '.join(mapper.columns.keys())}"
        elif column.nullable:
            yield f"order {name!r}: may be NULL, which keyset pages cannot order; order by a NOT NULL companion"
        elif not _is_indexed(column):
            yield f"order {name!r}: no index begins with it; add index=True or an Index"


def _grant_faults(model: type[Base]) -> Iterator[str]:
    screen = screen_of(model)
    if not screen.grants:
        yield "grants: nobody may open it; say grants={...}"
    for role, given in screen.grants.items():
        if role not in ROLES:
            yield f"grants {role!r}: no such role; known: {', '.join(sorted(ROLES))}"
        for granted in (given,) if isinstance(given, Grant) else given:
            for action in granted.actions:
                if action not in ACTIONS:
                    yield f"grants {role!r}: {action!r} is no action; known: {', '.join(ACTIONS)}"
                elif not is_offered(screen, action):
                    yield f"grants {role!r}: the screen excludes {action!r}; take it out, or say {action}=True"
            if granted.scope.name != "ALL" and granted.scope not in screen.scopes:
                yield f"grants {role!r}: scopes says nothing of {granted.scope.name}, so it reaches no row; add it"


def _attribute_faults(model: type[Base], key: str, attribute: Attribute) -> Iterator[str]:
    field, mapper = attribute.field, inspect(model)
    if key in _RESERVED:
        yield "WTForms uses this name; rename the attribute"
    if not field.label.strip():
        yield "its label is empty; give it one"
    if field.search and "search_text" not in mapper.column_attrs:
        yield "search=True needs the mixin models.search.Searchable and ddl.searchable(Model)"
    if field.search and attribute.kind != "text":
        yield "search=True is for texts; make it a filter"
    if field.filter and (attribute.kind in ("json", "many")):
        yield f"filter=True cannot work on {attribute.kind!r}; take it out"
    if field.order and field.order not in mapper.columns:
        yield f"order={field.order!r}: no such column"
    if field.secret and (field.list is not None or field.search or field.filter):
        yield "secret: what is secret stands in no list, search or filter; take list, search and filter out"
    if field.level and not _is_written_at(model, field.level) and _must_be_written(model, attribute):
        yield f"level={field.level}: a new row needs it, yet nobody who may create reaches that level; grant it"
    yield from _dependency_faults(model, field.depends_on)


def _dependency_faults(model: type[Base], depends_on: str) -> Iterator[str]:
    name, _equals, value = depends_on.partition("=")
    described = attributes(model)
    if not depends_on:
        return
    if name not in described:
        yield f"depends_on {name!r}: no described attribute; known: {', '.join(described)}"
        return
    choices = described[name].choices
    if value and choices is not None and value not in {member.value for member in choices}:
        yield f"depends_on {value!r}: no value of {name}; known: {', '.join(member.value for member in choices)}"


def _must_be_written(model: type[Base], attribute: Attribute) -> bool:
    field = attribute.field
    return screen_of(model).create and field.form and not field.read_only and attribute.is_required


def _is_written_at(model: type[Base], level: int) -> bool:
    """Return whether any role may create rows with fields of ``level``."""
    given = [(g,) if isinstance(g, Grant) else g for g in screen_of(model).grants.values()]
    return any("create" in one.actions and one.level >= level for several in given for one in several)


def _is_indexed(column: Column[Any]) -> bool:
    if column.primary_key or column.unique or column.index:
        return True
    table = column.table
    indexes = getattr(table, "indexes", ())
    constraints = getattr(table, "constraints", ())
    leading = [next(iter(index.columns), None) for index in indexes]
    leading += [
        next(iter(getattr(c, "columns", ())), None) for c in constraints if c.__visit_name__ == "unique_constraint"
    ]
    return any(first is column for first in leading)


def check_models(models: list[type[Base]]) -> None:
    """Raise ModelFaultError naming every fault of every model at once; return where there is none."""
    lines = [f"{model.__name__}.{fault}" for model in models for fault in faults(model)]
    if lines:
        raise ModelFaultError("These models describe their screens wrongly:\n  " + "\n  ".join(lines))
