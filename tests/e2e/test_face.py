"""The theme in a real browser: every page, at three sizes, light and dark, with ordinary and extreme data."""

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.face import ERRORS, PAGES, make_app

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1366, 768), "tablet": (820, 1180), "phone": (390, 844)}
OPTIONS = ".lookup-list:not([hidden]) [role=option]"
ADDRESSES = (*PAGES, *(f"errors/{code}" for code in ERRORS))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the sample pages and give their address."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def open_page(browser: Browser, address: str, *, size: str = "desktop", theme: str = "light") -> tuple[Page, list[str]]:
    """Return a page of its own context and the list its console writes to."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=size != "desktop",
        reduced_motion="reduce",
        locale="en-US",
    )
    context.add_cookies([{"name": "theme", "value": theme, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith(address) else None)
    return page, said


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("size", "theme"),
    [("desktop", "light"), ("desktop", "dark"), ("tablet", "light"), ("phone", "light"), ("phone", "dark")],
)
def test_every_page_is_clean_and_fits(browser, address, size, theme):
    page, said = open_page(browser, address, size=size, theme=theme)

    faults = {}
    for name in ADDRESSES:
        page.goto(f"{address}/{name}")
        found = grave_faults(page) if size != "tablet" else []
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the window")
        if page.locator("h1").count() != (0 if name == "citizen" else 1):
            found.append("not exactly one h1")
        if found:
            faults[name] = found
    page.context.close()

    assert faults == {}
    assert said == []


def grave_faults(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page, one line per element."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def test_a_list_is_walked_and_opened_by_keyboard(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.locator("tbody tr:nth-child(2) .row-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/detail?id=1")
    page.context.close()


def test_slash_searches_and_letters_typed_into_fields_stay_letters(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")

    page.keyboard.press("/")
    page.keyboard.type("jn/")
    expect(page.get_by_placeholder("Tìm", exact=True)).to_have_value("jn/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/list?q=jn%2F*")
    page.context.close()


def test_empty_filters_stay_out_of_the_address(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")

    page.keyboard.press("f")
    page.get_by_role("button", name="Áp dụng").click()
    page.wait_for_url("**/list?order=code&f.state=2*")
    assert "=&" not in page.url
    page.context.close()


def test_a_press_on_a_row_opens_it_and_a_selection_does_not(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")

    page.locator("tbody tr:nth-child(3) td:nth-child(2)").dblclick()
    page.wait_for_url("**/detail?id=2")
    page.context.close()


def test_a_lookup_finds_without_accents_and_sends_the_key(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    box = page.get_by_role("combobox", name="Cơ quan")
    box.fill("diem quynh")
    expect(page.locator(OPTIONS)).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value("Trần Ngọc Diễm Quỳnh")
    roles = page.get_by_role("combobox", name="Vai trò")
    roles.fill("le vu")
    expect(page.locator(OPTIONS, has_text="Lê Vũ")).to_be_visible()
    roles.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Control+s")

    sent = page.evaluate("JSON.parse(document.body.innerText)")
    assert sent["department"] == ["2"]
    assert sent["roles"] == ["1", "2", "3"]
    page.context.close()


def test_a_lookup_left_half_typed_keeps_what_was_chosen(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    box = page.get_by_role("combobox", name="Cơ quan")
    box.fill("không có cơ quan này")
    expect(page.locator(OPTIONS)).to_have_text("Không tìm thấy. Hãy thử ít từ hơn hoặc từ khác.")
    box.press("Tab")

    expect(box).to_have_value("Sở Tài nguyên và Môi trường")
    page.context.close()


def test_words_that_chose_nothing_are_not_sent_as_the_old_choice(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    box = page.get_by_role("combobox", name="Cơ quan")
    box.fill("không có cơ quan này")
    page.keyboard.press("Control+s")

    expect(box).to_be_focused()
    assert page.url.endswith("/form")
    assert page.locator("body").inner_text().startswith("Chuyển đến nội dung")
    page.context.close()


@pytest.mark.parametrize(
    ("typed", "shown", "sent"),
    [
        ("31/12/2016", "31/12/2016", "2016-12-31"),
        ("1.2.2017", "01/02/2017", "2017-02-01"),
        ("29022016", "29/02/2016", "2016-02-29"),
        ("", "", ""),
    ],
)
def test_dates_are_typed_the_vietnamese_way(browser, address, typed, shown, sent):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    box = page.get_by_role("textbox", name="Ngày sinh")
    box.fill(typed)
    box.press("Tab")
    expect(box).to_have_value(shown)
    page.get_by_role("combobox", name="Cơ quan").fill("khai")
    expect(page.locator(OPTIONS)).to_have_count(1)
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    answer = page.evaluate("JSON.parse(document.body.innerText)")
    assert answer["birth_date"] == [sent]
    page.context.close()


def test_dates_of_every_page_are_typed_not_only_those_of_forms(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")
    page.keyboard.press("f")

    box = page.get_by_role("group", name="Ngày tiếp nhận").first.get_by_label("Đến")
    box.fill("1/6/2017")
    box.press("Enter")
    page.wait_for_url("**received.to=2017-06-01*")
    page.context.close()


def test_an_impossible_date_is_not_sent(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    box = page.get_by_role("textbox", name="Ngày sinh")
    box.fill("31/02/2016")
    page.keyboard.press("Control+s")

    expect(box).to_be_focused()
    expect(box).to_have_value("31/02/2016")
    assert page.url.endswith("/form")
    page.context.close()


def test_a_field_appears_when_what_it_depends_on_says_so(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")

    note = page.get_by_label("Ghi chú", exact=True)
    expect(note).to_be_hidden()
    page.get_by_label("Có ghi chú").select_option("yes")
    expect(note).to_be_visible()
    reason = page.get_by_label("Lý do nghỉ việc")
    expect(reason).to_be_hidden()
    page.get_by_label("Đang làm việc").check()
    expect(reason).to_be_visible()
    page.context.close()


def test_leaving_a_changed_form_asks_first(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/form")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    page.get_by_label("Họ và tên").fill("Lê Vũ")
    page.get_by_role("link", name="Huỷ").click()
    page.wait_for_timeout(200)

    assert asked == ["beforeunload"]
    expect(page.get_by_label("Họ và tên")).to_have_value("Lê Vũ")
    page.context.close()


def test_a_refused_form_leads_to_the_first_fault(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/refused")

    expect(page.get_by_label("Họ và tên")).to_be_focused()
    page.get_by_role("link", name="Ghi chú: Không được dài quá 20 ký tự.").click()
    expect(page.get_by_label("Ghi chú", exact=True)).to_be_focused()
    page.context.close()


def test_a_dangerous_verb_asks_and_no_is_no(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/detail")

    page.get_by_role("button", name="Huỷ hồ sơ").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Quay lại")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/detail")
    page.get_by_role("button", name="Huỷ hồ sơ").click()
    dialog.get_by_role("button", name="Huỷ hồ sơ").click()
    page.wait_for_url("**/post")

    expect(page.locator("body")).to_have_text("done")
    page.context.close()


def test_the_theme_switch_is_kept(browser, address):
    page, _ = open_page(browser, address)
    page.goto(f"{address}/list")

    page.get_by_role("button", name="Sáng hoặc tối").first.click()
    page.goto(f"{address}/detail")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.context.close()


def test_on_a_phone_the_menu_is_a_drawer(browser, address):
    page, _ = open_page(browser, address, size="phone")
    page.goto(f"{address}/list")

    menu = page.get_by_role("navigation", name="Menu chính")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    menu.get_by_role("link", name="Cán bộ").click()
    page.wait_for_url("**/conflict")
    page.context.close()
