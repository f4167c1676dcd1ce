"""The generated list page: what an address asks for, put together for the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from admin_views import cells, verbs
from admin_views.bulk_bar import bulk_bar
from admin_views.list_address import NO_VIEW, ListAddress
from admin_views.list_filters import asked_attributes, chip_groups
from admin_views.pages import Column, ListPage, Tab
from models.actions import is_offered
from models.actor import Actor
from models.base import Base, _
from models.describe import Attribute, order_attribute, screen_of
from models.saved_view import SavedView
from services.listing import COUNT_CAP, DELETED, ListResult, list_rows, may_see_bin
from services.saved_views import default_view
from web.database import database
from web.formats import number


def list_page(
    model: type[Base], actor: Actor, address: ListAddress, views: Sequence[SavedView], at: datetime
) -> tuple[ListPage, list[int]]:
    """Return the page that an address asks for and the keys of its rows."""
    screen, entity, columns = screen_of(model), model.__tablename__, address.columns
    result = list_rows(database().session(), model, address.request(), at=at)
    chips = chip_groups(model, address.groups, address.shown, result.problems, address)
    place = _numbers(address, result)
    page = ListPage(
        title=gettext(screen.title),
        singular=gettext(screen.singular),
        help=gettext(screen.help) if screen.help else "",
        icon=screen.icon,
        columns=[_column(model, key, attribute, result.order, address) for key, attribute in columns],
        rows=cells.table_rows(result.rows, columns, actor),
        count=_count(result),
        url=url_for(f"{entity}.index_view"),
        empty_url=address.with_values(s=NO_VIEW if default_view(views) else ""),
        query=address.args.get("q", ""),
        searchable=hasattr(model, "search_text"),
        filter_url=address.with_values("filters_view") if asked_attributes(address.shown) or screen.quick else "",
        arrange_url=address.with_values("arrange_view"),
        chips=chips,
        clear_url=address.without(*(key for key, _value in address.kept() if key.startswith("f") or key == "q")),
        tabs=_tabs(model, address, views),
        is_changed_view=address.is_changed_view,
        is_compact=address.is_compact,
        **place,
        hidden=address.kept(without=("q",)),
        create_url=url_for(f"{entity}.create_view") if screen.create and actor.may(entity, "create") else "",
        verbs=verbs.list_buttons(entity, actor),
        exports=_exports(actor, address),
        bulk=bulk_bar(database().session(), address, count=_count(result)) if result.rows else None,
        import_url=url_for(f"{entity}.import_view") if _may_import(model, actor) else "",
    )
    return page, [row.id for row in result.rows]


def _numbers(address: ListAddress, result: ListResult) -> dict[str, Any]:
    """Return the addresses of the neighbouring pages, each with its number where it is known."""
    page = result.page or (address.page if address.begins and address.page > 1 else 0)
    previous = ""
    if result.previous_cursor:
        previous = address.with_values(c=result.previous_cursor, n=str(page - 1) if page > 1 else "")
    following = ""
    if result.next_cursor:
        following = address.with_values(c=result.next_cursor, n=str(page + 1) if page else "")
    return {"page_number": page, "previous_url": previous, "next_url": following}


def _column(model: type[Base], key: str, attribute: Attribute, order: str, address: ListAddress) -> Column:
    served_by = order_attribute(model, key)
    ordered = ""
    order_url = ""
    if served_by:
        if order.lstrip("-") == served_by:
            ordered = "desc" if order.startswith("-") else "asc"
        order_url = address.with_values(order=f"-{key}" if ordered == "asc" else key)
    return Column(key, gettext(attribute.field.label), cells.shown_format(attribute), order_url, ordered)


def _may_import(model: type[Base], actor: Actor) -> bool:
    """Return whether the list offers the import of tables: not where the entity has a way in of its own."""
    entity = model.__tablename__
    is_open = is_offered(screen_of(model), "import") and not verbs.has_list_verb(entity, "import")
    return is_open and actor.may(entity, "import")


def _exports(actor: Actor, address: ListAddress) -> list[tuple[str, str]]:
    """Return the formats the list can be had in, each with its address; none without the right."""
    if not actor.may(address.entity, "export"):
        return []
    formats = {"xlsx": gettext("Spreadsheet (XLSX)"), "csv": gettext("Text (CSV)")}
    return [(label, address.with_values("export_view", format=extension)) for extension, label in formats.items()]


def _count(result: ListResult) -> str:
    return f"{number(COUNT_CAP)}+" if result.is_count_capped else number(result.count)


@dataclass(frozen=True, slots=True)
class BinView:
    """The quick view that every entity with a bin has for who may restore from it."""

    name: str = DELETED
    label: str = _("Deleted")


def _tabs(model: type[Base], address: ListAddress, views: Sequence[SavedView]) -> list[Tab]:
    """Return the model's quick views and the saved ones; none where the list is all there is."""
    quick: list[Any] = [*screen_of(model).quick]
    if may_see_bin(database().session(), model):
        quick.append(BinView())
    if not quick and not views:
        return []
    entity, chosen = model.__tablename__, address.view
    names = {view.name for view in quick}
    active = address.args.get("v", "") if chosen is None and address.args.get("v", "") in names else ""
    plain = "" if default_view(views) is None else NO_VIEW
    tabs = [Tab(gettext("All"), _quick_url(address, plain), not active and chosen is None)]
    tabs += [Tab(gettext(view.label), _quick_url(address, view=view.name), view.name == active) for view in quick]
    tabs += [
        Tab(view.name, url_for(f"{entity}.index_view", s=view.id), chosen is not None and view.id == chosen.id, True)
        for view in views
    ]
    return tabs


def _quick_url(address: ListAddress, saved: str = "", view: str = "") -> str:
    """Return the address of a quick view; from a saved view it leads back to the model's own list."""
    if address.view is not None:
        values: dict[str, Any] = {"v": view} if view else {"s": saved} if saved else {}
        return url_for(f"{address.entity}.index_view", **values)
    return address.with_values(v=view, s=saved if not view else "")
