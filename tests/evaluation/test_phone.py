"""The ask on a citizen's own phone: once, by whoever holds the slip, without a script."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.evaluation import Ask, AskState, Rating, RatingReasonChoice, RatingStanding, RatingText, Surface
from models.rating_scale import RatingReason
from services.asks import issue_ask
from tests.support.dossiers import make_bare_dossier
from tests.support.tablets import Counter3, send


@pytest.fixture
def counter(any_app, now) -> Counter3:
    return Counter3(any_app, now)


@pytest.fixture
def token(counter) -> str:
    return counter.finish_dealing()


class Phone:
    """A browser without scripts: it reads the form of an act and sends it."""

    def __init__(self, counter: Counter3, token: str) -> None:
        self.client = counter.app.test_client()
        self.path = f"/rate/{token}"

    def open(self):
        return self.client.get(self.path)

    def form(self, act: str) -> dict[str, str]:
        for form in re.findall(r"<form.*?</form>", self.open().text, re.S):
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
            if fields.get("act") == act:
                return fields
        raise AssertionError(f"no form {act!r} on the page")

    def do(self, which: str, **fields):
        return self.send({**self.form(which), **fields})

    def send(self, fields):
        return self.client.post(self.path, data=fields, follow_redirects=True)


@pytest.fixture
def phone(counter, token) -> Phone:
    return Phone(counter, token)


def standing(counter) -> tuple[int | None, Surface]:
    with counter.session() as session:
        return session.execute(
            select(RatingStanding.value, Rating.surface).join(Rating, Rating.id == RatingStanding.rating_id)
        ).one()


def test_one_tap_rates_and_says_thanks(counter, phone):
    answer = phone.do("score", level="5")

    assert "<h1>Xin cảm ơn!</h1>" in answer.text
    assert standing(counter) == (5, Surface.PHONE)


def test_a_bad_rating_may_say_why(counter, phone):
    answer = phone.do("score", level="1")
    assert "<h1>Điều gì chưa tốt?</h1>" in answer.text

    phone.do("reasons", reason=["LATE", "MONEY"], text="Chờ lâu quá")

    with counter.session() as session:
        assert session.scalars(select(RatingText.body)).all() == ["Chờ lâu quá"]
        codes = select(RatingReason.code).join(RatingReasonChoice).order_by(RatingReason.code)
        assert session.scalars(codes).all() == ["LATE", "MONEY"]


def test_the_same_form_twice_counts_once(counter, phone):
    form = {**phone.form("score"), "level": "4"}

    first, second = phone.send(form), phone.send(form)

    assert (first.status_code, second.status_code) == (200, 200)
    assert standing(counter) == (4, Surface.PHONE)


def test_within_eight_seconds_a_rating_can_be_changed(counter, phone):
    phone.do("score", level="1")
    counter.pass_time(5)
    phone.do("change")
    phone.do("score", level="5")

    assert standing(counter) == (5, Surface.PHONE)


def test_after_eight_seconds_it_stands(counter, phone):
    phone.do("score", level="1")
    form = phone.form("change")
    counter.pass_time(9)

    answer = phone.send(form)

    assert (answer.status_code, "Đã quá tám giây" in answer.text) == (422, True)
    assert standing(counter) == (1, Surface.PHONE)


def test_another_phone_finds_it_rated(counter, token, phone):
    other = Phone(counter, token)
    form = {**other.form("score"), "level": "1"}
    phone.do("score", level="5")

    answers = [other.open(), other.send(form)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "đã được đánh giá" in answers[0].text
    assert standing(counter) == (5, Surface.PHONE)


def test_the_tablet_was_first(counter, token, phone):
    send(counter.pair(), counter.score(token, 5))

    assert phone.open().status_code == 409


def test_the_slip_stays_open_for_seven_days(counter, token, phone):
    send(counter.pair(), counter.event(token, "DECLINED"))
    counter.pass_time(timedelta(days=6, hours=23).total_seconds())
    assert phone.open().status_code == 200

    counter.pass_time(timedelta(hours=2).total_seconds())
    assert phone.open().status_code == 410


def test_another_person_served_them(counter, phone):
    answer = phone.do("wrong")

    assert "Cảm ơn Ông/Bà đã cho biết" in answer.text
    with counter.session() as session:
        assert session.scalars(select(Ask.state)).all() == [AskState.VOIDED]
        assert session.scalars(select(Rating)).all() == []


@pytest.mark.parametrize("token_tried", ["made-up", "x" * 200, "%00", "..%2f"])
def test_a_made_up_address_leads_nowhere(counter, token_tried):
    answer = counter.app.test_client().get(f"/rate/{token_tried}")

    assert answer.status_code == 404


@pytest.mark.parametrize("fields", [{"level": "9"}, {"level": "x"}, {"level": ""}, {"act": "nonsense"}, {"level": "²"}])
def test_a_broken_form_is_refused(counter, phone, fields):
    assert phone.do("score", **{"level": "5", **fields}).status_code == 422


def test_a_form_of_another_site_is_refused(counter, phone):
    assert phone.client.post(phone.path, data={"act": "score", "level": "5", "key": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("vi", "Ông/Bà có hài lòng với sự phục vụ hôm nay không?"),
        ("en", "How satisfied are you with today&#39;s service?"),
        ("zh", "您对今天的服务满意吗？"),
    ],
)
def test_the_phone_speaks_three_languages(phone, language, question):
    phone.client.set_cookie("language", language)

    page = phone.open().text

    assert f"<h1>{question}</h1>" in page
    assert f'<html lang="{language}"' in page


def test_the_slip_leads_to_the_ask_and_does_not_tell_whether_it_was_answered(counter):
    with counter.hall() as hall:
        dossier = make_bare_dossier(hall.session, hall.site, counter.at)
        dealing = hall.make_dealing(at=counter.at, dossier=dossier)
        token = issue_ask(hall.session, transaction=dealing, at=counter.at).token
        slip = f"/slip/{dossier.slip_token}"
    reader = counter.app.test_client()

    before = reader.get(slip).text
    Phone(counter, token).do("score", level="5")
    after = reader.get(slip).text
    counter.pass_time(timedelta(days=8).total_seconds())
    late = reader.get(slip).text

    assert [f'href="/rate/{token}"' in page for page in (before, after, late)] == [True, True, False]
