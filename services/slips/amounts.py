"""Amounts in Vietnamese words, as a receipt for money has to say them."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
_BILLION = 10**9


def in_words(amount: int) -> str:
    """Return whole đồng in words: 135000 gives ``Một trăm ba mươi lăm nghìn đồng``.

    Raises: ValueError for a negative amount.
    """
    if amount < 0:
        raise ValueError(f"{amount} is no amount of a receipt")
    words = _number(amount) or _DIGITS[0]
    return f"{words[0].upper()}{words[1:]} đồng"


def _number(number: int) -> str:
    """Return ``number`` in words, "" for nought; billions are read as a number of their own."""
    if number >= _BILLION:
        rest = number % _BILLION
        return " ".join(part for part in (_number(number // _BILLION), "tỷ", _groups(rest, is_first=False)) if part)
    return _groups(number, is_first=True)


def _groups(number: int, *, is_first: bool) -> str:
    parts = []
    for index in (2, 1, 0):
        group = number // 1000**index % 1000
        if group:
            parts += [_three(group, is_full=not is_first), _GROUPS[index]]
            is_first = False
    return " ".join(part for part in parts if part)


def _three(group: int, *, is_full: bool) -> str:
    """Return a group of three digits; ``is_full`` says noughts before it too: "không trăm linh năm"."""
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or is_full else []
    if tens > 1:
        words.append(f"{_DIGITS[tens]} mươi")
    elif tens == 1:
        words.append("mười")
    elif ones and words:
        words.append("linh")
    if ones:
        words.append(_one(ones, tens))
    return " ".join(words)


def _one(ones: int, tens: int) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 5 and tens > 0:
        return "lăm"
    return _DIGITS[ones]
