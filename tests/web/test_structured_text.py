import pytest

from web.structured_text import split_text, structured, unbulleted


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (None, ""),
        ("Một dòng", '<p class="line">Một dòng</p>'),
        ("a\n\n\nb", '<p class="line">a</p><p class="line">b</p>'),
        ("- Nộp hồ sơ", '<p class="line line--1"><span class="line-mark">–</span> <span>Nộp hồ sơ</span></p>'),
        ("+Đủ thì nhận", '<p class="line line--2"><span class="line-mark">+</span> <span>Đủ thì nhận</span></p>'),
        ("++ Thiếu", '<p class="line line--3"><span class="line-mark">++</span> <span>Thiếu</span></p>'),
        ("a) Đơn;", '<p class="line line--0"><span class="line-mark">a)</span> <span>Đơn;</span></p>'),
        ("2.1. Hồ sơ", '<p class="line line--0"><span class="line-mark">2.1.</span> <span>Hồ sơ</span></p>'),
        ("* Lưu ý:", '<p class="line line--head">Lưu ý:</p>'),
        ("Bước 1: Nộp", '<p class="line line--step"><strong>Bước 1:</strong> Nộp</p>'),
        ("1.000 đồng", '<p class="line">1.000 đồng</p>'),
        ("-", '<p class="line">-</p>'),
    ],
)
def test_line_is_set_by_what_it_begins_with(text: str | None, html: str) -> None:
    assert structured(text) == html


@pytest.mark.parametrize("start", ["", "- ", "a) ", "* ", "Bước 1: "])
def test_markup_is_shown_and_never_obeyed(start: str) -> None:
    html = structured(f"{start}<script>alert(1)</script> & <b onclick='x'>")

    assert "<script" not in html
    assert "<b " not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b onclick=&#39;x&#39;&gt;" in html


def test_long_text_is_broken_at_a_line_or_else_between_words() -> None:
    lines = "\n".join(["mười chữ cái"] * 20)

    head, rest = split_text(lines, 100)
    words, more = split_text("chữ " * 100, 100)

    assert f"{head}\n{rest}" == lines
    assert len(head) <= 100
    assert (words[-1], more[0], len(words)) == ("…", "…", 101)
    assert split_text("ngắn", 100) == ("ngắn", "")
    assert split_text("x" * 300, 100) == ("x" * 100 + " …", "… " + "x" * 200)


def test_bullet_is_left_to_the_list() -> None:
    assert [unbulleted(text) for text in ("- Đơn", "+ Bản sao", "Tờ khai", "* Giấy")] == [
        "Đơn",
        "Bản sao",
        "Tờ khai",
        "Giấy",
    ]
