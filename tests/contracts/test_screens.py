"""What holds for every generated screen, whatever its model: rights, forms, locking, one effect, equal query counts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy import inspect as describe_mapping
from sqlalchemy.orm import Session

from models import screens
from models.access import Permission, Role, Scope
from models.base import Base
from models.describe import Attribute, attributes, screen_of
from services.roles import ROLE_NAMES, default_grants
from services.session import unscoped
from tests.factories import SPECIAL, make_row, plain_value
from tests.support.clients import client_as
from tests.support.roles import have_roles
from web.database import database

SCREENS = screens()
CREATABLE = [model for model in SCREENS if screen_of(model).create]
EDITABLE = [model for model in SCREENS if screen_of(model).edit]
ROLES = [None, *sorted(ROLE_NAMES.keys() - {"DEVICE"})]  # a device does not sign in as a person


def named(model: type[Base]) -> str:
    return model.__name__


@pytest.fixture(scope="module")
def centre(
    sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, dict[Any, FlaskClient]]]:
    """One application with a row of every entity and a client of every role, for tests that only read."""
    from tests.conftest import running_app  # noqa: PLC0415 -- conftest is loaded by pytest first
    from tests.support.databases import copy_sqlite  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("centre")
    with running_app(copy_sqlite(sqlite_template, folder / "centre.db"), folder) as app:
        clients = {role: client_as(app, role) for role in ROLES}
        with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
            for model in SCREENS:
                make_row(session, model)
            session.commit()
        yield app, clients


@pytest.mark.parametrize("role", ROLES)
def test_lists_are_open_to_exactly_the_granted_roles(centre: Any, role: str | None) -> None:
    _app, clients = centre
    granted = {grant[:3] for grant in default_grants()}

    answers = {m.__name__: clients[role].get(f"/admin/{m.__tablename__}/").status_code for m in SCREENS}

    allowed = {m.__name__: (role, m.__tablename__, "read") in granted for m in SCREENS}
    assert answers == {name: 303 if role is None else 200 if may else 403 for name, may in allowed.items()}


def test_every_row_has_a_history_for_whoever_may_read_it(centre: Any) -> None:
    _app, clients = centre
    granted = {grant[:3] for grant in default_grants()}

    for role in ("ADMIN", "AUDITOR", "RECEIVING_OFFICER"):
        asked = {m.__tablename__: clients[role].get(f"/admin/{m.__tablename__}/history/?id=1") for m in SCREENS}
        allowed = {entity for entity in asked if (role, entity, "history") in granted}
        assert {entity for entity, answer in asked.items() if answer.status_code != 403} == allowed
        assert {asked[entity].status_code for entity in allowed} <= {200, 404}  # 404: out of the role's reach
        if role == "ADMIN":
            assert {entity: asked[entity].status_code for entity in allowed} == dict.fromkeys(allowed, 200)


@pytest.mark.parametrize("model", SCREENS, ids=named)
def test_an_excluded_act_is_refused_even_to_an_administrator(app: Flask, model: type[Base]) -> None:
    client = administrator_of(app, model)
    screen, address = screen_of(model), f"/admin/{model.__tablename__}"

    assert client.get(f"{address}/new/").status_code == (200 if screen.create else 403)
    if not screen.edit:
        assert client.get(f"{address}/edit/?id=1").status_code == 403
    token = {"csrf_token": re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/admin/").text)[0]}
    if not screen.delete:
        assert client.post(f"{address}/delete/?id=1", data=token).status_code == 403
    for road in ("action/", "export/csv/", "ajax/lookup/", "ajax/update/"):
        assert client.get(f"{address}/{road}").status_code == 404
        assert client.post(f"{address}/{road}", data=token).status_code == 404


def administrator_of(app: Flask, model: type[Base]) -> FlaskClient:
    """Return a client of an administrator with every right on ``model``, so that only the model can refuse."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        have_roles(session)
        role = session.scalars(select(Role).where(Role.code == "ADMIN")).one()
        own = (Permission.entity == model.__tablename__, Permission.role_id == role.id)
        held = set(session.scalars(select(Permission.action).where(*own)))
        for action in sorted({"read", "create", "edit", "delete"} - held):
            session.add(Permission(role=role, entity=model.__tablename__, action=action, scope=Scope.ALL, level=9))
        session.commit()
    return client_as(app, "ADMIN")


def typed(session: Session, attribute: Attribute, number: int) -> Any:
    """Return what somebody types into the form for one attribute."""
    if attribute.kind == "choice":
        return next(iter(attribute.choices or ())).value
    if attribute.kind == "boolean":
        return "1"
    if attribute.kind == "one":
        row = make_row(session, attribute.target)  # type: ignore[arg-type]
        return str(row.id)
    if attribute.kind == "many":
        return []
    assert attribute.column is not None
    maker = SPECIAL.get(f"{attribute.column.table.name}.{attribute.column.key}")
    value = maker(number) if maker else plain_value(attribute.column, number)
    return value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value)


def filled_form(session: Session, model: type[Base], page: str, number: int) -> dict[str, Any]:
    """Return values for every required field of the form that ``page`` shows, and its hidden ones."""
    form = {
        name: value for name, value in re.findall(r'name="(csrf_token|nonce|row_version)"[^>]*value="([^"]*)"', page)
    }
    shown = set(re.findall(r'name="([a-z_]+)"', page)) | set(re.findall(r'data-name="([a-z_]+)"', page))
    for key, attribute in attributes(model).items():
        if key in shown and (attribute.is_required or attribute.kind == "boolean"):
            form[key] = typed(session, attribute, number)
    return form


def count(app: Flask, model: type[Base]) -> int:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("model", CREATABLE, ids=named)
def test_a_form_makes_one_row_however_often_it_is_sent(any_app: Flask, model: type[Base]) -> None:
    client, address = administrator_of(any_app, model), f"/admin/{model.__tablename__}"
    page = client.get(f"{address}/new/").text
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        form = filled_form(session, model, page, 77)
        session.commit()
    before = count(any_app, model)

    first = client.post(f"{address}/new/", data=form)
    again = client.post(f"{address}/new/", data=form)

    assert (first.status_code, again.status_code) == (302, 302), re.findall(
        r'class="[^"]*error[^"]*"[^>]*>(.*?)<', first.text
    )
    assert first.headers["Location"] == again.headers["Location"]
    assert count(any_app, model) == before + 1
    assert client.get(first.headers["Location"]).status_code == 200


@pytest.mark.parametrize("model", CREATABLE, ids=named)
def test_an_empty_form_is_refused_with_a_word_beside_each_required_field(app: Flask, model: type[Base]) -> None:
    client, address = administrator_of(app, model), f"/admin/{model.__tablename__}"
    page = client.get(f"{address}/new/").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', page)[0]
    before = count(app, model)

    answer = client.post(f"{address}/new/", data={"csrf_token": token, "nonce": "n"})

    assert answer.status_code == 422
    assert count(app, model) == before


@pytest.mark.parametrize("model", EDITABLE, ids=named)
def test_the_second_writer_is_told_and_loses_nothing(any_app: Flask, model: type[Base]) -> None:
    client, address = administrator_of(any_app, model), f"/admin/{model.__tablename__}"
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = make_row(session, model)
        session.commit()
        key = row.id
    page = client.get(f"{address}/edit/?id={key}").text
    ruled = describe_mapping(model).validators.keys()  # a text with a rule of its own would refuse free words
    free = [k for k, a in attributes(model).items() if a.kind == "text" and not a.field.format and k not in ruled]
    text_key = next((key for key in free if f'name="{key}"' in page), None)
    if text_key is None:
        pytest.skip("no free text in this form")
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        form = filled_form(session, model, page, 78)
        session.commit()
    form.update(current_values(any_app, model, key, form))

    first = client.post(f"{address}/edit/?id={key}", data={**form, text_key: "bản của người thứ nhất"})
    second = client.post(f"{address}/edit/?id={key}", data={**form, text_key: "bản của người thứ hai"})

    assert first.status_code == 302, first.text[-3000:]
    assert second.status_code == 409
    assert "bản của người thứ hai" in second.text
    assert "bản của người thứ nhất" in second.text
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        assert getattr(session.get_one(model, key), text_key) == "bản của người thứ nhất"


def current_values(app: Flask, model: type[Base], key: int, form: dict[str, Any]) -> dict[str, Any]:
    """Return what the stored row holds for the look-ups of a form, so that an edit changes nothing else."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = session.get_one(model, key)
        values = {}
        for name, attribute in attributes(model).items():
            if name in form and attribute.kind == "one":
                other = getattr(row, name)
                values[name] = str(other.id) if other is not None else ""
        return values


@pytest.mark.parametrize("model", SCREENS, ids=named)
def test_a_list_costs_the_same_queries_for_one_and_for_four_rows(
    app: Flask, model: type[Base], count_queries: Any
) -> None:
    client, address = administrator_of(app, model), f"/admin/{model.__tablename__}/"
    counts = []
    for extra in (1, 3):
        with app.app_context():
            with Session(database().engine) as session, unscoped(session, "test"):
                for _number in range(extra):
                    make_row(session, model)
                session.commit()
            client.get(address)
            with count_queries(database().engine) as seen:
                assert client.get(address).status_code == 200
            counts.append(len(seen))

    assert counts[0] == counts[1]
    assert counts[0] <= 14


@pytest.mark.parametrize("model", SCREENS, ids=named)
def test_every_screen_is_described_completely(model: type[Base]) -> None:
    screen = screen_of(model)
    mapper = describe_mapping(model)

    assert screen.title
    assert screen.singular
    assert screen.grants, "nobody may open it: say grants="
    if screen.edit:
        assert mapper.version_id_col is not None, "an editable entity needs the mixin Versioned"


def test_now_is_never_taken_by_the_database() -> None:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]

    assert [str(column) for column in columns if column.server_default is not None] == []
    assert datetime.now(UTC).tzinfo is UTC
