"""Filters, columns and saved views through the pages, by people of different rights."""

import re

from flask import Flask
from flask.testing import FlaskClient

from models.audit import AuditEvent
from models.dossier import Dossier
from models.saved_view import SavedView
from tests.contracts.test_census import csrf_token
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as

HEADERS = re.compile(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)<')
CHIPS = re.compile(r'class="chip-text"[^>]*>([^<]+)<strong>([^<]+)</strong>')


def codes(page: str) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def keep(client: FlaskClient, **form: object) -> str:
    """Save a view through the page; return the address it leads to, or the status where it is refused."""
    answer = client.post("/admin/dossier/views/save/", data={"csrf_token": csrf_token(client), **form})
    return answer.headers.get("Location", str(answer.status_code))


def make_dossiers(app: Flask) -> None:
    with database_of(app) as session:
        for number, (state, phone) in enumerate((("2", "0901"), ("4", "0902"), ("9", "0903"))):
            make_row(session, Dossier, code=f"H{number}", state=state_of(state), applicant_phone=phone)


def state_of(code: str) -> object:
    return Dossier.__table__.c.state.type.enum_class(code)  # type: ignore[attr-defined]


def test_filters_in_groups_are_shown_in_words_and_can_be_taken_away(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    make_dossiers(app)

    page = client.get("/admin/dossier/?f.state=2&f2.state=4&f2.received_at.when=nonsense&order=code").text
    alone = client.get("/admin/dossier/?f.state=2&f.state.how=none&order=code").text
    guessed = client.get("/admin/dossier/?f.slip_token=x&f.applicant_phone=0901&f.nothing=1&order=slip_token").text

    assert codes(page) == ["H0"]
    assert [label for label, _text in CHIPS.findall(page)] == ["Trạng thái: ", "Trạng thái: ", "Tiếp nhận lúc: "]
    assert "nonsense không phải là giá trị của bộ lọc này." in page
    assert page.count('class="chip-group"') == 2
    assert 'href="/admin/dossier/?f2.state=4&amp;f2.received_at.when=nonsense&amp;order=code"' in page
    assert codes(alone) == ["H1", "H2"]
    assert sorted(codes(guessed)) == ["H0", "H1", "H2"]


def test_panels_are_pages_and_parts_of_pages(app: Flask) -> None:
    client = client_as(app, "ADMIN")

    for road in ("filters", "arrange"):
        address = f"/admin/dossier/{road}/?f.state=2&f3.is=overdue&more=1&cols=code&f.responsible=1"
        page, part = client.get(address).text, client.get(address, headers={"HX-Request": "true"}).text

        assert page.count("<h1>") == 1
        assert ("<html" in page, "<html" in part) == (True, False)
    assert client.get("/admin/dossier/filters/?f3.is=overdue&more=1").text.count('class="filter-group"') == 4


def test_a_view_is_kept_shared_and_never_widens_a_right(app: Flask) -> None:
    admin, supervisor = client_as(app, "ADMIN"), client_as(app, "SUPERVISOR")
    make_dossiers(app)
    form = {"name": "Số máy", "cols": ["code", "applicant_phone", "slip_token"], "d": "compact", "f.state": "2"}

    address = keep(admin, **form, audience="ALL", is_default="1")
    mine = admin.get("/admin/dossier/").text
    theirs = supervisor.get(address).text
    plain = supervisor.get("/admin/dossier/?s=0").text

    assert keep(supervisor, name="X", audience="ALL") == "403"
    assert (codes(mine), HEADERS.findall(mine)) == (["H0"], ["Mã", "Điện thoại"])
    assert (codes(theirs), HEADERS.findall(theirs)) == (["H0"], ["Mã"])
    assert "0901" not in theirs
    assert "list-page--compact" in theirs
    assert len(codes(plain)) == 3
    assert "đã đổi" in admin.get(f"{address}&f.state=4").text
    assert "đã đổi" not in mine
    assert admin.get(f"{address}&act=show").status_code == 200


def test_views_are_changed_and_deleted_by_who_may(app: Flask) -> None:
    owner, other = client_as(app, "RECEIVING_OFFICER"), client_as(app, "RECEIVING_OFFICER")
    key = keep(owner, name="Của tôi", q="a").rpartition("=")[2]

    assert keep(other, name="Y", id=key) == "404"
    assert keep(owner, name="Y", id="x" * 40).startswith("4")
    assert keep(owner, name="", id=key) == "422"
    assert keep(owner, name="Z", audience="NOBODY") == "422"
    assert keep(owner, name="Khác", id=key, size="25").endswith(f"s={key}")
    assert keep(owner, act="show", size="25", s="0") == "/admin/dossier/?size=25"
    token = {"csrf_token": csrf_token(owner)}
    assert owner.post("/admin/dossier/views/delete/", data={**token, "id": "0"}).status_code == 404
    assert owner.post("/admin/dossier/views/delete/", data={**token, "id": key}).status_code == 302
    with database_of(app) as session:
        assert session.query(SavedView).count() == 0


def test_a_page_is_reached_by_its_number(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    with database_of(app) as session:
        for number in range(60):
            make_row(session, Dossier, code=f"H{number:02}")

    third = client.get("/admin/dossier/?order=code&size=25&n=3").text
    beyond = client.get("/admin/dossier/?order=code&size=25&n=99999999999").text
    second = client.get("/admin/dossier/?order=code&size=25&n=2").text

    assert codes(third) == [f"H{number}" for number in range(50, 60)]
    assert codes(beyond) == codes(client.get("/admin/dossier/?order=code&size=25").text)
    assert codes(second)[0] == "H25"
    assert 'name="n" inputmode="numeric" pattern="[0-9]*" size="4" autocomplete="off" value="2"' in second
    assert re.findall(r'rel="next" href="[^"]*n=(\d+)', second) == ["3"]


def test_a_quick_look_is_a_read_and_only_of_what_may_be_seen(app: Flask) -> None:
    admin, clerk = client_as(app, "ADMIN"), client_as(app, "RECEIVING_OFFICER", department_code="H19.99")
    make_dossiers(app)
    part = {"HX-Request": "true"}

    look = admin.get("/admin/dossier/look/?id=1", headers=part)
    as_page = admin.get("/admin/dossier/look/?id=1")

    assert "<h2" in look.text
    assert "0901" in look.text
    assert "<html" not in look.text
    assert as_page.headers["Location"] == "/admin/dossier/details/?id=1"
    assert [clerk.get(f"/admin/dossier/look/?id={key}", headers=part).status_code for key in ("1", "77", "x")] == [
        404,
        404,
        404,
    ]
    with database_of(app) as session:
        assert session.query(AuditEvent).filter_by(action="read", entity="dossier", entity_key="1").count() == 1
