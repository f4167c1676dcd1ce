"""No page, order, filter, key or form value makes the application fail: what is wrong is answered in words."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models import screens
from models.base import Base
from models.describe import attributes, screen_of
from services.session import unscoped
from tests.contracts.test_census import csrf_token
from tests.factories import make_row
from tests.support.clients import client_as
from web.database import database

ANSWERED = {200, 302, 400, 403, 404, 409, 413, 422}
EVIL = [
    "",
    "0",
    "-1",
    "9" * 30,
    "1,2",
    "1e9",
    "NaN",
    "\x00",
    "\ud800",
    "%",
    "'",
    '"',
    "../..",
    "<x\"'&>",
    "{{7*7}}",
    "١",
    "đ" * 300,
]
PROBE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
values = st.sampled_from(EVIL) | st.text(max_size=30) | st.integers().map(str) | st.dates().map(str)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    from tests.conftest import running_app  # noqa: PLC0415 -- conftest is loaded by pytest first
    from tests.support import databases  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("probe")
    if request.param == "sqlite":
        url = databases.copy_sqlite(request.getfixturevalue("sqlite_template"), folder / "probe.db")
    else:
        url = request.getfixturevalue("postgres_schema")
    with running_app(url, folder) as app:
        fill(app)
        yield client_as(app, "ADMIN")
    if request.param == "postgresql":
        databases.wipe(url)


def fill(app: Flask) -> None:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        for model in screens():
            make_row(session, model)
        session.commit()


def encodable(text: str) -> str:
    """Return ``text`` as a browser can send it: lone surrogates cannot be written in UTF-8."""
    return text.encode("utf-8", "replace").decode()


@PROBE
@given(data=st.data())
def test_no_list_address_fails(client: FlaskClient, data: st.DataObject) -> None:
    model: Any = data.draw(st.sampled_from(screens()))
    names = ["q", "order", "v", "c", "n", "s", "d", "cols", "size", "more", "id", "f.is", "f2.is"]
    names += [f"f{group}.{key}" for key in attributes(model) for group in ("", "3")]
    names += [f"f.{key}.{end}" for key in attributes(model) for end in ("from", "to", "when", "how", "empty")]
    asked = data.draw(st.lists(st.tuples(st.sampled_from(names), values.map(encodable)), max_size=6))

    for road in data.draw(st.sampled_from([("", "lookup/"), ("", "filters/"), ("", "arrange/")])):
        answer = client.get(f"/admin/{model.__tablename__}/{road}", query_string=asked)
        assert answer.status_code in ANSWERED


@PROBE
@given(data=st.data())
def test_no_key_fails(client: FlaskClient, data: st.DataObject) -> None:
    model: Any = data.draw(st.sampled_from(screens()))
    key = encodable(data.draw(values))

    for road in ("details", "look", "edit", "history", "revert"):
        asked = {"id": key, "before": key, "event": key, "field": key}
        assert client.get(f"/admin/{model.__tablename__}/{road}/", query_string=asked).status_code in ANSWERED
        if road in ("history", "revert"):
            asked["id"] = "1"
            assert client.get(f"/admin/{model.__tablename__}/{road}/", query_string=asked).status_code in ANSWERED


@PROBE
@given(data=st.data())
def test_no_form_value_fails(client: FlaskClient, data: st.DataObject) -> None:
    model: Any = data.draw(st.sampled_from([m for m in screens() if screen_of(m).create or screen_of(m).edit]))
    form = {key: encodable(data.draw(values)) for key in writable(model) if data.draw(st.booleans())}
    form["csrf_token"] = csrf_token(client)
    form["row_version"] = data.draw(st.sampled_from(["1", "2", "x", ""]))
    form["nonce"] = encodable(data.draw(values))
    form["base"] = encodable(data.draw(values))
    form["restore"] = "1"

    for road in (["new/"] if screen_of(model).create else []) + (["edit/?id=1"] if screen_of(model).edit else []):
        assert client.post(f"/admin/{model.__tablename__}/{road}", data=form).status_code in ANSWERED


def writable(model: type[Base]) -> list[str]:
    """Return every name a form of ``model`` might read, those that it must not read included."""
    return sorted({*attributes(model), *(column.key for column in model.__table__.columns)} - {"id"})
