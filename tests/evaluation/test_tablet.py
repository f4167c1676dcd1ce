"""The tablet's endpoints: pairing, what it shows, events exactly once, and what strangers get."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.evaluation import Ask, AskState, Rating, RatingStanding, RatingText
from models.tablet import Tablet, TabletHealth
from services.asks import issue_ask, withdraw_asks
from services.tablets import revoke_tablet
from tests.support.clients import client_as
from tests.support.tablets import DEVICE, Counter3, send


@pytest.fixture
def counter(any_app, now) -> Counter3:
    return Counter3(any_app, now)


@pytest.fixture
def device(counter):
    return counter.pair()


def shown(device) -> dict | None:
    return device.get("/tablet/state", headers=DEVICE).json["ask"]


def count(counter, model) -> int:
    with counter.session() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_an_unknown_device_sees_the_pairing_page_and_nothing_else(counter):
    stranger = counter.app.test_client()

    assert "/tablet/pair" in stranger.get("/tablet/").text
    for path in ("/tablet/state", "/tablet/questionnaire"):
        assert stranger.get(path).status_code == 401
    for path in ("/tablet/events", "/tablet/heartbeat"):
        assert stranger.post(path, json={"events": []}, headers=DEVICE).status_code == 401


def test_a_wrong_code_says_what_to_do(counter):
    client = counter.app.test_client()
    token = client.get("/tablet/").text.split('name="csrf_token" value="')[1].split('"')[0]

    answer = client.post("/tablet/pair", data={"code": "ABCD-EFGH", "csrf_token": token})

    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_the_key_is_out_of_reach_of_scripts(counter):
    device = counter.pair()
    cookie = next(cookie for cookie in device._cookies.values() if "tablet" in cookie.key)

    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_the_tablet_shows_whom_it_asks_about_and_nothing_of_the_citizen(counter, device):
    token = counter.finish_dealing()

    assert device.get("/tablet/state", headers=DEVICE).json == {
        "counter": {"number": 3, "site": "Trung tâm"},
        "scale": str(counter.scale_id()),
        "ask": {
            "token": token,
            "servant": {"name": "Nguyễn Thị Minh Khai", "title": "", "portrait": "", "initials": "NK"},
            "category": "",
            "training": False,
        },
    }


def test_what_has_not_changed_is_not_sent_again(counter, device):
    first = device.get("/tablet/state", headers=DEVICE)
    again = device.get("/tablet/state", headers={**DEVICE, "If-None-Match": first.headers["ETag"]})
    counter.finish_dealing()
    changed = device.get("/tablet/state", headers={**DEVICE, "If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data, changed.status_code) == (200, 304, b"", 200)


def test_resting_costs_three_statements_a_second(counter, device, count_queries):
    with counter.app.app_context():
        engine = counter.app.extensions["sqlalchemy"].engine
    device.get("/tablet/state", headers=DEVICE)

    with count_queries(engine) as seen:
        device.get("/tablet/state", headers=DEVICE)

    selects = [statement for statement in seen if statement.startswith("SELECT")]
    assert len(selects) == 3, "\n".join(selects)


def test_the_questionnaire_speaks_three_languages(device):
    body = device.get("/tablet/questionnaire", headers=DEVICE).json

    assert [level["words"]["zh"] for level in body["scale"]["levels"]] == [
        "非常不满意",
        "不满意",
        "一般",
        "满意",
        "非常满意",
    ]
    assert set(body["words"]) == {"vi", "en", "zh"}
    assert body["words"]["vi"]["decline"] == "Không đánh giá"
    assert body["words"]["zh"]["thanks"] == "谢谢！"


def test_a_rating_with_reasons_and_words_goes_in(counter, device):
    token = counter.finish_dealing()
    same = {"rating": "rating-1", "scale": counter.scale_id()}

    statuses = send(
        device,
        counter.event(token, "SHOWN"),
        counter.event(token, "TOUCHED"),
        counter.score(token, 1),
        counter.event(token, "REASONS", reasons=["LATE"], **same),
        counter.event(token, "TEXT", text="Chờ lâu quá", **same),
    )

    assert statuses == [200] * 5
    assert shown(device) is None
    with counter.session() as session:
        ask = session.scalars(select(Ask)).one()
        standing = session.scalars(select(RatingStanding)).one()
        assert (ask.state, ask.shown_at, standing.value) == (AskState.RATED, counter.at, 1)
        assert session.scalars(select(RatingText.body)).all() == ["Chờ lâu quá"]


def test_a_repeated_batch_has_no_second_effect(counter, device):
    token = counter.finish_dealing()
    batch = [counter.event(token, "SHOWN"), counter.score(token)]

    assert (send(device, *batch), send(device, *batch), count(counter, Rating)) == ([200, 200], [200, 200], 1)


def test_another_body_a_second_rating_and_a_foreign_ask_are_refused(counter, device):
    token = counter.finish_dealing()
    first = counter.score(token)
    send(device, first)
    with counter.hall() as hall:
        dealing = hall.make_dealing(counter=hall.make_counter(9), staff=hall.make_staff("Lê Văn Bình"))
        foreign = issue_ask(hall.session, transaction=dealing, at=counter.at).token

    statuses = send(
        device,
        {**first, "level": 1},
        counter.score(token, 1, rating="rating-2"),
        counter.score(foreign, 1, rating="rating-3"),
        counter.score("made-up", 1, rating="rating-4"),
    )

    assert statuses == [422, 409, 404, 404]
    assert count(counter, Rating) == 1


def test_a_withdrawn_ask_cannot_be_answered_on_the_tablet(counter, device):
    token = counter.finish_dealing()
    with counter.session() as session:
        counter_id = session.scalars(select(Ask.counter_id)).one()
        withdraw_asks(session, counter_id=counter_id, at=counter.at, is_dealing=True)
    counter.pass_time(5)

    assert (shown(device), send(device, counter.score(token))) == (None, [410])


def test_one_bad_event_does_not_spoil_the_batch(counter, device):
    token = counter.finish_dealing()

    assert send(device, "nonsense", {"kind": "SCORE"}, counter.event(token, "RATED"), counter.score(token)) == [
        422,
        422,
        422,
        200,
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"level": "5"},
        {"level": True},
        {"level": 5.0},
        {"level": 2**70},
        {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00"},
        {"at": "0001-01-01T00:00:00+00:00"},
        {"at": None},
        {"scale": None},
        {"scale": 10**15},
        {"rating": 5},
        {"rating": ""},
        {"order": "54321"},
        {"order": [[1]]},
        {"reasons": ["LATE"]},
        {"sequence": -1},
        {"sequence": 2**63},
        {"language": "xx"},
        {"kind": "CONTACT"},
        {"kind": "NONSENSE"},
        {"kind": None},
        {"text": "\x00"},
        {"key": None},
        {"key": "k" * 500},
    ],
)
def test_nonsense_from_a_device_is_refused_and_never_a_fault(counter, device, change):
    token = counter.finish_dealing()

    assert send(device, {**counter.score(token), **change}) == [422]
    assert count(counter, Rating) == 0


@pytest.mark.parametrize("body", [None, [], {"events": None}, {"events": [{}] * 101}, {"events": {}}])
def test_a_body_that_is_no_batch_is_refused(device, body):
    assert device.post("/tablet/events", json=body, headers=DEVICE).status_code == 422


def test_other_sites_cannot_speak_for_the_tablet(counter, device):
    token = counter.finish_dealing()

    answer = device.post("/tablet/events", json={"events": [counter.score(token)]})

    assert (answer.status_code, count(counter, Rating)) == (400, 0)


def test_a_clerks_own_sign_in_opens_nothing_of_the_tablet(counter, device):
    token = counter.finish_dealing()
    clerk = client_as(counter.app, "RECEIVING_OFFICER")

    answer = clerk.post("/tablet/events", json={"events": [counter.score(token)]}, headers=DEVICE)

    assert (answer.status_code, count(counter, Rating)) == (401, 0)


def test_a_tablets_key_opens_nothing_of_the_office(device):
    for path in ("/admin/", "/admin/staff/", "/admin/tablet/"):
        assert device.get(path).status_code in (302, 303, 401, 403)


def test_revoking_ends_the_key_at_the_next_call(counter, device):
    token = counter.finish_dealing()
    assert shown(device)["token"] == token
    with counter.session() as session:
        revoke_tablet(session, tablet=session.get_one(Tablet, counter.tablet_id), at=counter.at)

    assert device.get("/tablet/state", headers=DEVICE).status_code == 401
    assert device.post("/tablet/events", json={"events": []}, headers=DEVICE).status_code == 401
    assert "/tablet/pair" in device.get("/tablet/").text


def test_a_tap_told_after_the_network_came_back_keeps_its_own_time(counter, device):
    token = counter.finish_dealing()
    tapped = counter.score(token)
    counter.pass_time(timedelta(minutes=4).total_seconds())

    assert send(device, tapped) == [200]
    with counter.session() as session:
        rating = session.scalars(select(Rating)).one()
        assert rating.recorded_at - rating.occurred_at == timedelta(minutes=4)


def test_the_tablet_says_how_it_is(counter, device):
    body = {"version": "1", "scale": "3", "queue": 2, "oldest": counter.at.isoformat(), "battery": 88, "plugged": True}

    answer = device.post("/tablet/heartbeat", json={**body, "skew": -1500}, headers=DEVICE)

    assert answer.status_code == 204
    with counter.session() as session:
        health = session.scalars(select(TabletHealth)).one()
        assert (health.queue_length, health.battery_percent, health.clock_skew_ms) == (2, 88, -1500)
        assert (health.seen_at, health.oldest_unsent_at) == (counter.at, counter.at)


@pytest.mark.parametrize("body", [[], {"queue": "2"}, {"plugged": 1}, {"oldest": "x"}, {"battery": 1.5}])
def test_a_heartbeat_that_makes_no_sense_is_refused(device, body):
    assert device.post("/tablet/heartbeat", json=body, headers=DEVICE).status_code == 422


def test_the_office_sees_how_the_tablet_is(counter, device):
    device.post("/tablet/heartbeat", json={"queue": 7, "battery": 41, "plugged": False, "skew": 2500}, headers=DEVICE)
    counter.app.config.pop("CLOCK")
    office = client_as(counter.app, "SUPERVISOR")

    page = office.get(f"/admin/tablet/details/?id={counter.tablet_id}").text

    assert "Câu trả lời chờ gửi trên máy</dt><dd>7" in page
    assert "41,00" in page
    assert "2,5 giây" in page


def test_the_office_makes_a_code_and_revokes(counter):
    counter.app.config.pop("CLOCK")
    office = client_as(counter.app, "SUPERVISOR")
    page = office.get(f"/admin/tablet/details/?id={counter.tablet_id}").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    code = office.post(f"/admin/tablet/{counter.tablet_id}/pairing-code", data={"csrf_token": token})
    revoked = office.post(f"/admin/tablet/{counter.tablet_id}/revoke", data={"csrf_token": token})
    absent = office.post("/admin/tablet/999/pairing-code", data={"csrf_token": token})

    assert (code.status_code, revoked.status_code, absent.status_code) == (200, 303, 404)
    assert re.search(r">[A-Z2-9]{4}-[A-Z2-9]{4}<", code.text)


def test_a_new_version_of_a_scale_is_made_and_shown(counter):
    counter.app.config.pop("CLOCK")
    office = client_as(counter.app, "ADMIN")
    key = counter.scale_id()
    page = office.get(f"/admin/rating_scale/details/?id={key}").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    made = office.post(f"/admin/rating_scale/{key}/new-version", data={"csrf_token": token})
    draft = int(made.headers["Location"].split("id=")[1])
    shown = office.post(f"/admin/rating_scale/{draft}/publish", data={"csrf_token": token})

    assert (made.status_code, shown.status_code, counter.scale_id()) == (303, 303, draft)
