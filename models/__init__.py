"""The data model: the only place where an entity is described."""

from importlib import import_module
from pkgutil import iter_modules

from models import ddl
from models.base import Base

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"models.{_module}")

ddl.install(Base.metadata)


def screens() -> list[type[Base]]:
    """Return every mapped class that has a generated screen, in the order of its table's name."""
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted((c for c in classes if "__screen__" in vars(c)), key=lambda c: c.__tablename__)
