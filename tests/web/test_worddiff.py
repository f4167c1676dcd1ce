"""Two texts side by side: what is marked, what is cut short, what is not compared at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from web.worddiff import Piece, word_differences

WORDS = st.lists(st.sampled_from(["sở", "phòng", "ban,", "quận", "\n", "số 12"]), max_size=12).map(" ".join)


def marked(pieces: object) -> list[str]:
    return [piece.text for piece in pieces if piece.is_changed]  # type: ignore[attr-defined]


def test_words_that_differ_are_marked_on_their_side() -> None:
    old, new = word_differences("phường Bến Nghé, quận 1", "phường Đa Kao, quận 1 (cũ)")

    assert (marked(old), marked(new)) == (["Bến Nghé,", "1"], ["Đa Kao,", "1 (cũ)"])


def test_a_long_stretch_that_both_have_is_cut_short() -> None:
    same = "chữ " * 500
    old, new = word_differences(f"trước {same}", f"sau {same}")

    assert [len(piece.text) for piece in old] == [5, 1, 243]
    assert "".join(piece.text for piece in new).startswith("sau chữ")


def test_texts_that_have_little_in_common_and_endless_ones_are_shown_whole() -> None:
    assert word_differences("một hai", "ba bốn năm") == ([Piece("một hai", False)], [Piece("ba bốn năm", False)])
    endless = "chữ\n" * 2000
    assert word_differences(endless, endless + "x") == ([Piece(endless, False)], [Piece(endless + "x", False)])


@settings(max_examples=60, derandomize=True)
@given(WORDS, WORDS)
def test_nothing_is_lost_between_the_marks(before: str, after: str) -> None:
    old, new = word_differences(before, after)

    assert ("".join(p.text for p in old), "".join(p.text for p in new)) == (before, after)
