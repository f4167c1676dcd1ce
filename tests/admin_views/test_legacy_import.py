"""Importing legacy dossiers in the browser: the same service, its result and its reasons, for who holds the right."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.batch import Batch, BatchKind, BatchState
from models.dossier import Dossier
from services.jobs import claim_next
from services.legacy.batches import start_import
from tests.support.browser import database_of
from tests.support.clients import client_as
from tests.support.legacy import open_table

START = "/admin/import/legacy/"
ROWS = """procedure_code,received_at,department_code,legacy_code
1.004194,04/04/2016,H19.08,a
1.004194,hôm qua,H19.08,b
"""


def upload(client: FlaskClient, content: str = ROWS, **fields: object) -> TestResponse:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(START).text)[0]
    data = {"csrf_token": token, "file": (io.BytesIO(content.encode()), "hồ sơ.csv"), **fields}
    return client.post(START, data=data, content_type="multipart/form-data")


def kept(app: Flask) -> list[str]:
    return [path.suffix for path in (Path(app.instance_path) / "incoming").glob("*")]


def test_file_goes_in_and_its_reasons_are_shown_and_downloaded(app):
    client = client_as(app, "ADMIN")

    answer = upload(client, creates="1")
    page = client.get(answer.location)
    reasons = client.get(f"{answer.location}/refused.csv").data.decode("utf-8-sig")

    assert answer.status_code == 303
    assert re.findall(r"<dd>([^<]+)</dd>", page.text)[:4] == ["1", "0", "0", "1"]
    assert "hôm qua không phải là ngày kèm giờ" in page.text
    assert "hồ sơ.csv" in client.get(START).text
    assert reasons.splitlines()[1].startswith("3,")
    assert kept(app) == []
    with database_of(app) as session:
        assert session.scalars(select(Dossier.legacy_code)).all() == ["a"]
        assert session.scalars(select(Batch.state)).one() is BatchState.FINISHED


def test_history_and_a_mapping_are_taken_too(app):
    client = client_as(app, "ADMIN")
    upload(client, creates="1")
    mapping = '[events.columns]\nlegacy_code = "Mã"\nevent = "Việc"\noccurred_at = "Lúc"\n'

    answer = upload(
        client, "Mã,Việc,Lúc\na,Thẩm định,2016-04-05 09:00\n", kind="DOSSIER_EVENTS",
        mapping=(io.BytesIO(mapping.encode()), "m.toml"),
    )  # fmt: skip

    assert answer.status_code == 303
    with database_of(app) as session:
        dossier = session.scalars(select(Dossier)).one()
        assert [event.reason for event in dossier.events] == [None, "Thẩm định"]


@pytest.mark.parametrize(
    ("fields", "content", "message"),
    [
        ({"file": (io.BytesIO(b""), "")}, ROWS, "Hãy chọn một tệp trước."),
        ({}, "a,b\n1,2\n", "Tệp thiếu cột: procedure_code, received_at."),
        ({}, "", "Tệp không có dòng nào"),
        ({"mapping": (io.BytesIO(b"[x"), "m.toml")}, ROWS, "Không đọc được tệp ánh xạ"),
        ({"mapping": (io.BytesIO(b"\xff"), "m.toml")}, ROWS, "Không đọc được tệp ánh xạ"),
    ],
)
def test_file_that_cannot_be_read_is_explained_and_nothing_is_kept(app, fields, content, message):
    client = client_as(app, "ADMIN")

    answer = upload(client, content, **fields)

    assert answer.status_code == 422
    assert message in answer.text
    assert kept(app) == []


@pytest.mark.parametrize("role", ["DIRECTOR", "DEPARTMENT_HEAD", "RECEIVING_OFFICER", "AUDITOR"])
def test_who_lacks_the_right_can_neither_import_nor_see_the_page(app, role):
    client = client_as(app, role)

    assert client.get(START).status_code == 403
    assert START not in client.get("/admin/").text


def test_batch_of_a_command_is_left_to_the_command(app, now, tmp_path):
    client = client_as(app, "ADMIN")
    rows = [{"procedure_code": "1.004194", "received_at": "04/04/2016"}]
    with database_of(app) as session:
        source = open_table(tmp_path / "a.csv", rows)
        batch = start_import(session, source, kind=BatchKind.DOSSIERS, at=now)
        session.commit()
        address, claimed = f"/admin/batches/{batch.public_id}", claim_next(session)

    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(address).text)[0]
    client.post(f"{address}/step", data={"csrf_token": token})

    with database_of(app) as session:
        found = session.scalars(select(Batch)).one()
        assert (claimed, found.state, found.done_count) == (None, BatchState.RUNNING, 0)
