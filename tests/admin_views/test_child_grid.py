"""Children in the form of their parent: added, changed and removed with it, by the rights of their own screen."""

from typing import Any

from flask import Flask
from sqlalchemy import delete, select

from models.access import Permission
from models.audit import AuditEvent
from models.calendar import WorkingHours
from models.organisation import Counter, Department, Site
from models.rating_scale import RatingLevel, RatingScale
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as
from tests.support.screens import path_of, send, words_of

SITE = "/admin/site"


def make_site(app: Flask, counters: int = 2) -> tuple[int, int, list[int]]:
    with database_of(app) as session:
        department = make_row(session, Department, name="Sở Tư pháp")
        site = make_row(session, Site, code="TT", name="Trung tâm", unit_code="H19")
        rows = [make_row(session, Counter, number=n, name=f"Quầy {n}", site=site, department=department)
                for n in range(1, counters + 1)]  # fmt: skip
        make_row(session, WorkingHours, site=site)
        return site.id, department.id, [row.id for row in rows]


def of_site(**more: Any) -> dict[str, Any]:
    return {"code": "TT", "name": "Trung tâm", "unit_code": "H19", "row_version": "1", **more}


def grid(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return rows of the counters' grid as a browser sends them."""
    sent: dict[str, Any] = {"counters-n": [str(place) for place in range(len(rows))]}
    for place, row in enumerate(rows):
        sent |= {f"counters-{place}-{name}": str(value) for name, value in row.items()}
    return sent


def counters_of(app: Flask, site_id: int) -> list[tuple[int, str]]:
    with database_of(app) as session:
        found = select(Counter.number, Counter.name).where(Counter.site_id == site_id).order_by(Counter.number)
        return [(number, name) for number, name in session.execute(found)]


def test_rows_are_added_changed_and_removed_with_their_parent(any_app: Flask) -> None:
    site, department, (first, second) = make_site(any_app)
    admin = client_as(any_app, "ADMIN")
    page = admin.get(f"{SITE}/edit/?id={site}").text
    old = {"id": first, "version": 1, "name": "Quầy một", "department": department, "is_active": "y"}
    new = {"number": 9, "name": "Quầy chín", "department": department, "is_active": "y"}
    blank = {"number": "", "name": "", "department": "", "is_active": "y"}
    gone = {"id": second, "version": 1, "name": "Quầy 2", "department": department, "removed": "1"}

    wrong = send(
        admin, f"{SITE}/edit/?id={site}", {**of_site(), **grid(old, {**new, "number": 1}, {**new, "name": ""})}
    )
    before = counters_of(any_app, site)
    right = send(admin, f"{SITE}/edit/?id={site}", {**of_site(name="Trung tâm mới"), **grid(old, gone, new, blank)})
    stale = send(admin, f"{SITE}/edit/?id={site}", {**of_site(row_version="2"), **grid({**old, "name": "Muộn"})})

    assert [f'name="counters-0-{name}"' in page for name in ("name", "number", "site")] == [True, False, False]
    assert 'name="counters-__n__-number"' in page
    assert (wrong.status_code, before) == (422, [(1, "Quầy 1"), (2, "Quầy 2")])
    said = words_of(wrong)
    assert [text in said for text in ("Quầy, dòng 3: Tên:", "dòng 2")] == [True, False], "rules of the data come later"
    assert 'value="Quầy một"' in wrong.text, "nothing typed is lost"
    assert right.status_code == 302
    assert counters_of(any_app, site) == [(1, "Quầy một"), (9, "Quầy chín")]
    assert (stale.status_code, 'value="Muộn"' in stale.text) == (422, True)
    with database_of(any_app) as session:
        found = select(AuditEvent.action).where(AuditEvent.entity == "counter").order_by(AuditEvent.id)
        assert sorted(session.scalars(found)) == ["create", "create", "create", "edit", "edit"]
        assert session.get_one(Site, site).name == "Trung tâm mới"

    taken = send(admin, f"{SITE}/edit/?id={site}", {**of_site(row_version="2"), **grid({**new, "number": 1})})
    assert (taken.status_code, "Đã có bản ghi khác" in words_of(taken)) == (422, True)
    assert counters_of(any_app, site) == [(1, "Quầy một"), (9, "Quầy chín")]


def test_a_grid_gives_no_right_that_the_childs_own_screen_would_not(app: Flask) -> None:
    site, department, (first, second) = make_site(app)
    admin = client_as(app, "ADMIN")
    with database_of(app) as session:
        acts = ("create", "delete")
        session.execute(delete(Permission).where(Permission.entity == "counter", Permission.action.in_(acts)))
    admin = client_as(app, "ADMIN")
    page = admin.get(f"{SITE}/edit/?id={site}").text
    rows = grid(
        {"number": 9, "name": "Quầy chín", "department": department},
        {"id": second, "version": 1, "name": "Quầy 2", "department": department, "is_active": "y", "removed": "1"},
    )

    answer = send(admin, f"{SITE}/edit/?id={site}", {**of_site(), **rows})

    assert ("__n__" in page.partition('data-grid="working_hours"')[0], "counters-0-removed" in page) == (False, False)
    assert answer.status_code == 422
    assert counters_of(app, site) == [(1, "Quầy 1"), (2, "Quầy 2")]
    foreign = make_site_beside(app)
    taken = send(
        admin, f"{SITE}/edit/?id={site}", {**of_site(), **grid({"id": foreign, "version": 1, "name": "Của tôi"})}
    )
    assert taken.status_code == 422
    assert first
    with database_of(app) as session:
        assert session.get_one(Counter, foreign).name == "Quầy bên"


def make_site_beside(app: Flask) -> int:
    with database_of(app) as session:
        return make_row(session, Counter, name="Quầy bên", number=70).id


def test_more_than_fifty_rows_have_pages_of_their_own(app: Flask) -> None:
    site, _department, keys = make_site(app, counters=51)
    admin = client_as(app, "ADMIN")

    page = admin.get(f"{SITE}/edit/?id={site}").text
    saved = send(admin, f"{SITE}/edit/?id={site}", {**of_site(), **grid({"id": keys[0], "version": 1, "removed": "1"})})

    assert f"/admin/counter/new/?site={site}" in page
    assert f"/admin/counter/?f.site={site}" in page
    assert (saved.status_code, len(counters_of(app, site))) == (302, 51)


def test_a_copy_brings_its_children_and_leaves_out_what_is_unique(any_app: Flask) -> None:
    site, department, _keys = make_site(any_app)
    admin = client_as(any_app, "ADMIN")

    assert f"/admin/site/new/?copy={site}" in admin.get(f"{SITE}/details/?id={site}").text
    page = admin.get(f"{SITE}/new/?copy={site}")
    assert [f'value="{text}"' in page.text for text in ("Trung tâm", "TT", "Quầy 2")] == [True, False, True]
    rows = grid(*({"number": n, "name": f"Quầy {n}", "department": department, "is_active": "y"} for n in (1, 2)))
    made = send(admin, f"{SITE}/new/", {"code": "T2", "name": "Trung tâm", "unit_code": "H20", "nonce": "n", **rows})
    again = send(admin, f"{SITE}/new/", {"code": "T2", "name": "Trung tâm", "unit_code": "H20", "nonce": "n", **rows})

    assert (made.status_code, path_of(made)) == (302, path_of(again))
    with database_of(any_app) as session:
        copy = session.scalars(select(Site).where(Site.code == "T2")).one()
        assert [(c.number, c.site_id) for c in copy.counters] == [(1, copy.id), (2, copy.id)]
    assert admin.get(f"{SITE}/new/?copy=999999").status_code == 404
    assert client_as(any_app, "AUDITOR").get(f"{SITE}/new/?copy={site}").status_code == 403


def test_rules_of_the_children_hold_in_the_grid(app: Flask) -> None:
    with database_of(app) as session:
        scale = make_row(session, RatingScale)
        level = make_row(session, RatingLevel, scale=scale, value=1)
        scale_id, level_id = scale.id, level.id
        scale.state = type(scale.state)("IN_USE")
    admin = client_as(app, "ADMIN")
    place = f"/admin/rating_scale/edit/?id={scale_id}"
    page = admin.get(place).text
    prefix = "levels-0-"
    assert f'name="{prefix}wording_vi"' in page

    fields = {"name": "x", "wording_vi": "x", "wording_en": "x", "wording_zh": "x", "row_version": "2"}
    sent = {"id": level_id, "version": "1", "value": "1", "polarity": "POSITIVE", "face": "GOOD", "wording_vi": "Khác"}
    answer = send(admin, place, {**fields, "levels-n": "0", **{f"{prefix}{key}": value for key, value in sent.items()}})

    assert answer.status_code == 422
    with database_of(app) as session:
        assert session.get_one(RatingLevel, level_id).wording_vi != "Khác"
