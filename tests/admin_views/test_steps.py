"""Passing dossiers on, asking others, many at once, notes and the bell, as a browser meets them."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from admin_views.dossier_steps import STEP_ACTS
from models.consultation import Opinion, RequestState, Transfer
from models.dossier import Dossier, DossierEvent
from models.handover_list import HandoverList, HandoverState
from models.notice import Follow, Note, NoteErrand, Notification
from models.organisation import Department
from models.states import DossierState, EventKind
from tests.admin_views.test_work import receive, text
from tests.support.browser import database_of
from tests.support.clients import make_user
from tests.support.counter import Hall, make_hall

S = DossierState


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def add_person(hall: Hall, name: str, role: str, code: str) -> None:
    with database_of(hall.app) as session:
        department = session.scalars(select(Department).where(Department.code == code)).one()
        hall.users[name] = make_user(session, role, department=department, name=name).id


def states(hall: Hall) -> list[DossierState]:
    return [dossier.state for dossier in sorted(hall.all(Dossier), key=lambda dossier: dossier.id)]


def department_key(hall: Hall, code: str) -> int:
    with database_of(hall.app) as session:
        return session.scalars(select(Department.id).where(Department.code == code)).one()


def test_a_dossier_is_passed_on_and_the_next_one_comes(hall):
    receive(hall, 2)
    officer, head = hall.browser("officer", at_counter=False), hall.browser("head", at_counter=False)
    first, second = sorted(dossier.id for dossier in hall.all(Dossier))
    for key in (first, second):
        officer.post(f"/work/dossiers/{key}/start")

    page = text(officer.get(f"/work/dossiers/{first}/pass"))
    on = officer.post(f"/work/dossiers/{first}/pass", way="submit", opinion="Đủ điều kiện", then="next")
    back = head.post(f"/work/dossiers/{first}/pass", way="rework", opinion=" ")
    done = head.post(f"/work/dossiers/{first}/finish", outcome="GRANTED", then="next")

    assert "Trình phê duyệt" in page
    assert on.location.endswith(f"id={second}")
    assert (back.status_code, "Hãy nhập lý do" in text(back)) == (422, True)
    assert done.location.endswith("/work/?heap=mine")
    assert states(hall) == [S.DECIDED, S.PROCESSING]


def test_an_opinion_and_a_transfer_go_there_and_back(hall):
    add_person(hall, "justice", "DEPARTMENT_HEAD", "H19.08")
    receive(hall)
    officer, other = hall.browser("officer", at_counter=False), hall.browser("justice", at_counter=False)
    key, justice = hall.only_dossier().id, department_key(hall, "H19.08")
    officer.post(f"/work/dossiers/{key}/start")

    empty = officer.post(f"/work/dossiers/{key}/ask", question="Ý kiến?", by_date="2017-05-22")
    asked = officer.post(f"/work/dossiers/{key}/ask", department=justice, question="Ý kiến?", by_date="2017-05-22")
    (opinion,) = hall.all(Opinion)
    bell = text(other.get("/notes/bell"))
    foreign = officer.post(f"/requests/opinion/{opinion.id}/answer", text="Tự trả lời")
    silent = other.post(f"/requests/opinion/{opinion.id}/answer", text=" ")
    other.post(f"/requests/opinion/{opinion.id}/answer", text="Đồng ý")
    sent = officer.post(f"/work/dossiers/{key}/lend", department=justice, purpose="Xác minh", by_date="2017-05-23")
    (transfer,) = hall.all(Transfer)
    other.post(f"/requests/transfer/{transfer.id}/acknowledge")
    other.post(f"/requests/transfer/{transfer.id}/return", text="Đã xác minh")

    assert (empty.status_code, asked.status_code, sent.status_code) == (422, 303, 303)
    assert "xin ý kiến về hồ sơ H19.07-170517-0001" in bell
    assert (foreign.status_code, silent.status_code) == (403, 422)
    assert [row.state for row in (*hall.all(Opinion), *hall.all(Transfer))] == [RequestState.DONE] * 2
    assert hall.only_dossier().holder_id == department_key(hall, "H19.07")
    page = text(officer.get(f"/admin/dossier/details/?id={key}"))
    assert ("Đồng ý" in page, "Đã xác minh" in page) == (True, True)


def test_many_are_looked_at_and_then_approved(hall):
    receive(hall, 3)
    officer = hall.browser("officer", at_counter=False)
    keys = sorted(dossier.id for dossier in hall.all(Dossier))
    for key in keys[:2]:
        officer.post(f"/work/dossiers/{key}/start")
    officer.get("/work/?heap=process")

    none = officer.post("/work/many/preview", act="approve")
    preview = text(officer.post("/work/many/preview", act="approve", key=[*keys, "9999", "x"]))
    untouched = states(hall)
    versions = {f"version-{dossier.id}": dossier.row_version for dossier in hall.all(Dossier)}
    done = text(officer.post("/work/many/do", act="approve", key=keys, **versions))
    twice = text(officer.post("/work/many/do", act="approve", key=keys, **versions))

    assert none.status_code == 303
    assert untouched == [S.PROCESSING, S.PROCESSING, S.ACCEPTED]
    assert ("Phê duyệt, có kết quả (2)" in preview, "Hồ sơ đã được tiếp nhận:" in preview) == (True, True)
    assert ("Đã xong 2 trên 3" in done, "Đã xong 0 trên 3" in twice) == (True, True)
    assert states(hall) == [S.DECIDED, S.DECIDED, S.ACCEPTED]
    assert officer.post("/work/many/preview", act="fly", key=keys).status_code == 400


def test_the_load_of_a_department_is_shown_and_handed_over(hall):
    receive(hall, 2)
    officer, head = hall.browser("officer", at_counter=False), hall.browser("head", at_counter=False)
    for dossier in hall.all(Dossier):
        officer.post(f"/work/dossiers/{dossier.id}/start")
    leaver = hall.all(Dossier)[0].responsible_id

    page = text(head.get("/work/loads"))
    nobody = head.post("/work/loads", department=department_key(hall, "H19.07"), leaver=leaver)
    moved = head.post("/work/loads", department=department_key(hall, "H19.07"), leaver=leaver, successor=leaver + 1)

    assert ("Nguyễn Văn 2" in page, nobody.status_code, moved.status_code) == (True, 422, 303)
    assert {dossier.responsible_id for dossier in hall.all(Dossier)} == {leaver + 1}
    head.post(f"/work/dossiers/{hall.all(Dossier)[0].id}/release")
    assert "Chia việc chưa ai nhận" in text(head.get("/work/loads"))
    assert head.post("/work/loads/share", department=department_key(hall, "H19.07")).status_code == 303
    assert sorted(dossier.responsible_id for dossier in hall.all(Dossier)) == [leaver, leaver + 1]
    assert head.post("/work/loads/share", department=department_key(hall, "H19.08")).status_code == 404
    assert head.get(f"/work/loads?department={department_key(hall, 'H19.08')}").status_code == 404


def test_notes_mention_ask_follow_and_stay_inside(hall):
    add_person(hall, "thu.le", "DEPARTMENT_HEAD", "H19.07")
    receive(hall)
    officer, head = hall.browser("officer", at_counter=False), hall.browser("thu.le", at_counter=False)
    dossier = hall.only_dossier()
    address = f"/notes/dossier/{dossier.id}"

    officer.get(f"/admin/dossier/details/?id={dossier.id}")
    for _ in range(2):
        officer.post(address, body="Nhờ @thu.le xem giúp", audience="OFFICE", nonce="n1")
    asked = officer.post(address, body="Gấp trong hôm nay", audience="OFFICE", assignee="@Thu.Le")
    assert asked.status_code == 303, text(asked)
    officer.post(address, body="Mời anh/chị bổ sung ảnh", audience="APPLICANT")
    wrong = officer.post(address, body="Nhờ @khong.co ai đó", audience="OFFICE")
    blind = officer.post(address, body="@user4 xem nhé", audience="OFFICE")
    long = officer.post(address, body="a" * 4001, audience="OFFICE")
    page = text(head.get(f"/admin/dossier/details/?id={dossier.id}"))
    bell = text(head.get("/notes/bell"))
    digest = text(head.get("/notes/digest"))
    slip = text(hall.browser("stranger", at_counter=False).get(f"/slip/{dossier.slip_token}"))

    assert (wrong.status_code, blind.status_code, long.status_code) == (422, 422, 422)
    assert ("Nhờ @khong.co ai đó" in text(wrong), "không được xem mục này" in text(blind)) == (True, True)
    assert [(note.body, note.audience.value) for note in hall.all(Note)] == [
        ("Nhờ @thu.le xem giúp", "OFFICE"), ("Gấp trong hôm nay", "OFFICE"), ("Mời anh/chị bổ sung ảnh", "APPLICANT"),
    ]  # fmt: skip
    assert ("Nhờ @thu.le xem giúp" in page, "nhắc đến bạn" in bell, "nhờ bạn" in digest) == (True, True, True)
    assert ("Mời anh/chị bổ sung ảnh" in slip, "@thu.le" in slip) == (True, False)
    (errand,) = hall.all(NoteErrand)
    head.get(f"/admin/dossier/details/?id={dossier.id}")
    head.post(f"/notes/errands/{errand.id}/done")
    head.post(f"{address}/follow", on="1")
    officer.post(address, body="Xong chưa?", audience="OFFICE")
    hall.clock.forward(minutes=1)
    (first, *_) = [row for row in hall.all(Notification) if row.user_id == hall.users["thu.le"]]
    opened = head.post(f"/notes/bell/{first.id}")
    head.post("/notes/bell/read")

    assert (len(hall.all(NoteErrand)), hall.all(NoteErrand)[0].done_at is not None) == (1, True)
    assert opened.location.endswith(f"/admin/dossier/details/?id={dossier.id}")
    assert [row.read_at is None for row in hall.all(Notification) if row.user_id == hall.users["thu.le"]] == [False] * 3
    head.post(f"{address}/follow", on="0")
    assert [row.user_id for row in hall.all(Follow)] == [hall.users["officer"]]


def test_nothing_of_it_reaches_another_department(hall):
    receive(hall)
    officer, stranger = hall.browser("officer", at_counter=False), hall.browser("stranger", at_counter=False)
    key, transport = hall.only_dossier().id, department_key(hall, "H19.07")
    officer.post(f"/work/dossiers/{key}/start")
    officer.post(f"/work/dossiers/{key}/ask", department=transport + 1, question="?", by_date="2017-05-22")
    officer.post(f"/notes/dossier/{key}", body="Riêng tư", audience="OFFICE")
    (opinion,) = hall.all(Opinion)
    before = len(hall.all(Note))

    roads = [("POST", "/notes/dossier/{}"), ("POST", "/notes/dossier/{}/follow")]
    roads += [(method, f"/work/dossiers/{{}}/{act.key}") for act in STEP_ACTS for method in ("GET", "POST")]
    roads += [(method, "/requests/opinion/{}/answer") for method in ("GET", "POST")]
    roads += [(method, "/requests/opinion/{}/withdraw") for method in ("GET", "POST")]
    for method, road in roads:
        here, nowhere = (road.format(number) for number in (opinion.id if "opinion" in road else key, 999))
        fields = {"body": "a", "text": "a", "way": "submit"}
        answers = [
            stranger.get(place) if method == "GET" else stranger.post(place, **fields) for place in (here, nowhere)
        ]
        assert answers[0].status_code == answers[1].status_code, road
        assert answers[0].status_code in (403, 404)
    assert (len(hall.all(Note)), hall.only_dossier().step_id) == (before, hall.only_dossier().step_id)
    assert hall.all(Opinion)[0].state is RequestState.SENT


@pytest.mark.parametrize("query", ["person=x", "person=9" * 3, "department=%00", "heap=take&person=1", "heap=soon"])
def test_no_narrowing_breaks_the_list(hall, query):
    assert hall.browser("officer", at_counter=False).get(f"/work/?{query}").status_code == 200


def test_deadlines_climb_and_are_dealt_with(hall, now):
    receive(hall)
    with database_of(hall.app) as session:
        dossier = session.scalars(select(Dossier)).one()
        assert dossier.due_at is not None
        hall.clock.now = dossier.due_at + timedelta(hours=1)
    runner = hall.app.test_cli_runner()
    first = runner.invoke(args=["escalate", "--at", hall.clock.now.isoformat()])
    second = runner.invoke(args=["escalate", "--at", hall.clock.now.isoformat()])

    assert (first.output, second.output) == ("1 escalations.\n", "0 escalations.\n")
    head = hall.browser("head", at_counter=False)
    page = text(head.get("/admin/escalation/"))
    assert "Quá hạn" in page
    handled = head.post("/requests/escalation/1/handle", text="Đã giao người khác")
    assert handled.status_code == 303
    assert head.post("/requests/escalation/1/handle", text="Lần nữa").status_code == 409


def test_papers_are_scanned_at_both_ends_and_the_missing_are_raised(hall):
    add_person(hall, "there", "PROCESSING_OFFICER", "H19.08")
    receive(hall, 3)
    officer, other = hall.browser("officer", at_counter=False), hall.browser("there", at_counter=False)
    sender, target = (department_key(hall, code) for code in ("H19.07", "H19.08"))
    codes = [f"H19.07-170517-000{number}" for number in (1, 2, 3)]

    nowhere = officer.post("/handover-lists/new", sender=sender, target=sender)
    begun, again = (officer.post("/handover-lists/new", sender=sender, target=target, nonce="n2") for _ in range(2))
    page = begun.location
    empty = officer.post(page, act="send")
    slips = {dossier.code: f"http://localhost/slip/{dossier.slip_token}" for dossier in hall.all(Dossier)}
    read = (codes[0].lower(), slips[codes[1]], codes[2], codes[0], "H0-1")
    scans = [officer.post(page, code=code).status_code for code in read]
    (*_, third) = sorted(dossier.id for dossier in hall.all(Dossier))
    foreign = other.post(page, code=codes[0])
    officer.post(page, act="remove", dossier=third)
    officer.post(page, code=codes[2])
    officer.post(page, act="send")
    late = officer.post(page, code=codes[0])
    other.get(page)
    arrived = [
        other.post(page, code=code, remark=remark).status_code
        for code, remark in ((codes[0], ""), (codes[1], "Thiếu ảnh"), ("H0-1", ""))
    ]
    other.post(page, act="finish")

    assert (nowhere.status_code, begun.status_code, empty.status_code, late.status_code) == (422, 303, 422, 403)
    assert again.location == begun.location
    assert (scans, foreign.status_code) == ([303, 303, 303, 409, 422], 403)
    assert arrived == [303, 303, 422]
    (handover,) = hall.all(HandoverList)
    assert (handover.number, handover.state, handover.item_count, handover.missing_count) == (
        "BG-H19.07-170517-001", HandoverState.RECEIVED, 3, 2,
    )  # fmt: skip
    told = [row.message_values for row in hall.all(Notification) if row.user_id == hall.users["officer"]]
    assert told == [{"number": handover.number, "missing": f"{codes[1]}, {codes[2]}"}]
    kinds = [event.kind for event in sorted(hall.all(DossierEvent), key=lambda event: event.id)]
    assert (kinds.count(EventKind.PAPERS_SENT), kinds.count(EventKind.PAPERS_MISSING)) == (3, 2)
    assert "Nguyễn Văn" in text(officer.get(f"{page}/print"))
    stranger = hall.browser("stranger", at_counter=False)
    assert {stranger.get(f"/handover-lists/{key}").status_code for key in (999,)} == {404}
