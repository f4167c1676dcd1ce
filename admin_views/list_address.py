"""What the address of a list asks for, and the addresses of everything that can be asked next.

``q`` search, ``f.…`` filters (admin_views/list_filters.py), ``v`` quick view, ``order``, ``cols`` columns in their
order, ``size`` rows per page, ``d`` density, ``s`` saved view, ``c`` where the page begins, ``n`` its number.
"""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from admin_views import cells
from admin_views.list_filters import is_filter, read_groups
from models.actor import Actor
from models.base import Base
from models.describe import Attribute
from models.saved_view import SavedView
from services.listing import PAGE_SIZE, ListRequest
from services.saved_views import default_view

KEPT = ("q", "v", "order", "cols", "size", "d")
"""What a saved view holds beside its filters."""
PAGE_SIZES = (25, 50, 100, 200)
COMPACT = "compact"
NO_VIEW = "0"
"""Asks for the model's own list where a saved view would open by default."""


class ListAddress:
    """The address of a list as it is meant: what a saved view holds stands in it as if it had been typed.

    ``args`` are the parameters that say what is shown; where the page begins stands beside them.
    """

    def __init__(
        self, model: type[Base], actor: Actor, args: MultiDict[str, str], views: Sequence[SavedView] = ()
    ) -> None:
        self.model = model
        self.entity = model.__tablename__
        self.shown = cells.readable(model, actor)
        self.view = _chosen(args, views)
        self._stored = _stored(self.view)
        self._is_plain = args.get("s") == NO_VIEW
        self.args: MultiDict[str, str] = MultiDict(_state(args.lists()) or self._stored)
        self.begins = args.get("c", "")
        self.page = _number(args.get("n", ""), 1)
        self.groups = read_groups(self.args, self.shown)

    @property
    def is_changed_view(self) -> bool:
        """Whether something else is shown than the saved view it came from."""
        return self.view is not None and dict(self.args.lists()) != self._stored

    @property
    def columns(self) -> list[tuple[str, Attribute]]:
        """The chosen columns that somebody may read, in their order; the model's own where none is left."""
        listable = cells.listable(self.shown)
        chosen = [(key, listable[key]) for key in dict.fromkeys(self.args.getlist("cols")) if key in listable]
        return chosen or cells.columns(self.shown)

    @property
    def page_size(self) -> int:
        """How many rows a page has."""
        size = _number(self.args.get("size", ""), PAGE_SIZE)
        return size if size in PAGE_SIZES else PAGE_SIZE

    @property
    def is_compact(self) -> bool:
        """Whether the rows stand close together."""
        return self.args.get("d") == COMPACT

    def request(self) -> ListRequest:
        """Return what is asked of the list."""
        order = self.args.get("order", "")
        return ListRequest(
            search=self.args.get("q", ""),
            filters=self.groups[0],
            alternatives=self.groups[1:],
            order=order if order.removeprefix("-") in self.shown else "",
            quick=self.args.get("v", ""),
            cursor=self.begins,
            page=self.page,
            page_size=self.page_size,
            columns=[key for key, _attribute in self.columns],
        )

    def parameters(self) -> list[tuple[str, str]]:
        """Return names and values of what is shown, as a saved view keeps them."""
        return [(key, value) for key, values in self.args.lists() for value in values]

    def with_values(self, endpoint: str = "index_view", **changed: str) -> str:
        """Return the address with some values changed, "" for none; the saved view it came from stays in it."""
        state: dict[str, Any] = {key: values for key, values in self.args.lists() if key not in changed}
        state |= {key: [value] for key, value in changed.items() if value and key in KEPT}
        others: dict[str, Any] = {key: value for key, value in changed.items() if value and key not in KEPT}
        if self.view is not None and state:
            others.setdefault("s", str(self.view.id))
            state = {} if state == self._stored and others["s"] == str(self.view.id) else state
        elif not state and (self.view is not None or self._is_plain):
            others.setdefault("s", NO_VIEW)
        return url_for(f"{self.entity}.{endpoint}", **state, **others)

    def without(self, *keys: str) -> str:
        """Return the address without some parameters."""
        return self.with_values(**dict.fromkeys(keys, ""))

    def kept(self, *, without: Sequence[str] = (), filters: bool = True) -> list[tuple[str, str]]:
        """Return names and values that a form of the list must carry on."""
        carried = [
            (key, value) for key, value in self.parameters() if key not in without and (filters or not is_filter(key))
        ]
        return [*carried, ("s", str(self.view.id))] if self.view is not None else carried


def _stored(view: SavedView | None) -> dict[str, list[str]]:
    """Return the parameters that a saved view holds."""
    if view is None:
        return {}
    pairs: MultiDict[str, str] = MultiDict((str(key), str(value)) for key, value in view.parameters)
    return _state(pairs.lists())


def _state(lists: Any) -> dict[str, list[str]]:
    """Return the parameters that say what is shown, without those that say nothing."""
    found = {key: [value for value in values if value] for key, values in lists if key in KEPT or is_filter(key)}
    return {key: values for key, values in found.items() if values}


def _chosen(args: MultiDict[str, str], views: Sequence[SavedView]) -> SavedView | None:
    """Return the saved view of an address: the one it names; the default one where it asks for nothing at all."""
    named = args.get("s", "")
    if named:
        return next((view for view in views if str(view.id) == named), None)
    return None if _state(args.lists()) or args.get("c") or args.get("n") else default_view(views)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
