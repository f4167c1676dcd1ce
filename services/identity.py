"""What identifies people and organisations in Vietnam: checked and written one way, so that equal means equal."""

import re
from datetime import date

from models.base import _
from services.errors import UserError

_PROVINCE_CODES = range(1, 97)
_DUMMIES = {"000000000", "000000001", "000000000000", "000000000001"}
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_MOVED_MOBILE_PREFIXES = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036",
    "0167": "037", "0168": "038", "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip


class IdNumberError(UserError):
    message = _("Enter the 12 digits of the citizen ID, the 9 digits of the old identity card, or a passport number.")


class TaxCodeError(UserError):
    message = _("Check the tax code: 10 digits of which the last must fit, for a branch 3 more after a hyphen.")


class PhoneError(UserError):
    message = _("Check the telephone number: 10 digits for a mobile, with the area code for a landline.")


def normalise_id_number(text: str, *, today: date) -> str:
    """Return a citizen ID, old identity card or passport number without blanks; letters upper case.

    12 digits are province (001 to 096), century and sex, year of birth, serial: a year after ``today`` is
    refused; there is no check digit. Raises IdNumberError. Source: domain.md 4.
    """
    number = re.sub(r"[\s.\-]", "", text).upper()
    if number in _DUMMIES:
        raise IdNumberError
    if re.fullmatch(r"\d{12}", number):
        born = 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])
        if int(number[:3]) not in _PROVINCE_CODES or born > today.year:
            raise IdNumberError
        return number
    if re.fullmatch(r"\d{9}|[A-Z]{1,2}\d{6,8}", number):
        return number
    raise IdNumberError


def normalise_tax_code(text: str) -> str:
    """Return a tax code as ``0100233488`` or ``0314409058-002``. Raises TaxCodeError.

    The tenth digit is ten less the weighted sum of the first nine modulo eleven.
    Source: Circular 105/2020/TT-BTC; compared with published codes in the tests.
    """
    digits = re.sub(r"[\s.\-]", "", text)
    if not re.fullmatch(r"\d{10}(\d{3})?", digits):
        raise TaxCodeError
    total = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, digits, strict=False))
    if 10 - total % 11 != int(digits[9]) or digits[10:] == "000":
        raise TaxCodeError
    return f"{digits[:10]}-{digits[10:]}" if digits[10:] else digits


def normalise_phone(text: str) -> str:
    """Return a telephone number as ``0912345678``; a foreign one as ``+8613800138000``.

    ``+84`` and ``84`` become 0, the 11-digit mobile numbers of before 2018 their successors. Raises PhoneError.
    """
    number = re.sub(r"[\s.\-()]", "", text)
    number = re.sub(r"^(\+84|0084|84(?=[35789]\d{8}$))0?", "0", number)
    if re.fullmatch(r"01\d{9}", number):
        number = _MOVED_MOBILE_PREFIXES.get(number[:4], "") + number[4:]
    if re.fullmatch(r"0[35789]\d{8}|02\d{8,9}|1[89]00\d{4,6}", number):
        return number
    if re.fullmatch(r"\+[1-9]\d{7,14}", number):
        return number
    raise PhoneError
