"""Numbers of people, enterprises and telephones are checked and written one way."""

from datetime import date

import pytest

from services.identity import (
    IdNumberError,
    PhoneError,
    TaxCodeError,
    normalise_id_number,
    normalise_phone,
    normalise_tax_code,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("075190000123", "075190000123"),
        (" 075 190 000 123 ", "075190000123"),
        ("096.327.001.234", None),  # born in 2027
        ("079203001234", "079203001234"),
        ("000190000123", None),  # no such province
        ("097190000123", None),
        ("003190000123", None),  # a number between two provinces
        ("132190000123", "132190000123"),  # born abroad
        ("271234567", "271234567"),
        ("000000001", None),  # the dummy of the national exchange
        ("b1234567", "B1234567"),
        ("07519000012", None),
        ("0751900001234", None),
        ("", None),
    ],
)
def test_id_numbers(typed, stored):
    if stored is None:
        with pytest.raises(IdNumberError):
            normalise_id_number(typed, today=TODAY)
    else:
        assert normalise_id_number(typed, today=TODAY) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0100233488", "0100233488"),
        ("0314409058-002", "0314409058-002"),
        ("0314409058 002", "0314409058-002"),
        ("0314409058-000", None),
        ("0100233487", None),
        ("010023348", None),
    ],
)
def test_tax_codes(typed, stored):
    if stored is None:
        with pytest.raises(TaxCodeError):
            normalise_tax_code(typed)
    else:
        assert normalise_tax_code(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("+84 (0)912 345 678", "0912345678"),
        ("0123 456 7890", "0834567890"),  # moved in 2018
        ("01681234567", "0381234567"),
        ("0251 3822 501", "02513822501"),
        ("1900 1234", "19001234"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0112345678", None),
        ("091234567", None),
        ("abc", None),
    ],
)
def test_phones(typed, stored):
    if stored is None:
        with pytest.raises(PhoneError):
            normalise_phone(typed)
    else:
        assert normalise_phone(typed) == stored
