"""The ground under every model: declarative base, column types and the vocabulary of generated screens.

A model describes its screen with ``__screen__ = Screen(...)`` and each attribute with ``info=ui(...)``.
Nothing here knows of Flask or Flask-Admin; ``admin_views`` reads this vocabulary and builds the screens.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from models.actor import Actor, ScopeLevel


def _(message: str) -> str:
    """Mark ``message`` for the catalogues; it is translated where it is shown."""
    return message


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC with microseconds; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: give it a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigInt = BigInteger().with_variant(Integer, "sqlite")

Key = Annotated[int, mapped_column(BigInt, primary_key=True)]


class Choice(str, enum.Enum):
    """A closed list of codes, each with a label: ``RECEIVED = "RECEIVED", _("Received")``."""

    label: str

    def __new__(cls, value: str, label: str) -> "Choice":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @property
    def tone(self) -> str:
        """How the code stands out on screens: "info", "success", "warning", "danger", or "" for not at all."""
        return ""

    def __str__(self) -> str:
        return self.value


def _check_name(constraint: Any, table: Table) -> str:
    """Return the name of a CHECK: its own, or the column's where a closed list of values made it."""
    if getattr(constraint, "_type_bound", False):
        return next(iter(constraint.columns)).name
    return str(constraint.name)


class Base(DeclarativeBase):
    """Declarative base of all models; ``Mapped[]`` decides type and NULL."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "check_constraint_name": _check_name,
            "ck": "ck_%(table_name)s_%(check_constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        int: BigInt,
        str: Text,
        bool: Boolean(create_constraint=False),
        datetime: UtcDateTime,
        date: Date,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


def key_names(model: type[Base]) -> tuple[str, ...]:
    """Return the attributes that make up the primary key of ``model``, in the order of its columns."""
    mapper = inspect(model)
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)


class Versioned:
    """Mixin: a counter that refuses the second of two concurrent writers."""

    row_version: Mapped[int] = mapped_column(Integer, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- SQLAlchemy passes the class
        return {"version_id_col": cls.row_version}


Format = Literal["", "text", "money", "code", "phone", "limit", "markdown", "image", "color"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """How one attribute appears on generated screens; see ``ui``."""

    label: str
    help: str = ""
    section: str = ""
    list: int | None = None
    order: str = ""
    search: bool = False
    filter: bool = False
    form: bool = True
    detail: bool = True
    read_only: bool = False
    create_only: bool = False
    required: bool | None = None
    multiline: bool = False
    personal: bool = False
    secret: bool = False
    level: int = 0
    depends_on: str = ""
    format: Format = ""
    example: str = ""
    show: Callable[[Any], Any] | None = None


def ui(label: str, **flags: Any) -> dict[str, Field]:
    """Return the ``info=`` of a column or relationship; a misspelt flag fails at import.

    label, help      English message ids, marked with ``_()``
    section          heading of the form and detail block it stands in
    list             position among the list's columns; None keeps it out of the list
    order            attribute with an index that orders this column, where it is not the column itself
    search, filter   part of the stored search text; offered as a typed filter
    form, detail     False keeps it off that page
    read_only        never in a form; create_only: only when the row is made
    required         overrides what NULL says, for columns with a default
    personal         personal data: reading it is logged
    secret           never shown, exported or audited in clear
    level            permission level a reader or writer needs (0 everybody with the entity)
    depends_on       "attribute=VALUE": shown only then
    format, example  how it is written; what a good value looks like
    """
    return {"ui": Field(label=label, **flags)}


LIVING = text("deleted_at IS NULL")


class SoftDeleted:
    """Mixin: a deleted row moves to the bin, from where it can be restored; what refers to it keeps its name.

    Every select of the entity leaves deleted rows out (``services.session``). What is unique is so among the
    living only: ``unique=True`` and UniqueConstraint become partial indexes of the same name. Who deleted a row
    stands in the audit trail.
    """

    deleted_at: Mapped[datetime | None] = mapped_column(
        info=ui(_("Deleted"), form=False, read_only=True, depends_on="deleted_at")
    )

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)  # the declarative base maps the class here
        if hasattr(cls, "__table__"):  # not a further mixin
            _unique_among_living(getattr(cls, "__table__"))  # noqa: B009 -- the mixin alone has none


def _unique_among_living(table: Table) -> None:
    """Let a value that only deleted rows have be used again, under the name the constraint would have had."""
    constraints = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    for constraint in sorted(constraints, key=lambda constraint: [column.name for column in constraint.columns]):
        table.constraints.remove(constraint)
        columns = list(constraint.columns)
        name = "_".join(("uq", table.name, *(column.name for column in columns)))
        Index(name, *columns, unique=True, sqlite_where=LIVING, postgresql_where=LIVING)


ScopeRule = Callable[[Any, Actor], ColumnElement[bool]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A default permission: what a role may do with an entity, on which rows, up to which field level."""

    actions: tuple[str, ...]
    scope: ScopeLevel = ScopeLevel.ALL
    level: int = 0


BUNDLES = {"oversee": "read history export", "manage": "read history export create edit import bulk"}


def grant(actions: str, scope: ScopeLevel = ScopeLevel.ALL, *, level: int = 0) -> Grant:
    """Return a ``Grant`` from words: ``grant("read edit", ScopeLevel.DEPARTMENT, level=1)``.

    ``oversee`` stands for all that reads, ``manage`` for that and all that writes, but deletes nothing.
    """
    words = (BUNDLES.get(word, word) for word in actions.split())
    return Grant(actions=tuple(dict.fromkeys(" ".join(words).split())), scope=scope, level=level)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuickView:
    """A named filter on top of a list; ``where`` gives its condition at an instant, for an actor."""

    name: str
    label: str
    where: Callable[[Any, Actor, datetime], ColumnElement[bool]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The table that says which departments have to do with a row, for lists scoped by department.

    table            its name; ``row_key`` and ``department_key`` are its columns, ``direct`` marks the department
                     itself as against those above it
    orders           the attributes that the table repeats, so that its indexes give the orders of the list
    own              columns of the entity that name the person a row belongs to whatever the department
    """

    table: str
    row_key: str
    department_key: str = "department_id"
    direct: str = "is_direct"
    orders: tuple[str, ...]
    own: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """Everything a generated screen needs to know about an entity beyond its attributes.

    title, singular  names of the list and of one row (message ids)
    group, icon      where it stands in the menu, and its picture (name in the icon sprite)
    order            default order, an attribute or "-attribute"; ``orders``: others an index serves
    grants           default permissions by role code, seeded once; the database is the truth after that
    scopes           which rows each scope level means; a level that is not named here grants nothing
    create/edit/delete  whether the generic forms may do it at all; verbs do the rest
    children         relationships shown as tables on the detail page
    grid             those of them that are edited in the form, as a grid, and copied with the row
    start            whether the quick views stand on the start page as numbers
    reach            how rows are found by department without walking the whole list
    """

    title: str
    singular: str
    group: str
    icon: str = "table"
    help: str = ""
    order: str = "id"
    orders: tuple[str, ...] = ()
    grants: Mapping[str, Grant | tuple[Grant, ...]] = field(default_factory=dict)
    scopes: Mapping[ScopeLevel, ScopeRule] = field(default_factory=dict)
    quick: tuple[QuickView, ...] = ()
    create: bool = True
    edit: bool = True
    delete: bool = False
    children: tuple[str, ...] = ()
    grid: tuple[str, ...] = ()
    reach: Reach | None = None
    start: bool = False
    menu: bool = True
