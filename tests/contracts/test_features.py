"""The same walk through the features of every screen there is, on both databases; no list of names."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from models import screens
from tests.conftest import running_app
from tests.support import databases
from tests.support.features import walk_through
from tests.support.walk import Visitors, make_visitors


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Visitors]]:
    """One application on each database, with its visitors, for all models in turn."""
    folder = tmp_path_factory.mktemp("features")
    if request.param == "sqlite":
        url = databases.copy_sqlite(request.getfixturevalue("sqlite_template"), folder / "features.db")
    else:
        url = request.getfixturevalue("postgres_schema")
    with running_app(url, folder) as app:
        yield app, make_visitors(app)
    if request.param == "postgresql":
        databases.wipe(url)


@pytest.mark.parametrize("model", screens(), ids=lambda model: model.__name__)
def test_a_screen_keeps_what_its_model_promises(office: tuple[Flask, Visitors], model: Any) -> None:
    assert walk_through(*office, model) == []
