"""The ground of an entity like most: found by its name, sorted by it, deleted into the bin, saved by one at a time."""

from typing import Any, ClassVar

from sqlalchemy.orm import Mapped

from models import ddl
from models.base import Key, SoftDeleted, Versioned
from models.search import Searchable, Sorted
from models.text import sort_key


class Entity(Searchable, Sorted, SoftDeleted, Versioned):
    """Mixin of an entity whose rows are called by one text; see ``docs/adding-an-entity.md``."""

    called_by: ClassVar[str] = "name"

    id: Mapped[Key]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        ddl.searchable(cls)  # pyright: ignore[reportArgumentType] -- whoever is made from this is a mapped class

    def sort_text(self) -> str:
        return sort_key(str(self))

    def __str__(self) -> str:
        return getattr(self, self.called_by)
