"""Scans beside the intake form and on a dossier: attached, seen by whom they concern, ticked."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from models.audit import AuditEvent
from models.dossier import DossierDocument
from models.scan import Scan
from tests.support.browser import Browser
from tests.support.counter import Hall, make_hall
from tests.support.scans import pdf, picture

KEY = "nonce-of-the-form"


@pytest.fixture
def hall(any_app: Flask, now) -> Hall:
    return make_hall(any_app, now)


def attach(browser: Browser, *files: tuple[bytes, str], url: str = "/scans/", **fields: str):
    browser.get("/counter/")
    sent = [(BytesIO(content), name) for content, name in files]
    return browser.post(url, **{"key": KEY, **fields, "file": sent})


def test_scans_of_the_form_go_with_the_dossier_to_their_paper(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    listed = attach(
        clerk, (pdf(2), "đơn.pdf"), (b"<script>", "lừa.pdf"), (picture(), "ảnh.png"), paper=str(hall.paper_id)
    ).get_data(as_text=True)
    kept = hall.all(Scan)
    removed = clerk.post(f"/scans/{kept[1].public_id}/remove")
    refused = clerk.post("/counter/intake/", **hall.form(nonce=KEY, id_number="1")).get_data(as_text=True)
    clerk.post("/counter/intake/", **hall.form(nonce=KEY))
    (scan,), (paper,) = hall.all(Scan), hall.all(DossierDocument)

    assert [row.name for row in kept] == ["đơn.pdf", "ảnh.png"]
    assert ("lừa.pdf không phải" in listed, "ảnh.png" in removed.get_data(as_text=True)) == (True, False)
    assert f'data-scan-item="{scan.public_id}"' in refused  # nothing attached is lost by a mistake in the form
    assert (scan.dossier_id, scan.dossier_document_id) == (hall.only_dossier().id, paper.id)
    assert clerk.post(f"/scans/{scan.public_id}/remove").status_code == 409


def test_only_whom_it_concerns_sees_a_page_and_that_is_recorded(hall):
    clerk = hall.browser("clerk")
    attach(clerk, (pdf(1), "đơn.pdf"))
    address = f"/scans/{hall.all(Scan)[0].public_id}"
    officer, stranger = hall.browser("officer", at_counter=False), hall.browser("stranger", at_counter=False)
    before = [person.get(f"{address}/pages/1.jpg").status_code for person in (clerk, officer, stranger)]
    clerk.post("/counter/dealings", kind="INTAKE")
    clerk.post("/counter/intake/", **hall.form(nonce=KEY))

    page = officer.get(f"{address}/pages/1.jpg")
    after = [person.get(f"{address}/pages/1.jpg").status_code for person in (clerk, officer, stranger)]
    gone = [clerk.get(f"{address}/pages/{number}.jpg").status_code for number in (0, 2, 99)]
    unknown = clerk.get("/scans/none/pages/1.jpg").status_code

    assert (before, after, gone, unknown) == ([200, 404, 404], [200, 200, 404], [404] * 3, 404)
    assert (page.mimetype, page.headers["Cache-Control"], page.data[:3]) == ("image/jpeg", "no-store", b"\xff\xd8\xff")
    reads = [(row.entity, row.reason) for row in hall.all(AuditEvent) if row.reason == "scan"]
    assert reads == [("scan", "scan"), *[("dossier", "scan")] * 3]


def test_a_scan_is_ticked_and_added_later(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    clerk.post("/counter/intake/", **hall.form(nonce=KEY))
    place = f"/scans/dossiers/{hall.only_dossier().public_id}"
    stranger = hall.browser("stranger", at_counter=False)
    foreign = stranger.post(place, file=[(BytesIO(picture()), "x.png")]).status_code
    attach(clerk, (picture(), "ảnh.png"), url=place, paper=str(hall.all(DossierDocument)[0].id))
    (scan,) = hall.all(Scan)

    clerk.post(f"/scans/{scan.public_id}/check", is_checked="1")
    (ticked,) = hall.all(Scan)
    clerk.post(f"/scans/{scan.public_id}/check")
    (plain,) = hall.all(Scan)

    assert (foreign, scan.dossier_document_id) == (404, hall.all(DossierDocument)[0].id)
    assert (ticked.checked_at, plain.checked_at) == (hall.clock.now, None)
    assert clerk.post("/scans/", key="x").status_code == 422


def test_what_was_scanned_for_nothing_is_forgotten(hall):
    clerk = hall.browser("clerk")
    attach(clerk, (picture(), "ảnh.png"))
    hall.clock.forward(days=3)
    clerk = hall.browser("clerk")
    attach(clerk, (picture(colour="blue"), "khác.png"), key="another-form")

    assert [scan.name for scan in hall.all(Scan)] == ["khác.png"]
    assert Path(hall.app.instance_path).joinpath("uploads").is_dir()
