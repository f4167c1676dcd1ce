"""What a model says wrongly is told at start, all at once, each with model, attribute and mend."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from sqlalchemy import Enum, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models import screens
from models.actor import ScopeLevel
from models.base import Base, Choice, QuickView, Screen, Versioned, grant, ui
from models.faults import ROLES, ModelFaultError, check_models, faults
from services.roles import ROLE_NAMES


class Colour(Choice):
    RED = "RED", "Red"


def made(screen: dict[str, Any], **columns: Any) -> type[Base]:
    """Return a model of its own registry, so that nothing of it reaches the others."""

    class Own(DeclarativeBase):
        metadata = Base.metadata.__class__()
        type_annotation_map: ClassVar = {**Base.type_annotation_map}

    given = {
        "title": "Things", "singular": "Thing", "group": "Organisation",
        "order": "name", "grants": {"ADMIN": grant("manage")}, **screen,
    }  # fmt: skip
    body: dict[str, Any] = {
        "__tablename__": "thing",
        "__screen__": Screen(**given),
        "__annotations__": {"id": Mapped[int]},
        "id": mapped_column(primary_key=True),
        "name": mapped_column(String(40), index=True, nullable=False, info=ui("Name", list=1)),
        **columns,
    }
    return type("Thing", (Versioned, Own), body)  # type: ignore[return-value]


def described(label: str = "Code", **flags: Any) -> Any:
    return mapped_column(String(9), info=ui(label, **flags))


CASES: list[tuple[str, Callable[[], type[Base]], str]] = [
    ("no title", lambda: made({"title": " "}), "title is empty"),
    ("an order of nothing", lambda: made({"order": "nam"}), "order 'nam': no such column"),
    ("an order without index", lambda: made({"orders": ("row_version",)}), "order 'row_version': no index begins"),
    (
        "an order that may be empty",
        lambda: made({"order": "note"}, note=mapped_column(String(9), index=True)),
        "may be NULL",
    ),
    ("an unknown role", lambda: made({"grants": {"ADMINN": grant("read")}}), "grants 'ADMINN': no such role"),
    ("an unknown action", lambda: made({"grants": {"ADMIN": grant("raed")}}), "'raed' is no action"),
    ("an excluded action", lambda: made({"grants": {"ADMIN": grant("delete")}}), "the screen excludes 'delete'"),
    (
        "a scope of nothing",
        lambda: made({"grants": {"ADMIN": grant("read", ScopeLevel.TREE)}}),
        "scopes says nothing of TREE",
    ),
    ("no grants", lambda: made({"grants": {}}), "nobody may open it"),
    ("unknown children", lambda: made({"children": ("parts",)}), "children 'parts': no such relationship"),
    (
        "a quick view of nothing",
        lambda: made({"quick": (QuickView(name="x", label="X", where=lambda m, a, at: m.colour == 1),)}),
        "quick 'x': 'colour' is no attribute of Thing",
    ),
    (
        "two quick views of one name",
        lambda: made({"quick": (QuickView(name="x", label="X", where=lambda m, a, at: m.id > 1),) * 2}),
        "there are two of this name",
    ),
    (
        "a scope by nothing",
        lambda: made({"scopes": {ScopeLevel.OWN: lambda m, a: m.owner_id == a.user_id}}),
        "scopes OWN: 'owner_id' is no attribute",
    ),
    (
        "a search without its index",
        lambda: made({}, code=described(search=True)),
        "Searchable",
    ),
    ("an empty label", lambda: made({}, code=mapped_column(String(9), info=ui(""))), "code: its label is empty"),
    (
        "a name of WTForms",
        lambda: made({}, data=described()),
        "data: WTForms uses this name",
    ),
    (
        "a dependency on nothing",
        lambda: made({}, code=described(depends_on="kind=A")),
        "depends_on 'kind': no described attribute",
    ),
    (
        "a dependency on no value",
        lambda: made(
            {},
            kind=mapped_column(Enum(Colour), info=ui("K")),
            code=described(depends_on="kind=BLUE"),
        ),
        "depends_on 'BLUE': no value of kind; known: RED",
    ),
    (
        "a secret in the list",
        lambda: made({}, pin=described(secret=True, list=2)),
        "pin: secret",
    ),
    (
        "a level nobody can write",
        lambda: made({}, code=mapped_column(String(9), nullable=False, info=ui("C", level=2))),
        "level=2: a new row needs it",
    ),
    (
        "an order column of nothing",
        lambda: made({}, code=described(order="x")),
        "order='x'",
    ),
    (
        "an empty list",
        lambda: made({}, name=mapped_column(String(9), index=True, nullable=False)),
        "the list would be empty",
    ),
]


@pytest.mark.parametrize(("_what", "make", "said"), CASES, ids=[case[0] for case in CASES])
def test_a_mistake_is_named_with_its_mend(_what: str, make: Callable[[], type[Base]], said: str) -> None:
    found = faults(make())

    assert [fault for fault in found if said in fault], found
    assert len(found) == 1, found


def test_all_of_them_are_told_together() -> None:
    models = [made({"title": ""}), made({"grants": {"X": grant("y")}})]

    with pytest.raises(ModelFaultError) as error:
        check_models(models)

    assert str(error.value).splitlines()[1:] == [
        "  Thing.__screen__: title is empty; give it a label, title=_(...)",
        f"  Thing.grants 'X': no such role; known: {', '.join(sorted(ROLES))}",
        *[line for line in str(error.value).splitlines() if "'y' is no action" in line],
    ]


def test_what_there_is_has_no_fault_and_the_roles_are_those_that_are_seeded() -> None:
    assert [fault for model in screens() for fault in faults(model)] == []
    assert set(ROLE_NAMES) == ROLES
