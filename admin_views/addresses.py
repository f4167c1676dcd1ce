"""The generated list page: what an address asks for, and the addresses of everything that can be asked next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views import cells, verbs
from admin_views.pages import Chip, Column, FilterInput, ListPage, Tab
from models.actor import Actor
from models.base import Base, _
from models.describe import Attribute, order_attribute, screen_of
from services.listing import COUNT_CAP, DELETED, ListRequest, ListResult, list_rows, may_see_bin
from web.database import database
from web.names import name_of

_FILTER = "f."


def list_page(
    model: type[Base], entity: str, actor: Actor, args: MultiDict[str, str], at: datetime
) -> tuple[ListPage, list[int]]:
    """Return the page that ``args`` ask for and the keys of its rows."""
    screen = screen_of(model)
    shown = cells.readable(model, actor)
    wanted = list_request(args, shown)
    result = list_rows(database().session(), model, wanted, at=at)
    listed = cells.columns(shown)
    address = _Address(entity, args)
    page = ListPage(
        title=gettext(screen.title),
        singular=gettext(screen.singular),
        help=gettext(screen.help) if screen.help else "",
        icon=screen.icon,
        columns=[_column(model, key, attribute, result.order, address) for key, attribute in listed],
        rows=cells.table_rows(result.rows, listed, actor),
        count=_count(result),
        url=url_for(f"{entity}.index_view"),
        query=args.get("q", ""),
        searchable=hasattr(model, "search_text"),
        filters=[_filter_input(key, attribute, args) for key, attribute in shown.items() if attribute.field.filter],
        chips=_chips(shown, args, result, address),
        tabs=_tabs([*screen.quick, *_bin_view(model)], args, address),
        next_url=address.with_values(c=result.next_cursor) if result.next_cursor else "",
        previous_url=address.with_values(c=result.previous_cursor) if result.previous_cursor else "",
        hidden=[(key, args[key]) for key in ("order", "v") if args.get(key)],
        create_url=url_for(f"{entity}.create_view") if screen.create and actor.may(entity, "create") else "",
        verbs=verbs.list_buttons(entity, actor),
        exports=_exports(entity, actor, address),
    )
    return page, [row.id for row in result.rows]


def list_request(args: MultiDict[str, str], shown: Mapping[str, Attribute]) -> ListRequest:
    """Return what an address asks of a list whose reader may see the attributes ``shown``."""
    filters = {key: _values(key, attribute, args) for key, attribute in shown.items() if attribute.field.filter}
    order = args.get("order", "")
    return ListRequest(
        search=args.get("q", ""),
        filters={key: values for key, values in filters.items() if any(values)},
        order=order if order.lstrip("-") in shown else "",
        quick=args.get("v", ""),
        cursor=args.get("c", ""),
    )


def _values(key: str, attribute: Attribute, args: MultiDict[str, str]) -> list[str]:
    if attribute.kind in ("date", "datetime", "integer", "decimal"):
        return [args.get(f"{_FILTER}{key}.from", ""), args.get(f"{_FILTER}{key}.to", "")]
    return args.getlist(f"{_FILTER}{key}")[:50]


@dataclass(frozen=True, slots=True)
class BinView:
    """The quick view that every entity with a bin has for who may restore from it."""

    name: str = DELETED
    label: str = _("Deleted")


class _Address:
    """The list's address with some values changed; a change of anything but the page starts at the first."""

    def __init__(self, entity: str, args: MultiDict[str, str]) -> None:
        self._entity = entity
        known = {key: values for key, values in args.lists() if key in ("q", "order", "v") or key.startswith(_FILTER)}
        self._args = {key: values for key, values in known.items() if any(values)}

    def with_values(self, **changed: str) -> str:
        values: dict[str, Any] = {**self._args, **{key: [value] for key, value in changed.items() if value}}
        for key, value in changed.items():
            if not value:
                values.pop(key, None)
        return url_for(f"{self._entity}.index_view", **values)

    def of_export(self, extension: str) -> str:
        """Return the address of the same rows as a file."""
        values: dict[str, Any] = {**self._args, "format": extension}
        return url_for(f"{self._entity}.export_view", **values)

    def without(self, *keys: str) -> str:
        return self.with_values(**dict.fromkeys(keys, ""))


def _column(model: type[Base], key: str, attribute: Attribute, order: str, address: _Address) -> Column:
    served_by = order_attribute(model, key)
    ordered = ""
    order_url = ""
    if served_by:
        if order.lstrip("-") == served_by:
            ordered = "desc" if order.startswith("-") else "asc"
        order_url = address.with_values(order=f"-{key}" if ordered == "asc" else key)
    return Column(key, gettext(attribute.field.label), cells.shown_format(attribute), order_url, ordered)


def _exports(entity: str, actor: Actor, address: _Address) -> list[tuple[str, str]]:
    """Return the formats the list can be had in, each with its address; none without the right."""
    if not actor.may(entity, "export"):
        return []
    formats = {"xlsx": gettext("Spreadsheet (XLSX)"), "csv": gettext("Text (CSV)")}
    return [(label, address.of_export(extension)) for extension, label in formats.items()]


def _count(result: ListResult) -> str:
    return f"{COUNT_CAP:,}+".replace(",", ".") if result.is_count_capped else str(result.count)


def _bin_view(model: type[Base]) -> list[BinView]:
    return [BinView()] if may_see_bin(database().session(), model) else []


def _tabs(quick: Sequence[Any], args: MultiDict[str, str], address: _Address) -> list[Tab]:
    if not quick:
        return []
    names = {view.name for view in quick}
    active = args.get("v", "") if args.get("v", "") in names else ""
    everything = Tab(gettext("All"), address.without("v"), not active)
    return [everything, *(Tab(gettext(v.label), address.with_values(v=v.name), v.name == active) for v in quick)]


def _filter_input(key: str, attribute: Attribute, args: MultiDict[str, str]) -> FilterInput:
    kinds = {"one": "lookup", "many": "lookup", "datetime": "date", "integer": "number", "decimal": "number"}
    values = _values(key, attribute, args)
    choices: list[tuple[str, str]] = []
    if attribute.choices is not None:
        choices = [(member.value, gettext(member.label)) for member in attribute.choices]
    is_lookup = attribute.target is not None
    return FilterInput(
        key=f"{_FILTER}{key}",
        label=gettext(attribute.field.label),
        kind=kinds.get(attribute.kind, attribute.kind),
        values=values,
        choices=choices,
        lookup_url=url_for(f"{attribute.target.__tablename__}.lookup_view") if attribute.target is not None else "",
        shown=_shown(attribute, values) if is_lookup else "",
    )


def _shown(attribute: Attribute, values: Sequence[str]) -> str:
    """Return the text of the rows a look-up filter names, as far as the actor may see them."""
    target: Any = attribute.target
    keys = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    if not keys:
        return ""
    return ", ".join(name_of(row) for row in database().session().scalars(select(target).where(target.id.in_(keys))))


def _chips(
    shown: Mapping[str, Attribute], args: MultiDict[str, str], result: ListResult, address: _Address
) -> list[Chip]:
    chips = []
    refused = {problem.label: gettext(problem.message) for problem in result.problems}
    for key, attribute in shown.items():
        values = _values(key, attribute, args) if attribute.field.filter else []
        if not any(values):
            continue
        text = _chip_text(attribute, values)
        if attribute.field.label in refused:
            text = f"{text} {refused[attribute.field.label]}"
        names = (f"{_FILTER}{key}", f"{_FILTER}{key}.from", f"{_FILTER}{key}.to")
        chips.append(Chip(gettext(attribute.field.label), text, address.without(*names)))
    return chips


def _chip_text(attribute: Attribute, values: Sequence[str]) -> str:
    if attribute.choices is not None:
        labels = {member.value: gettext(member.label) for member in attribute.choices}
        return ", ".join(labels.get(value, value) for value in values if value)
    if attribute.kind == "boolean":
        return {"1": gettext("Yes"), "0": gettext("No")}.get(values[0], values[0])
    if attribute.target is not None:
        return _shown(attribute, values) or ", ".join(values)
    if attribute.kind == "text":
        return values[0]
    lower, upper = (*values, "", "")[:2]
    if lower and upper:
        return f"{lower} – {upper}"
    return gettext("from %(value)s", value=lower) if lower else gettext("until %(value)s", value=upper)
