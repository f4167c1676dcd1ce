"""Values of rows on their way to lists and detail pages, every right already applied."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import g, url_for
from flask_babel import gettext

from admin_views.pages import Cell, ChildTable, Column, Item, Row, Section
from models.actor import Actor
from models.base import Base
from models.describe import Attribute, attributes, screen_of
from web.names import name_of, say_stored

CHILDREN_SHOWN = 50
_FORMATS = {"boolean": "boolean", "date": "date", "datetime": "datetime", "integer": "number", "decimal": "number"}


def readable(model: type[Base], actor: Actor) -> Mapping[str, Attribute]:
    """Return the attributes of ``model`` that ``actor`` may read, by name."""
    permit = actor.permit(model.__tablename__, "read")
    if permit is None:
        return {}
    return {
        key: attribute
        for key, attribute in attributes(model).items()
        if not attribute.field.secret and attribute.field.level <= permit.level
    }


def cell(row: Any, attribute: Attribute, actor: Actor) -> Cell:
    """Return the cell of one attribute of ``row``."""
    value = getattr(row, attribute.key)
    if attribute.field.show is not None:
        return Cell(attribute.field.show(value), attribute.field.format)
    if attribute.kind == "choice":
        return Cell(None) if value is None else Cell(gettext(value.label), "choice", tone=value.tone)
    if attribute.kind == "one":
        return Cell(None) if value is None else Cell(title_of(value), "link", row_url(value, actor))
    if attribute.kind == "many":
        return Cell([(title_of(other), row_url(other, actor)) for other in value], "links")
    if attribute.kind == "text":
        value = say_stored(row, value)
    url = url_for("static", filename=f"portraits/{value}.svg") if attribute.field.format == "image" and value else ""
    return Cell(value, shown_format(attribute), url)


def shown_format(attribute: Attribute) -> str:
    """Return how an attribute is written: as its model says, otherwise as its kind is."""
    return attribute.field.format or _FORMATS.get(attribute.kind, "")


def title_of(row: Any) -> str:
    """Return the name of ``row``, marked where it lies in the bin: what refers to it keeps showing it."""
    if getattr(row, "deleted_at", None) is None:
        return name_of(row)
    return gettext("%(name)s (deleted)", name=name_of(row))


def row_url(row: Any, actor: Actor) -> str:
    """Return the address of the detail page of ``row``; "" where it has none that ``actor`` may open."""
    entity = row.__tablename__
    if "__screen__" not in vars(type(row)) or not actor.may(entity, "read"):
        return ""
    if getattr(row, "deleted_at", None) is not None and not actor.may(entity, "delete"):
        return ""
    return f"{_details_address(entity)}{row.id}"


def _details_address(entity: str) -> str:
    """Return the address of the detail pages of ``entity`` up to the key, built once per request: lists have many."""
    known: dict[str, str] = g.setdefault("details_addresses", {})
    if entity not in known:
        known[entity] = f"{url_for(f'{entity}.details_view')}?id="
    return known[entity]


def columns(shown: Mapping[str, Attribute]) -> list[tuple[str, Attribute]]:
    """Return the list's columns in their order."""
    listed = [(key, attribute) for key, attribute in shown.items() if attribute.field.list is not None]
    return sorted(listed, key=lambda item: item[1].field.list or 0)


def listable(shown: Mapping[str, Attribute]) -> Mapping[str, Attribute]:
    """Return the attributes that can be chosen as columns: all but long structures and the children of a row."""
    return {
        key: attribute
        for key, attribute in shown.items()
        if attribute.kind != "json" and (attribute.kind != "many" or attribute.field.list is not None)
    }


def table_rows(rows: Iterable[Any], listed: Sequence[tuple[str, Attribute]], actor: Actor) -> list[Row]:
    """Return ``rows`` as the list and child tables show them."""
    return [
        Row(
            id=str(row.id) if hasattr(row, "id") else "",
            title=name_of(row),
            url=row_url(row, actor),
            cells=[cell(row, attribute, actor) for _, attribute in listed],
        )
        for row in rows
    ]


def sections(row: Any, actor: Actor) -> list[Section]:
    """Return the detail page's sections: described attributes in source order, grouped by their section."""
    model = type(row)
    blocks: dict[str, list[Item]] = {}
    for key, attribute in readable(model, actor).items():
        if not attribute.field.detail or key in screen_of(model).children:
            continue
        if not _applies(row, attribute):
            continue
        item = Item(
            gettext(attribute.field.label),
            cell(row, attribute, actor),
            gettext(attribute.field.help) if attribute.field.help else "",
        )
        blocks.setdefault(attribute.field.section, []).append(item)
    return [Section(gettext(label) if label else "", items) for label, items in blocks.items()]


def _applies(row: Any, attribute: Attribute) -> bool:
    condition = attribute.field.depends_on
    if not condition:
        return True
    key, _, wanted = condition.partition("=")
    value = getattr(row, key, None)
    actual = getattr(value, "value", value)
    return str(actual) == wanted if wanted else bool(actual)


def child_tables(row: Any, actor: Actor) -> list[ChildTable]:
    """Return the relations that the detail page shows as tables, each with its first rows."""
    tables = []
    for name in screen_of(type(row)).children:
        relation = type(row).__mapper__.relationships[name]
        target = relation.mapper.class_
        shown = child_attributes(target, actor)
        if not shown:
            continue
        label = relation.info["ui"].label if "ui" in relation.info else name
        back = [key for key, attribute in shown.items() if attribute.kind == "one" and attribute.target is type(row)]
        listed = [(key, attribute) for key, attribute in columns(shown) if key not in back]
        rows = [child for child in getattr(row, name) if getattr(child, "deleted_at", None) is None]
        tables.append(
            ChildTable(
                gettext(label),
                [Column(key, gettext(attribute.field.label), shown_format(attribute)) for key, attribute in listed],
                table_rows(rows[:CHILDREN_SHOWN], listed, actor),
                _all_children_url(row, target, [key for key in back if shown[key].field.filter])
                if len(rows) > CHILDREN_SHOWN
                else "",
            )
        )
    return tables


def _all_children_url(row: Any, target: type[Base], filters: Sequence[str]) -> str:
    """Return the address of the list of a row's children; "" where no filter leads to them."""
    if "__screen__" not in vars(target) or not filters:
        return ""
    return url_for(f"{target.__tablename__}.index_view", **{f"f.{filters[0]}": row.id})


def child_attributes(target: type[Base], actor: Actor) -> Mapping[str, Attribute]:
    """Return what of a child ``actor`` may read: by its own screen's right, or its parent's where it has none."""
    if "__screen__" in vars(target):
        return readable(target, actor)
    return {
        key: attribute
        for key, attribute in attributes(target).items()
        if not attribute.field.secret and attribute.field.level == 0
    }
