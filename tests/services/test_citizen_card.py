"""The square code of a citizen card is read, and read critically."""

from datetime import date

import pytest

from services.citizen_card import CardSexError, CardUnreadableError, CitizenCard, read_card
from services.identity import IdBirthDateError, IdProvinceError

CARD = "075190000123|271234567|Nguyễn Thị Minh Khai|15051990|Nữ|12 Phạm Văn Thuận, Biên Hòa, Đồng Nai|01012021"


def test_a_card_says_who_it_is(now):
    assert read_card(CARD, at=now) == CitizenCard(
        number="075190000123",
        old_number="271234567",
        full_name="Nguyễn Thị Minh Khai",
        birth_date=date(1990, 5, 15),
        is_female=True,
        address="12 Phạm Văn Thuận, Biên Hòa, Đồng Nai",
        issued_date=date(2021, 1, 1),
    )


def test_a_newer_card_with_more_parts_and_letters_lost_on_the_way(now):
    card = read_card("075090000123||Nguy?n V?n T\N{REPLACEMENT CHARACTER}m|00001990|Nam|Biên Hòa||x||y", at=now)

    assert (card.number, card.old_number, card.full_name, card.birth_date) == ("075090000123", "", "", None)
    assert (card.is_female, card.address, card.issued_date) == (False, "Biên Hòa", None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", CardUnreadableError),
        ("H19.07-170515-0001", CardUnreadableError),
        ("271234567||Tên|15051990|Nữ|Biên Hòa|", CardUnreadableError),
        (CARD.replace("Nữ", "Nam"), CardSexError),
        (CARD.replace("1990|", "1991|"), IdBirthDateError),
        (CARD.replace("075", "003", 1), IdProvinceError),
    ],
)
def test_what_cannot_be_is_not_believed(text, error, now):
    with pytest.raises(error):
        read_card(text, at=now)
