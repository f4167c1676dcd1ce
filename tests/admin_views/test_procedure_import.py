import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from models.access import User
from models.batch import Batch, BatchState
from models.procedure import Procedure
from services.procedure_import import batch as importer
from tests.support.browser import database_of
from tests.support.clients import client_as

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"
START = "/admin/import/procedures/"


def token(page: TestResponse) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]


def upload(client: FlaskClient, content: bytes, name: str = "procedures.jsonl") -> TestResponse:
    fields = {"csrf_token": token(client.get(START)), "file": (io.BytesIO(content), name)}
    return client.post(START, data=fields, content_type="multipart/form-data")


def finish(client: FlaskClient, address: str) -> int:
    """Send the progress form, as the page does by itself, until the page is to be loaded again; say how often."""
    sent = 0
    fields = {"csrf_token": token(client.get(address))}
    while True:
        sent += 1
        answer = client.post(f"{address}/step", data=fields, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.text
        if answer.headers.get("HX-Refresh"):
            return sent


def figures(page: TestResponse) -> list[str]:
    return re.findall(r'<div class="outcome[^"]*"><dt>[^<]+</dt><dd>([^<]+)</dd>', page.text)


def kept(app: Flask) -> list[str]:
    return [path.name for path in (Path(app.instance_path) / "incoming").glob("*")]


def only_batch(app: Flask) -> Batch:
    with database_of(app) as session:
        batch = session.scalars(select(Batch)).one()
        session.expunge(batch)
        return batch


@pytest.fixture
def in_chunks_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "CHUNK", 5)
    monkeypatch.setattr(importer.import_chunk, "__kwdefaults__", {"size": 5})


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.usefixtures("in_chunks_of_five")
def test_uploaded_file_goes_in_chunk_by_chunk_and_says_what_became_of_it(
    any_app: Flask, pack: Callable[[bytes], bytes]
) -> None:
    client = client_as(any_app, "ADMIN")

    answer = upload(client, pack(SAMPLE.read_bytes()))
    running = client.get(answer.location)
    sent = finish(client, answer.location)
    result = client.get(answer.location)

    assert answer.status_code == 303
    assert 'hx-trigger="load, submit"' in running.text
    assert sent == 3  # twelve records, five at a time
    assert figures(result) == ["6", "0", "0", "6"]
    assert "name bị thiếu." in result.text
    assert "hx-trigger" not in result.text
    assert kept(any_app) == []
    with database_of(any_app) as session:
        assert session.scalar(select(func.count(Procedure.id))) == 6
        batch = session.scalars(select(Batch)).one()
        assert batch.user_id == session.scalars(select(User.id)).one()


def test_import_again_finds_nothing_to_change_and_a_change_leads_to_its_difference(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    finish(client, upload(client, SAMPLE.read_bytes()).location)
    again = upload(client, SAMPLE.read_bytes()).location
    finish(client, again)
    changed = upload(client, SAMPLE.read_bytes().replace(b'"value": 7000', b'"value": 9000')).location
    finish(client, changed)

    result = client.get(changed)
    link = re.findall(r'href="(/admin/procedure_version/details/\?id=\d+)"', result.text)
    version = client.get(link[0])

    assert figures(client.get(again)) == ["0", "0", "6", "6"]
    assert figures(result) == ["0", "1", "5", "6"]
    assert len(link) == 1
    removed, added = re.findall(r"<(?:del|ins)>([^<]+)</(?:del|ins)>", version.text)
    assert ("7.000" in removed, "9.000" in added) == (True, True)


@pytest.mark.usefixtures("in_chunks_of_five")
def test_page_left_in_the_middle_goes_on_where_it_stopped(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    address = upload(client, SAMPLE.read_bytes()).location
    client.post(f"{address}/step", data={"csrf_token": token(client.get(address))}, headers={"HX-Request": "true"})

    halfway = only_batch(app)
    finish(client_as(app, "DIRECTOR"), upload(client_as(app, "ADMIN"), SAMPLE.read_bytes()).location)

    assert (halfway.state, halfway.done_count) == (BatchState.RUNNING, 5)
    assert (only_batch(app).state, only_batch(app).done_count) == (BatchState.FINISHED, 12)


def test_without_scripts_each_press_takes_the_next_records(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    address = upload(client, SAMPLE.read_bytes()).location

    answer = client.post(f"{address}/step", data={"csrf_token": token(client.get(address))})

    assert (answer.status_code, answer.location) == (303, address)
    assert figures(client.get(address)) == ["6", "0", "0", "6"]


@pytest.mark.usefixtures("in_chunks_of_five")
def test_stopped_import_keeps_what_is_in(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    address = upload(client, SAMPLE.read_bytes()).location
    fields = {"csrf_token": token(client.get(address))}
    client.post(f"{address}/step", data=fields)

    answer = client.post(f"{address}/cancel", data=fields)
    again = client.post(f"{address}/step", data=fields)

    assert (answer.status_code, again.status_code) == (303, 303)
    assert only_batch(app).state is BatchState.CANCELLED
    assert figures(client.get(address)) == ["5", "0", "0", "0"]
    assert kept(app) == []


def test_running_import_whose_file_is_gone_says_what_to_do(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    address = upload(client, SAMPLE.read_bytes()).location
    for path in (Path(app.instance_path) / "incoming").glob("*"):
        path.unlink()

    page = client.get(address)

    assert f'action="{address}/step"' not in page.text
    assert f'action="{address}/cancel"' in page.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Tệp không có bản ghi nào. Hãy chọn tệp có mỗi dòng một bản ghi JSON (.jsonl hoặc .jsonl.gz)."),
        (
            b"a;b\n",
            "Tệp không phải mỗi dòng một bản ghi JSON. Hãy chọn tệp .jsonl hoặc .jsonl.gz của danh mục quốc gia.",
        ),
        (b"\x1f\x8b\x08\x00", "Tệp nén bị hỏng hoặc không đầy đủ. Hãy tải lại tệp."),
    ],
)
def test_unusable_file_is_refused_with_what_to_do_and_leaves_nothing(app: Flask, content: bytes, message: str) -> None:
    answer = upload(client_as(app, "ADMIN"), content)

    assert answer.status_code == 422
    assert message in answer.text
    assert kept(app) == []


def test_no_file_is_refused_with_what_to_do(app: Flask) -> None:
    client = client_as(app, "ADMIN")

    answer = client.post(START, data={"csrf_token": token(client.get(START))})

    assert answer.status_code == 422
    assert "Hãy chọn một tệp trước." in answer.text


def test_refused_records_are_downloaded_as_they_were_and_with_reasons(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    formula = b'{"code": "=HYPERLINK(1)"}\n'
    address = upload(client, SAMPLE.read_bytes() + formula).location
    finish(client, address)

    records = client.get(f"{address}/refused.jsonl")
    reasons = client.get(f"{address}/refused.csv")

    lines = SAMPLE.read_text().splitlines()
    assert records.text == "".join(f"{line}\n" for line in [*lines[7:13], formula.decode().strip()])
    assert records.headers["Content-Disposition"] == 'attachment; filename="refused.jsonl"'
    rows = reasons.text.removeprefix("\ufeff").splitlines()
    assert len(rows) == 8
    assert rows[5].startswith("12,1.900011,")
    assert rows[7].startswith("14,'=HYPERLINK(1),")


@pytest.mark.parametrize("role", ["RECEIVING_OFFICER", "AUDITOR", "SUPERVISOR"])
def test_whoever_may_not_import_sees_neither_screen_nor_button(app: Flask, role: str) -> None:
    client = client_as(app, role)

    assert client.get(START).status_code == 403
    assert START not in client.get("/admin/procedure/").text


@pytest.mark.parametrize("path", ["nothing", "nothing/step", "nothing/cancel", "nothing/refused.csv"])
def test_unknown_import_is_not_found(app: Flask, path: str) -> None:
    client = client_as(app, "ADMIN")
    fields = {"csrf_token": token(client.get(START))}

    answer = client.post(START + path, data=fields) if path.endswith(("step", "cancel")) else client.get(START + path)

    assert answer.status_code == 404


def test_list_verb_leads_to_the_import(app: Flask) -> None:
    assert f'href="{START}"' in client_as(app, "ADMIN").get("/admin/procedure/").text
