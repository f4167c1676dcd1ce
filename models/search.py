"""The stored search document: computed from an entity's searchable attributes whenever it is written."""

from typing import Any

from sqlalchemy import Connection, Text, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.text import search_document, sort_key

BAR = "|"
"""Stands between what every reader may find a row by and what only a higher level may."""


class Searchable:
    """Mixin: ``search_text`` holds the folded text of every attribute marked ``ui(search=True)``.

    What needs a permission level stands behind a bar, so that a reader without it cannot find a row by it.
    Call ``models.ddl.searchable(Model)`` after the class, so that the text is indexed.
    """

    search_text: Mapped[str] = mapped_column(Text, default="  ")

    def search_parts(self, *, restricted: bool) -> list[str | None]:
        """Return what the row can be found by; override to add more than its own marked columns."""
        return [getattr(self, key) for key in searched_attributes(type(self), restricted=restricted)]


def searched_attributes(model: type[Any], *, restricted: bool) -> list[str]:
    """Return the attributes of ``model`` marked ``ui(search=True)``, those that need a level or the others."""
    return [
        key
        for key, attribute in model.__mapper__.column_attrs.items()
        if (field := attribute.columns[0].info.get("ui")) is not None
        and field.search
        and (field.level > 0) is restricted
    ]


class Sorted:
    """Mixin: ``name_sort`` holds the Vietnamese dictionary order of what ``sort_text`` returns."""

    name_sort: Mapped[str] = mapped_column(Text, default="", index=True)

    def sort_text(self) -> str:
        """Return the key by which the row is sorted; a person overrides it with the given name first."""
        return sort_key(getattr(self, "name"))  # noqa: B009 -- the mixin does not declare the column


@event.listens_for(Sorted, "before_insert", propagate=True)
@event.listens_for(Sorted, "before_update", propagate=True)
def _store_sort_key(mapper: Mapper[Any], connection: Connection, target: Sorted) -> None:
    target.name_sort = target.sort_text()


@event.listens_for(Searchable, "before_insert", propagate=True)
@event.listens_for(Searchable, "before_update", propagate=True)
def _store_search_text(mapper: Mapper[Any], connection: Connection, target: Searchable) -> None:
    public, restricted = (search_document(*target.search_parts(restricted=kind)) for kind in (False, True))
    target.search_text = f"{public}{BAR}{restricted}" if restricted.strip() else public
