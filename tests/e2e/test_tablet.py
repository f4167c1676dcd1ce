"""The tablet in a real browser, by touch: two taps, four taps, changes of mind, the next visitor, no network."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from models.evaluation import Ask, AskState, RatingReasonChoice, RatingStanding, RatingText
from models.organisation import Counter
from models.rating_scale import RatingReason, RatingScale
from services.asks import withdraw_asks
from services.scales import publish_scale
from tests.support.listening import listening
from tests.support.tablets import Counter3

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LYING, UPRIGHT = {"width": 1280, "height": 800}, {"width": 800, "height": 1280}
SETTLED_MS = 400
LOCK_MS = 1300


class Hall:
    """A counter whose application is served, at the time of the wall clock."""

    def __init__(self, app: Flask, address: str) -> None:
        self.counter = Counter3(app, datetime.now(UTC))
        self.address = address
        app.config.pop("CLOCK")

    def finish_dealing(self) -> str:
        self.counter.at = datetime.now(UTC)
        return self.counter.finish_dealing()

    def read(self, statement: object) -> list:
        with self.counter.session() as session:
            return list(session.scalars(statement).all())

    def wait(self, page: Page, statement: object, expected: list) -> None:
        """Wait until the database says ``expected``: the tablet sends behind the citizen's back."""
        found: list = []
        for _ in range(100):
            found = self.read(statement)
            if found == expected:
                return
            page.wait_for_timeout(100)
        assert found == expected

    def withdraw(self, *, is_dealing: bool) -> None:
        with self.counter.session() as session:
            counter_id = session.scalars(select(Counter.id)).one()
            withdraw_asks(session, counter_id=counter_id, at=datetime.now(UTC), is_dealing=is_dealing)


@pytest.fixture
def hall(app: Flask) -> Iterator[Hall]:
    with listening(app) as address:
        yield Hall(app, address)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=LYING, has_touch=True, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def complaints(context: BrowserContext) -> list[str]:
    lines: list[str] = []
    context.on("console", lambda message: lines.append(message.text) if message.type in ("error", "warning") else None)
    context.on("weberror", lambda error: lines.append(str(error.error)))
    return lines


@pytest.fixture
def pair(hall: Hall, context: BrowserContext) -> Callable[[], Page]:
    def _pair() -> Page:
        page = context.new_page()
        page.goto(f"{hall.address}/tablet/")
        page.get_by_label("Mã ghép").fill(hall.counter.pairing_code())
        page.get_by_role("button", name="Ghép").tap()
        expect(page.locator("[data-part=time]")).not_to_be_empty()
        return page

    return _pair


@pytest.fixture
def tablet(pair: Callable[[], Page]) -> Page:
    return pair()


def wait_for_ask(page: Page) -> None:
    expect(page.locator(".face").first).to_be_visible()
    page.wait_for_timeout(SETTLED_MS)


def rest(page: Page) -> None:
    expect(page.locator(".rest-counter")).to_be_visible(timeout=15_000)


def test_a_happy_citizen_needs_one_tap_and_goes(hall: Hall, tablet: Page, complaints: list[str]) -> None:
    rest(tablet)
    hall.finish_dealing()
    expect(tablet.get_by_text("Nguyễn Thị Minh Khai")).to_be_visible()
    wait_for_ask(tablet)

    tablet.get_by_role("button", name="Rất hài lòng", exact=True).tap()

    expect(tablet.get_by_text("Xin cảm ơn!")).to_be_visible()
    hall.wait(tablet, select(RatingStanding.value), [5])
    rest(tablet)
    assert hall.read(select(Ask.state)) == [AskState.RATED]
    assert complaints == []


def test_an_unhappy_one_says_why_in_three_more(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.get_by_role("button", name="Rất không hài lòng").tap()
    expect(tablet.get_by_text("Điều gì chưa tốt?")).to_be_visible()
    tablet.wait_for_timeout(SETTLED_MS)

    tablet.get_by_role("button", name="Chờ lâu, trễ hẹn").tap()
    tablet.get_by_role("button", name="Ý kiến khác").tap()
    tablet.get_by_label("Ý kiến của Ông/Bà").fill("Chờ ba giờ")
    tablet.get_by_role("button", name="Gửi").tap()

    hall.wait(tablet, select(RatingText.body), ["Chờ ba giờ"])
    hall.wait(tablet, select(RatingReason.code).join(RatingReasonChoice), ["LATE"])
    rest(tablet)
    assert tablet.locator("textarea").input_value() == ""


def test_a_change_of_mind_within_eight_seconds_counts(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.get_by_role("button", name="Bình thường").tap()
    tablet.wait_for_timeout(LOCK_MS)
    tablet.locator("[data-screen=thanks] [data-act=undo]").tap()
    wait_for_ask(tablet)

    tablet.get_by_role("button", name="Hài lòng", exact=True).tap()

    hall.wait(tablet, select(RatingStanding.value), [4])
    expect(tablet.get_by_text("Xin cảm ơn!")).to_be_visible()


def test_the_change_is_offered_for_eight_seconds_only(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.get_by_role("button", name="Không hài lòng", exact=True).tap()

    expect(tablet.locator("[data-screen=reasons] [data-act=undo]")).to_be_visible()
    expect(tablet.locator("[data-screen=reasons] [data-act=undo]")).to_be_hidden(timeout=10_000)
    hall.wait(tablet, select(RatingStanding.value), [2])


def test_a_double_tap_is_one_rating_and_hits_nothing_behind_it(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    place = tablet.get_by_role("button", name="Rất không hài lòng").bounding_box()
    assert place is not None
    for _ in range(3):
        tablet.touchscreen.tap(place["x"] + 100, place["y"] + 60)

    hall.wait(tablet, select(RatingStanding.value), [1])
    assert tablet.locator(".reason[aria-pressed=true]").count() == 0


def test_the_next_dealing_clears_the_tablet_within_a_second(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)

    hall.withdraw(is_dealing=True)

    expect(tablet.locator(".rest-counter")).to_be_visible(timeout=1500)
    assert hall.read(select(Ask.state)) == [AskState.WITHDRAWN]


def test_calling_the_next_too_soon_does_not_clear_it(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)

    hall.withdraw(is_dealing=False)
    tablet.wait_for_timeout(2500)

    expect(tablet.locator(".face").first).to_be_visible()


def test_who_does_not_want_to_rate_is_left_alone(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)

    tablet.get_by_role("button", name="Không đánh giá").tap()

    rest(tablet)
    hall.wait(tablet, select(Ask.state), [AskState.DECLINED])
    tablet.wait_for_timeout(2000)
    expect(tablet.locator(".rest-counter")).to_be_visible()


def test_untouched_it_goes_back_to_rest_after_ninety_seconds(hall: Hall, context: BrowserContext, pair) -> None:
    context.clock.install()
    tablet = pair()
    hall.finish_dealing()
    wait_for_ask(tablet)

    tablet.clock.fast_forward(88_000)
    expect(tablet.locator(".face").first).to_be_visible()
    tablet.clock.fast_forward(3_000)

    rest(tablet)
    hall.wait(tablet, select(Ask.state), [AskState.TIMED_OUT])


def test_a_citizen_who_walks_away_is_warned_and_leaves_nothing_behind(
    hall: Hall, context: BrowserContext, pair
) -> None:
    context.clock.install()
    tablet = pair()
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.get_by_role("button", name="Rất không hài lòng").tap()
    tablet.wait_for_timeout(SETTLED_MS)
    tablet.get_by_role("button", name="Ý kiến khác").tap()
    tablet.get_by_label("Ý kiến của Ông/Bà").fill("Chưa viết xong")

    tablet.clock.fast_forward(46_000)
    expect(tablet.get_by_text("Ông/Bà còn ở đây không?")).to_be_visible()
    tablet.wait_for_timeout(SETTLED_MS)
    tablet.get_by_role("button", name="Tôi cần thêm thời gian").tap()
    expect(tablet.get_by_text("Ông/Bà còn ở đây không?")).to_be_hidden()
    tablet.clock.fast_forward(66_000)

    rest(tablet)
    assert tablet.locator("textarea").input_value() == ""
    hall.wait(tablet, select(RatingStanding.value), [1])
    assert hall.read(select(RatingText.body)) == []


def test_without_a_network_the_answer_is_kept_and_sent_later(hall: Hall, context: BrowserContext, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    context.set_offline(True)

    tablet.get_by_role("button", name="Hài lòng", exact=True).tap()
    expect(tablet.get_by_text("Xin cảm ơn!")).to_be_visible()
    tablet.wait_for_timeout(1500)
    assert hall.read(select(RatingStanding.value)) == []
    tablet.close()  # the browser dies with the answer on board
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{hall.address}/tablet/")

    hall.wait(again, select(RatingStanding.value), [4])


def test_language_is_chosen_for_one_citizen_and_forgotten(hall: Hall, tablet: Page) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.get_by_role("button", name="English").tap()
    expect(tablet.get_by_text("How satisfied are you with today's service?")).to_be_visible()
    assert tablet.evaluate("document.documentElement.lang") == "en"

    tablet.get_by_role("button", name="I do not want to rate").tap()

    rest(tablet)
    assert tablet.evaluate("document.documentElement.lang") == "vi"


@pytest.mark.parametrize("code", ["FIVE", "FOUR", "THREE"])
def test_every_point_of_every_preset_can_be_tapped(hall: Hall, pair, code: str) -> None:
    with hall.counter.session() as session:
        scale = session.scalars(select(RatingScale).where(RatingScale.code == code)).one()
        if not scale.is_default:
            publish_scale(session, scale=scale, at=datetime.now(UTC))
        values = [level.value for level in scale.levels]
    tablet = pair()

    for index in range(len(values)):
        hall.finish_dealing()
        wait_for_ask(tablet)
        tablet.locator(".face").nth(index).tap()
        hall.wait(tablet, select(RatingStanding.value).order_by(RatingStanding.rating_id), values[: index + 1])
        tablet.wait_for_timeout(SETTLED_MS)
        if tablet.locator("[data-act=skip]").is_visible():
            tablet.locator("[data-act=skip]").tap()
        tablet.wait_for_timeout(2100)


@pytest.mark.parametrize("viewport", [LYING, UPRIGHT], ids=["lying", "upright"])
def test_targets_are_large_enough_for_a_standing_hand(hall: Hall, tablet: Page, viewport: dict[str, int]) -> None:
    tablet.set_viewport_size(viewport)
    hall.finish_dealing()
    wait_for_ask(tablet)

    faces = [face.bounding_box() for face in tablet.locator(".face").all()]
    assert all(min(face["width"], face["height"]) >= 190 for face in faces)
    assert all(face["y"] + face["height"] <= viewport["height"] for face in faces)
    assert len({(face["width"], face["height"]) for face in faces}) == 1
    for button in tablet.locator("[data-screen=ask] .plain").all():
        place = button.bounding_box()
        assert place["height"] >= 94
        assert place["y"] + place["height"] <= viewport["height"]
    tablet.locator(".face").first.tap()
    tablet.wait_for_timeout(SETTLED_MS)
    assert all(reason.bounding_box()["height"] >= 126 for reason in tablet.locator(".reason").all())


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
def test_axe_finds_nothing_in_any_language(hall: Hall, tablet: Page, language: str) -> None:
    hall.finish_dealing()
    wait_for_ask(tablet)
    tablet.locator(f"[data-language={language}]").tap()
    tablet.wait_for_timeout(SETTLED_MS)
    found = [Axe().run(tablet).response["violations"]]
    tablet.locator(".face").first.tap()
    tablet.wait_for_timeout(SETTLED_MS)
    found.append(Axe().run(tablet).response["violations"])

    assert [[violation["id"] for violation in violations] for violations in found] == [[], []]


def test_the_first_load_is_small(hall: Hall, context: BrowserContext, pair) -> None:
    sizes: dict[str, int] = {}
    context.on("response", lambda response: sizes.update({response.url: 0}) if response.status == 200 else None)
    tablet = pair()
    hall.finish_dealing()
    wait_for_ask(tablet)
    own = [url for url in sizes if url.startswith(hall.address) and not url.endswith((".woff2", "/tablet/pair"))]
    assert own == [url for url in sizes if not url.endswith((".woff2", "/tablet/pair"))], "another host was asked"

    for url in {url for url in sizes if "/static/" in url}:
        body = context.request.get(url).body()
        sizes[url] = len(body) if url.endswith(".woff2") else len(gzip.compress(body))

    assert sum(sizes.values()) <= 150_000, sizes
