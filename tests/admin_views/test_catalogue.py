import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.access import User
from models.procedure import Procedure
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file
from tests.support.browser import database_of
from tests.support.clients import client_as

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


def load(app: Flask, path: Path) -> None:
    with database_of(app) as session:
        file = inspect_file(path)
        import_chunk(session, start_import(session, file, file_name="a", at=AT), file, at=AT)


def sheet(client: FlaskClient, app: Flask, code: str, language: str = "vi") -> str:
    with database_of(app) as session:
        session.execute(update(User).values(language=language))
        key = session.scalars(select(Procedure.id).where(Procedure.code == code)).one()
    answer = client.get(f"/admin/procedure/details/?id={key}")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def catalogue(app: Flask) -> Flask:
    load(app, SAMPLE)
    return app


def test_clerk_reads_limit_and_fees_of_each_channel(catalogue: Flask) -> None:
    html = sheet(client_as(catalogue, "RECEIVING_OFFICER"), catalogue, "1.900001", "en")

    channels = re.findall(r'<ul class="way-channels">(.*?)</ul>', html, re.DOTALL)
    limits = re.findall(r'<strong class="way-days">([^<]+)</strong>', html)
    amounts = re.findall(r'<strong class="code">([^<]+)</strong>', html)
    assert [" ".join(re.sub(r"<[^>]+>", " ", c).split()) for c in channels] == [
        "At the counter",
        "Online",
        "By public post",
    ]
    assert limits == ["3 working days", "2 working days", "3 working days"]
    assert [amount.replace("\u00a0", " ") for amount in amounts] == ["15,000 đ", "20,000 đ", "7,000 đ", "15,000 đ"]


def test_sheet_speaks_the_readers_language(catalogue: Flask) -> None:
    client = client_as(catalogue, "RECEIVING_OFFICER")

    english = sheet(client, catalogue, "1.900001", "en")
    vietnamese = sheet(client, catalogue, "1.900001", "vi")

    titles = [
        re.findall(r'id="sheet-(\w+)" class="sheet-title"><svg.*?</svg>([^<]+)</h2>', page)
        for page in (english, vietnamese)
    ]
    assert dict(titles[0]) == {
        "limits": "Time limit and fees", "documents": "Required documents", "steps": "Steps",
        "conditions": "Requirements and conditions", "results": "Results", "agencies": "Agencies",
        "subjects": "Who may apply", "decision": "Decision", "legal": "Legal bases",
    }  # fmt: skip
    assert dict(titles[1]) == {
        "limits": "Thời hạn giải quyết và phí, lệ phí", "documents": "Thành phần hồ sơ", "steps": "Trình tự thực hiện",
        "conditions": "Yêu cầu, điều kiện", "results": "Kết quả", "agencies": "Cơ quan",
        "subjects": "Đối tượng thực hiện", "decision": "Quyết định công bố", "legal": "Căn cứ pháp lý",
    }  # fmt: skip


def test_limit_that_cannot_be_computed_is_said_in_its_own_words(catalogue: Flask) -> None:
    html = sheet(client_as(catalogue, "RECEIVING_OFFICER"), catalogue, "2.900003")

    assert "way-days" not in html
    assert "Tùy theo số lượng tư liệu, tối đa hai lần lịch sắp xếp" in html
    assert "10 USD" in html


def test_procedure_of_a_ministry_sends_the_citizen_on(catalogue: Flask) -> None:
    html = sheet(client_as(catalogue, "RECEIVING_OFFICER"), catalogue, "1.900004")

    alert = re.findall(r'<div class="alert alert--warning" role="alert">(.*?)</div>\s*</div>', html, re.DOTALL)
    assert "Không tiếp nhận tại Trung tâm. Hướng dẫn người dân đến:" in alert[0]
    assert "Bộ phận Một cửa Bộ Văn hóa cơ sở, số 1 đường Hoa Ban" in alert[0]


def test_markup_of_the_source_is_text(app: Flask, tmp_path: Path) -> None:
    record = json.loads(SAMPLE.read_text().splitlines()[0])
    evil = "<script>alert(1)</script>"
    _fill(record, evil)
    record["name"] = evil
    path = tmp_path / "evil.jsonl"
    path.write_text(json.dumps(record) + "\n")
    load(app, path)

    html = sheet(client_as(app, "RECEIVING_OFFICER"), app, "1.900001")

    assert evil not in html
    assert html.count("&lt;script&gt;") > 15


def _fill(part: Any, text: str) -> None:
    """Put ``text`` in front of every free text of a record."""
    free = {"name", "description", "fileName", "requirementsAndConditions", "note", "proposalNumber", "keywords"}
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list):
            _fill(value, text)
        elif isinstance(value, str) and key in free:
            part[key] = f"{text} {value}"


def test_old_version_stays_readable_and_says_that_it_is_superseded(catalogue: Flask, tmp_path: Path) -> None:
    path = tmp_path / "changed.jsonl"
    path.write_text(SAMPLE.read_text().splitlines()[0].replace('"value": 15000', '"value": 16000') + "\n")
    load(catalogue, path)
    client = client_as(catalogue, "RECEIVING_OFFICER")

    html = sheet(client, catalogue, "1.900001")
    keys = dict.fromkeys(re.findall(r'class="row-link" href="(/admin/procedure_version/details/\?id=\d+)"', html))
    new, old = (client.get(key).text for key in keys)

    assert ["15.000" in page for page in (new, old)] == [True, True]  # the new one in its difference
    assert ["16.000" in page for page in (new, old)] == [True, False]
    assert ["Phiên bản này đã được thay thế" in page for page in (new, old)] == [False, True]
    assert "Thay đổi so với phiên bản 1" in html


def test_procedure_without_version_says_what_to_do(catalogue: Flask) -> None:
    with database_of(catalogue) as session:
        field_id = session.scalars(select(Procedure.field_id)).first()
        session.add(Procedure(code="1.910001", name="Chưa công bố", field_id=field_id))

    html = sheet(client_as(catalogue, "RECEIVING_OFFICER"), catalogue, "1.910001")

    assert "Chưa công bố nội dung nào" in html


def test_quick_views_find_what_needs_attention(catalogue: Flask) -> None:
    client = client_as(catalogue, "ADMIN")
    first_cell = re.compile(r'class="row-link"[^>]*>([^<]+)<')

    found = {
        view: first_cell.findall(client.get(f"/admin/procedure/?v={view}").text)
        for view in ("no_limit", "elsewhere", "changed")
    }

    assert found == {"no_limit": ["2.900003"], "elsewhere": ["1.900004"], "changed": []}


def test_legal_bases_are_found_by_number(catalogue: Flask) -> None:
    html = client_as(catalogue, "RECEIVING_OFFICER").get("/admin/legal_basis/?q=901/2025").text

    assert len(re.findall(r'class="row-link"', html)) == 1
    assert "1.900001 · v1" in html
