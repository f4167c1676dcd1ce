"""The main job from end to end, at a clerk's desktop and the tablet beside it, on both databases."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect
from pypdf import PdfReader
from statsmodels.stats.proportion import proportion_confint

from tests.support.office import CLERK, LEVELS, PORTRAIT, SILENT, Office, make_office
from tests.support.people import PASSWORD
from tests.support.server import Server, serving
from tests.support.watched import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# A Wednesday before two holidays and a weekend. 3.5 working days of 480 minutes from 14:00 on are 180 minutes of that
# day, 480 on Monday 4 May, 480 on the 5th, 480 on the 6th, and 60 from 07:00 on of Thursday the 7th.
RECEIVED = datetime(2026, 4, 29, 14, 0, tzinfo=HANOI)
DUE = "08:00 07/05/2026"
CODE = "H19.07-260429-0001"
CITIZEN = "Trần Thị Hồng Nhung"
ID_NUMBER = "075190000123"
CARD = f"{ID_NUMBER}||{CITIZEN}|02031990|Nữ|12 Phạm Văn Thuận, Biên Hòa|01012021"  # what a scanner types from its code
COMMENT = "Chị hướng dẫn không rõ, tôi phải hỏi lại"
HIDDEN_FROM_SERVANTS = (COMMENT, "Hướng dẫn không rõ")
SETTLED_MS = 400  # touches of a screen's first 300 ms belong to the screen before

Arrive = Callable[..., Person]


@dataclass
class World:
    """Everybody and everything that takes part; ``asks`` are the tokens the tablet was given, in their order."""

    office: Office
    server: Server
    arrive: Arrive
    clerk: Person = field(init=False)
    tablet: Person = field(init=False)
    supervisor: Person = field(init=False)
    asks: list[str] = field(default_factory=list)


@pytest.fixture
def world(database_url: str, tmp_path: Path, arrive: Arrive) -> Iterator[World]:
    office = make_office(database_url, RECEIVED)
    with serving(database_url, tmp_path / "instance", at=RECEIVED) as server:
        yield World(office, server, arrive)


def test_the_main_job(world: World) -> None:
    pair_the_tablet(world)
    open_the_counter(world)
    receive_by_keyboard(world)
    read_the_receipt(world)
    finish_as_specialist(world)
    hand_the_result_over(world)
    rate_well_in_two_taps(world)
    refuse_a_second_rating(world)
    rate_badly_in_four_taps(world)
    withdraw_by_calling_the_next(world)
    keep_reviews_from_the_servant(world)
    review_as_supervisor(world)
    print_the_month_and_verify(world)

    assert world.clerk.presses() == 0, "the clerk needed a mouse"


def pair_the_tablet(world: World) -> None:
    """The supervisor adds a tablet for the counter; its one-time code is typed on the device."""
    world.supervisor = person = world.arrive("supervisor", world.server.address)
    person.sign_in("giamsat", PASSWORD)
    page = person.go("/admin/tablet/new/")
    page.get_by_role("textbox", name="Tên").fill(f"Quầy {world.office.counter_number}")
    page.get_by_role("combobox", name="Quầy").fill(str(world.office.counter_number))
    page.get_by_role("option", name=f"{world.office.counter_number} ·").click()
    person.look("new-tablet")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("button", name="Mã ghép").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Mã ghép cho Quầy {world.office.counter_number}")
    person.look("pairing-code")
    code = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page.locator("main").inner_text())
    assert code is not None

    world.tablet = device = world.arrive("tablet", world.server.address, "tablet")
    device.context.clock.install(time=world.server.now)
    device.go("/tablet/")
    device.look("pair")
    device.page.get_by_role("textbox", name="Mã ghép").fill(code.group())
    device.page.get_by_role("button", name="Ghép").tap()
    expect_rest(world)
    device.look("rest")


def tablet_screen(world: World) -> str:
    return world.tablet.page.locator("main").get_attribute("data-now") or ""


def expect_rest(world: World, timeout: float = 5000) -> None:
    expect(world.tablet.page.locator("main[data-tablet]")).to_have_attribute("data-now", "rest", timeout=timeout)


def expect_ask(world: World) -> None:
    """Wait until the tablet asks, and see that it names and shows the servant."""
    page = world.tablet.page
    expect(page.locator("main[data-tablet]")).to_have_attribute("data-now", "ask")
    expect(page.locator("[data-part=name]")).to_have_text(CLERK)
    portrait = page.locator("[data-part=portrait]")
    expect(portrait).to_be_visible()
    expect(portrait).to_have_attribute("src", re.compile(rf"/{PORTRAIT}\.svg$"))
    assert portrait.evaluate("image => image.complete && image.naturalWidth > 0")
    token = wanted_ask(world)
    assert token is not None
    if token not in world.asks:
        world.asks.append(token)
    page.wait_for_timeout(SETTLED_MS)


def wanted_ask(world: World) -> str | None:
    """Return the token of the ask that the centre wants shown at this moment."""
    shown = world.tablet.fetch("/tablet/state").json()["ask"]
    return None if shown is None else shown["token"]


def open_the_counter(world: World) -> None:
    """The clerk signs in, takes the counter, gives three tickets and calls the first, all by keyboard."""
    world.clerk = clerk = world.arrive("clerk", world.server.address)
    clerk.sign_in("khai.ntm", PASSWORD)
    expect(clerk.page.get_by_role("heading", level=1)).to_have_text("Chọn quầy của bạn")
    clerk.look("choose-counter")
    clerk.tab_to(clerk.page.locator("button.counter", has_text=str(world.office.counter_number)))
    clerk.press("Enter", re.compile(r"/counter/$"))
    for number in (1, 2, 3):
        clerk.tab_to(clerk.page.locator("summary", has_text="Cấp số thứ tự"))
        clerk.page.keyboard.press("Enter")
        clerk.tab_to(clerk.page.get_by_role("button", name="Cấp số thứ tự"))
        clerk.press("Enter", re.compile(r"/counter/$"))
        expect(clerk.page.get_by_role("status").first).to_contain_text(f"{number:03}")
    clerk.look("three-wait")
    clerk.press("F2", re.compile(r"/counter/$"))
    expect(clerk.page.locator(".ticket-number")).to_contain_text("001")
    clerk.look("called")


def receive_by_keyboard(world: World) -> None:
    """One screen from procedure to code; the due time and its reasons stand beside what is typed."""
    clerk, page = world.clerk, world.clerk.page
    world.server.set_clock(RECEIVED)
    clerk.press("F4", re.compile(r"/counter/intake/"))
    expect(page.get_by_role("combobox", name="Thủ tục")).to_be_focused()
    page.keyboard.type("doi giay phep lai")
    expect(page.get_by_role("option", name=world.office.procedure)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-quote] .due-time")).to_have_text(DUE)
    clerk.tab_to(page.get_by_role("textbox", name="Số định danh"))
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Họ và tên")).to_have_value(CITIZEN)
    expect(page.get_by_role("textbox", name="Ngày sinh")).to_have_value("02/03/1990")
    clerk.tab_to(page.get_by_role("textbox", name="Điện thoại"))
    page.keyboard.type("0912 345 678")
    page.keyboard.press("F4")
    clerk.tab_to(page.locator("summary", has_text="Vì sao"))
    page.keyboard.press("Enter")
    reasons = page.locator(".reasons").inner_text()
    assert "3,5 ngày làm việc, tức 28 giờ làm việc" in reasons
    assert "Thứ Năm 30/04/2026 đến Chủ Nhật 03/05/2026" in reasons
    assert wanted_ask(world) is None
    clerk.look("intake")
    clerk.press("F2", re.compile(r"/receipt$"))
    expect(page.locator("h1")).to_contain_text(CODE)
    expect(page.locator(".due-time")).to_have_text(DUE)
    clerk.look("received")


def read_the_receipt(world: World) -> None:
    """The receipt is a PDF with every fact and a code that opens the dossier's state on the citizen's phone."""
    clerk = world.clerk
    with clerk.context.expect_page() as opened:
        clerk.page.keyboard.press("F6")
    address = opened.value.url
    opened.value.close()
    answer = clerk.fetch(address.removeprefix(world.server.address))
    assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.body())).pages)
    for expected in (CODE, CITIZEN, ID_NUMBER, world.office.procedure, "08 giờ 00 phút, ngày 07 tháng 5 năm 2026"):
        assert "".join(expected.split()) in "".join(text.split())
    picture = pypdfium2.PdfDocument(answer.body())[0].render(scale=3).to_numpy()
    link, number = sorted((code.text for code in zxingcpp.read_barcodes(picture)), key=len, reverse=True)
    assert number == CODE
    assert link.startswith(f"{world.server.address}/slip/")
    assert CODE not in link
    assert ID_NUMBER not in link

    phone = world.arrive("phone", world.server.address, "phone")
    phone.go(link.removeprefix(world.server.address))
    expect(phone.page.locator("main")).to_contain_text(CODE)
    phone.look("slip")


def finish_as_specialist(world: World) -> None:
    """A specialist of the department finds the dossier on top, takes it and decides."""
    specialist = world.arrive("specialist", world.server.address)
    specialist.sign_in("huy.tc", PASSWORD)
    page = specialist.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")
    specialist.look("work")
    page.get_by_role("button", name=f"Nhận việc {CODE}").click()
    page.get_by_role("link", name=f"Ghi kết quả {CODE}").click()
    page.get_by_role("textbox", name="Số văn bản").fill("1024/GPLX")
    specialist.look("decide")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.get_by_role("status").first).to_contain_text(CODE)
    specialist.look("decided")


def hand_the_result_over(world: World) -> None:
    """The clerk types the last digits and hands over; the tablet shows this visit's ask, still the same one."""
    expect_ask(world)
    clerk, page = world.clerk, world.clerk.page
    clerk.press("F9", re.compile(r"/counter/$"))
    page.keyboard.press("F8")
    page.keyboard.type("0001")
    clerk.press("Enter", re.compile(r"/counter/dossiers/"))
    clerk.look("hand-over")
    clerk.press("F2", re.compile(r"/counter/collections/"))
    expect(page.locator("main")).to_contain_text(CODE)
    clerk.look("handed-over")
    clerk.press("F9", re.compile(r"/counter/$"))
    expect_ask(world)
    assert len(world.asks) == 1, "one visit with one servant is asked once"
    world.tablet.look("ask")


def rate_well_in_two_taps(world: World) -> None:
    """One tap of the two that are allowed is enough; what is said afterwards is thanks."""
    tablet = world.tablet
    before = tablet.presses()
    tablet.page.get_by_role("button", name="Rất hài lòng").tap()
    expect(tablet.page.get_by_role("heading", name="Xin cảm ơn!")).to_be_visible()
    tablet.look("thanks")
    assert tablet.presses() - before <= 2
    wait_until_taken_in(world)
    expect_rest(world, timeout=15_000)


def wait_until_taken_in(world: World) -> None:
    """Wait until the centre no longer wants anything shown: the answer has arrived."""
    for _attempt in range(100):
        if wanted_ask(world) is None:
            return
        world.tablet.page.wait_for_timeout(100)
    raise AssertionError("the answer did not arrive")


def refuse_a_second_rating(world: World) -> None:
    """Neither the tablet nor a phone with the code of the slip can answer the same ask again."""
    (token,) = world.asks
    scale = world.tablet.fetch("/tablet/questionnaire").json()["scale"]["id"]
    event = {
        "key": "another-event", "rating": "another-rating", "ask": token, "kind": "SCORE", "sequence": 1,
        "at": world.server.now.isoformat(), "scale": scale, "level": 1, "order": [1, 2, 3, 4, 5], "language": "vi",
    }  # fmt: skip
    answer = world.tablet.fetch(
        "/tablet/events", method="POST", data={"events": [event]}, headers={"X-Motcua-Device": "1"}
    )
    assert answer.json()["results"] == [{"key": "another-event", "status": 409}]
    stranger = world.arrive("stranger", world.server.address, "phone")
    assert stranger.fetch(f"/rate/{token}").status == 409


def counsel_next(world: World, ticket: str) -> None:
    """Call the next visitor and counsel them: the tablet rests while a dealing is open and asks when it ends."""
    clerk = world.clerk
    clerk.press("F2", re.compile(r"/counter/$"))
    expect(clerk.page.locator(".ticket-number")).to_contain_text(ticket)
    clerk.press("F9", re.compile(r"/counter/$"))
    assert wanted_ask(world) is None
    world.tablet.page.wait_for_timeout(1500)
    assert tablet_screen(world) == "rest"
    clerk.press("F9", re.compile(r"/counter/$"))
    expect_ask(world)


def rate_badly_in_four_taps(world: World) -> None:
    """A face, a reason, own words, send."""
    counsel_next(world, "002")
    tablet = world.tablet
    before = tablet.presses()
    tablet.page.get_by_role("button", name="Rất không hài lòng").tap()
    expect(tablet.page.get_by_role("heading", name="Điều gì chưa tốt?")).to_be_visible()
    tablet.page.wait_for_timeout(SETTLED_MS)
    tablet.page.get_by_role("button", name="Hướng dẫn không rõ").tap()
    tablet.page.get_by_role("button", name="Ý kiến khác").tap()
    tablet.page.keyboard.type(COMMENT)
    tablet.look("reasons")
    tablet.page.get_by_role("button", name="Gửi").tap()
    expect(tablet.page.get_by_role("heading", name="Xin cảm ơn!")).to_be_visible()
    assert tablet.presses() - before == 4
    wait_until_taken_in(world)
    expect_rest(world, timeout=15_000)


def withdraw_by_calling_the_next(world: World) -> None:
    """Shown for fifteen seconds and not answered, the ask is gone as soon as the next visitor is called."""
    counsel_next(world, "003")
    world.server.set_clock(world.server.now + timedelta(seconds=15))
    world.clerk.press("F2", re.compile(r"/counter/$"))
    expect_rest(world)
    assert wanted_ask(world) is None
    world.clerk.look("nobody-waits")
    assert len(set(world.asks)) == 3


def keep_reviews_from_the_servant(world: World) -> None:
    """No address shows the clerk what was said today, and none changes it."""
    clerk, own = world.clerk, world.office.clerk_staff_id
    for path in ("/review/", "/review/servants", "/review/comments"):
        answer = clerk.fetch(path)
        assert (answer.status, answer.headers["location"]) == (303, "/review/own"), path
    clerk.go("/review/own")
    clerk.look("own-review")
    pages = [
        f"/review/servants/{own}",
        f"/review/staff/{own}",
        "/review/own",
        "/admin/",
        "/counter/",
        f"/admin/staff/details/?id={own}",
        "/admin/search?q=ro",
    ]
    entities = ("ask", "rating", "rating_event", "rating_text", "rating_standing", "audit_event", "audit_payload",
                "tablet", "visit", "visit_transaction", "rating_reason")  # fmt: skip
    for entity in entities:
        pages += [f"/admin/{entity}/", *(f"/admin/{entity}/details/?id={key}" for key in (1, 43, 44))]
    for path in pages:
        answer = clerk.fetch(path)
        assert answer.status in (200, 303, 403, 404), f"{path}: {answer.status}"
        assert not any(text in answer.text() for text in HIDDEN_FROM_SERVANTS), path
    token = clerk.page.locator("[name=csrf_token]").first.get_attribute("value") or ""
    for path in ("/admin/tablet/1/revoke", "/admin/tablet/1/pairing-code", "/admin/rating_scale/1/new-version",
                 "/admin/rating_level/delete/", "/admin/rating/delete/", "/review/own"):  # fmt: skip
        answer = clerk.fetch(path, method="POST", form={"csrf_token": token, "id": "1"})
        assert answer.status in (403, 404, 405), f"{path}: {answer.status}"
    assert clerk.fetch("/tablet/events", method="POST", data={"events": []}).status in (401, 403)


def review_as_supervisor(world: World) -> None:
    """Numbers, share, interval and coverage are what an independent calculation says; the comment can be read."""
    person, page = world.supervisor, world.supervisor.page
    asked, rated = len(LEVELS) + SILENT + 3, len(LEVELS) + 2
    satisfied = sum(level >= 4 for level in LEVELS) + 1
    low, high = proportion_confint(satisfied, rated, method="wilson")
    person.go("/review/")
    person.look("review")
    person.go("/review/servants")
    person.look("servants")
    cells = page.get_by_role("row", name=CLERK).get_by_role("cell")
    interval = cells.nth(6).get_by_role("img").get_attribute("aria-label")
    assert [cells.nth(index).inner_text() for index in (1, 2, 3, 4, 5, 8)] == [
        str(asked), str(asked), str(rated), percent(rated / asked), percent(satisfied / rated), "4",
    ]  # fmt: skip
    assert interval == f"Khoảng tin cậy 95 % từ {percent(low)} đến {percent(high)}"
    page.get_by_role("link", name=CLERK, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLERK)
    expect(page.locator(".comments")).to_contain_text(COMMENT)
    expect(page.locator("main")).to_contain_text("Việc xem từng đánh giá được ghi lại.")
    person.look("servant")
    person.go("/review/comments")
    expect(page.locator(".comments")).to_contain_text(COMMENT)
    person.look("comments")


def percent(share: float) -> str:
    """Return a share as the pages write it: two decimals, half up, a blank that does not break."""
    return f"{int(share * 10_000 + 0.5) / 100:.2f}\u00a0%".replace(".", ",")


def print_the_month_and_verify(world: World) -> None:
    """The settlement of April counts the dossier once, on time; the audit chain holds."""
    report = world.server.run(
        "report", "settlement", "--from", "2026-04-01", "--to", "2026-04-30", "--format", "json"
    )  # fmt: skip
    total = json.loads(report.stdout)["total"]
    counts = ("received", "carried_over", "finished", "on_time", "late", "undue", "overdue", "refused", "no_due_time")
    assert {name: total[name] for name in counts} == {name: 0 for name in counts} | {
        "received": 1, "finished": 1, "on_time": 1
    }  # fmt: skip
    assert (total["on_time_rate"], total["on_time_rate_denominator"]) == ("100.00", 1)
    verified = world.server.run("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    assert re.fullmatch(r"\d+ links, intact\n", verified.stdout)
