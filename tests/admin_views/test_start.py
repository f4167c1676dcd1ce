"""The start page: the numbers of what waits, and only for who may read the rows behind them."""

import re

from flask import Flask
from sqlalchemy.orm import Session

from models.dossier import Dossier
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import client_as
from web.database import database


def numbers(page: str) -> list[str]:
    return re.findall(r'class="card-value">([^<]*)<', page)


def test_the_numbers_open_their_rows(app: Flask) -> None:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        for _number in range(2):
            make_row(session, Dossier, state="4")
        session.commit()
    client = client_as(app, "DIRECTOR")

    page = client.get("/admin/").text

    assert numbers(page) == ["0", "0", "0", "2", "0", "0", "0"]
    assert 'href="/admin/dossier/?v=open"' in page


def test_nobody_counts_what_they_may_not_read(app: Flask) -> None:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        make_row(session, Dossier, state="4")
        session.commit()

    assert numbers(client_as(app, "PROCESSING_OFFICER", department_code="H19.Z").get("/admin/").text) == ["0"] * 7


def test_the_libraries_that_flask_admin_bundles_are_not_served(app: Flask) -> None:
    client = client_as(app, "ADMIN")

    for path in ("/admin/static/vendor/jquery.min.js", "/static/admin/vendor/select2/select2.min.js", "/admin/static/"):
        assert client.get(path).status_code == 404
