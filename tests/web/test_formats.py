"""How values are written on pages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask

from models.staff import StaffKind
from tests.support.face import make_app
from web import formats


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


def written(app: Flask, text: str, language: str = "vi", **values: object) -> str:
    """Return a template ``text`` as a page in ``language`` writes it."""
    with app.test_request_context(headers={"Cookie": f"language={language}"}):
        return app.jinja_env.from_string(text).render(**values)


def test_instants_are_written_on_the_clock_of_the_centre(app):
    at = datetime(2016, 4, 14, 17, 30, tzinfo=UTC)

    assert written(app, "{{ at|local_datetime }} {{ at|local_date }} {{ at|local_time }}", at=at) == (
        "15/04/2016 00:30 15/04/2016 00:30"
    )


def test_dates_stay_the_day_they_are(app):
    day = date(2026, 11, 2)

    assert (
        written(app, "{{ day|local_date }} | {{ day|long_date }}", day=day) == "02/11/2026 | Thứ Hai, 2 tháng 11, 2026"
    )


def test_nothing_is_written_for_what_is_not_there(app):
    names = ("local_datetime", "local_date", "long_date", "local_time", "number", "money", "choice", "yes_no")

    assert {name: formats.FILTERS[name](None) for name in names} == dict.fromkeys(names, "")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", "1.234.567 | 12.345,6 | -1.000 | 1.234.567\u00a0đ"),
        ("en", "1,234,567 | 12,345.6 | -1,000 | 1,234,567\u00a0đ"),
    ],
)
def test_numbers_are_grouped_by_language(app, language, expected):
    text = "{{ 1234567|number }} | {{ part|number }} | {{ -1000|number }} | {{ 1234567|money }}"

    assert written(app, text, language, part=Decimal("12345.6")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ 9314|percent(10054) }}", "92,64\u00a0%"),
        ("{{ '92.64'|percent }}", "92,64\u00a0%"),
        ("{{ 1|percent(800) }}", "0,13\u00a0%"),
        ("{{ 0.125|percent }}", "0,13\u00a0%"),
        ("{{ 0|percent(10) }}", "0,00\u00a0%"),
        ("{{ 10|percent(10) }}", "100,00\u00a0%"),
        ("{{ 0|percent(0) }}", "–"),
        ("{{ none|percent }}", "–"),
    ],
)
def test_shares_are_rounded_half_up_to_two_decimals(app, text, expected):
    assert written(app, text) == expected


def test_shares_have_a_point_in_english(app):
    assert written(app, "{{ 9314|percent(10054) }}", "en") == "92.64\u00a0%"


def test_a_choice_is_written_by_its_label(app):
    assert written(app, "{{ kind|choice }} {{ 'plain'|choice }}", "en", kind=StaffKind.VOLUNTEER) == "Volunteer plain"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2016, 4, 14, 2, 30, tzinfo=UTC), "14/04/2016 09:30"),
        (date(2016, 4, 14), "14/04/2016"),
        (True, "Có"),
        (12345, "12.345"),
        (Decimal("3.5"), "3,5"),
        (StaffKind.VOLUNTEER.value, "VOLUNTEER"),
        ((1000, "một"), "1.000, một"),
        (None, ""),
    ],
)
def test_any_value_is_written_as_its_kind_is(app, value, expected):
    assert written(app, "{{ value|as_text }}", value=value) == expected


def test_truth_is_written_in_words(app):
    assert written(app, "{{ true|yes_no }} {{ false|yes_no }}") == "Có Không"


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Nguyễn Thị Hoà", "hoa", "Nguyễn Thị <mark>Hoà</mark>"),
        ("Nguyễn Thị Hoà", "HÒA nguyen", "<mark>Nguyễn</mark> Thị <mark>Hoà</mark>"),
        ("Ho\u0061\u0300 vui", "hoa", "<mark>Ho\u0061\u0300</mark> vui"),
        ("Đặng Đức", "d", "<mark>Đ</mark>ặng <mark>Đ</mark>ức"),
        ("a<b>&", "b", "a&lt;<mark>b</mark>&gt;&amp;"),
        ("<script>", "", "&lt;script&gt;"),
        ("", "x", ""),
        ("Straße", "ss", "Stra<mark>ß</mark>e"),
        ("lê  thị", "thi le", "<mark>lê</mark>  <mark>thị</mark>"),
    ],
)
def test_search_words_are_marked_without_regard_to_accents(text, query, expected):
    assert formats.highlight(text, query) == expected


def test_nothing_at_all_highlights_as_an_empty_text():
    assert formats.highlight(None, None) == ""


@pytest.mark.parametrize(
    ("name", "expected"), [("Nguyễn Thị Minh Khai", "NK"), ("Ánh", "Á"), ("", ""), ("đặng hữu phước", "ĐP")]
)
def test_initials_are_of_the_first_and_the_last_word(name, expected):
    assert formats.initials(name) == expected


def test_outside_of_a_request_the_language_is_vietnamese():
    assert formats.page_language() == "vi"
