"""What identifies people and organisations in Vietnam: checked and written one way, so that equal means equal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from models.base import _
from services.errors import UserError

PROVINCES: Mapping[str, str] = {
    "001": "Hà Nội", "002": "Hà Giang", "004": "Cao Bằng", "006": "Bắc Kạn", "008": "Tuyên Quang", "010": "Lào Cai",
    "011": "Điện Biên", "012": "Lai Châu", "014": "Sơn La", "015": "Yên Bái", "017": "Hòa Bình", "019": "Thái Nguyên",
    "020": "Lạng Sơn", "022": "Quảng Ninh", "024": "Bắc Giang", "025": "Phú Thọ", "026": "Vĩnh Phúc", "027": "Bắc Ninh",
    "030": "Hải Dương", "031": "Hải Phòng", "033": "Hưng Yên", "034": "Thái Bình", "035": "Hà Nam", "036": "Nam Định",
    "037": "Ninh Bình", "038": "Thanh Hóa", "040": "Nghệ An", "042": "Hà Tĩnh", "044": "Quảng Bình",
    "045": "Quảng Trị", "046": "Thừa Thiên Huế", "048": "Đà Nẵng", "049": "Quảng Nam", "051": "Quảng Ngãi",
    "052": "Bình Định", "054": "Phú Yên", "056": "Khánh Hòa", "058": "Ninh Thuận", "060": "Bình Thuận",
    "062": "Kon Tum", "064": "Gia Lai", "066": "Đắk Lắk", "067": "Đắk Nông", "068": "Lâm Đồng", "070": "Bình Phước",
    "072": "Tây Ninh", "074": "Bình Dương", "075": "Đồng Nai", "077": "Bà Rịa - Vũng Tàu", "079": "TP. Hồ Chí Minh",
    "080": "Long An", "082": "Tiền Giang", "083": "Bến Tre", "084": "Trà Vinh", "086": "Vĩnh Long",
    "087": "Đồng Tháp", "089": "An Giang", "091": "Kiên Giang", "092": "Cần Thơ", "093": "Hậu Giang",
    "094": "Sóc Trăng", "095": "Bạc Liêu", "096": "Cà Mau",
}  # fmt: skip
"""Where a citizen's birth was registered, by the first three digits of the number, as the provinces were when the
numbers were given; from 100 on a country. Source: Decree 137/2015/NĐ-CP, article 13; Decision 124/2004/QĐ-TTg."""

FIRST_COUNTRY = 100
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


class IdLengthError(IdNumberError):
    message = _("The ID number has %(count)s digits: a citizen card has 12, the old identity card 9.")


class IdProvinceError(IdNumberError):
    message = _("The ID number begins with %(code)s, which is no province. Compare it with the card.")


class IdBirthYearError(IdNumberError):
    message = _("The ID number would be of somebody born in %(year)s. Compare digits 4 to 6 with the card.")


class IdBirthDateError(IdNumberError):
    message = _("The ID number is of somebody born in %(of_number)s, the date of birth says %(of_date)s. Correct one.")


class TaxCodeError(UserError):
    message = _("Check the tax code: 10 digits of which the last must fit, for a branch 3 more after a hyphen.")


class PhoneError(UserError):
    message = _("Check the telephone number: 10 digits for a mobile, with the area code for a landline.")


@dataclass(frozen=True, slots=True)
class Citizen:
    """What the 12 digits of a citizen number say; ``province`` is empty for somebody born abroad."""

    province: str
    is_female: bool
    birth_year: int


def read_citizen_number(number: str) -> Citizen:
    """Return what 12 digits say: province, then century and sex, then year of birth; there is no check digit.

    Raises: IdProvinceError. Source: Decree 137/2015/NĐ-CP, article 13; domain.md 4.
    """
    code = number[:3]
    if code not in PROVINCES and int(code) < FIRST_COUNTRY:
        raise IdProvinceError(code=code)
    birth_year = 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])
    return Citizen(PROVINCES.get(code, ""), int(number[3]) % 2 == 1, birth_year)


def normalise_id_number(text: str, *, today: date) -> str:
    """Return a citizen number, old identity card or passport number without blanks; letters upper case.

    12 digits must name a province or country and a year of birth not after ``today``.
    Raises: IdNumberError, as the subclass that says what is wrong.
    """
    number = re.sub(r"[\s.\-]", "", text).upper()
    if number in _DUMMIES:
        raise IdNumberError
    if re.fullmatch(r"[0-9]{12}", number):
        birth_year = read_citizen_number(number).birth_year
        if birth_year > today.year:
            raise IdBirthYearError(year=birth_year)
        return number
    if re.fullmatch(r"[0-9]{9}|[A-Z]{1,2}[0-9]{6,8}", number):
        return number
    raise IdLengthError(count=len(number)) if re.fullmatch(r"[0-9]+", number) else IdNumberError()


def check_birth_date(number: str, birth_date: date | None) -> None:
    """Raise IdBirthDateError where a citizen number and a date of birth tell two different years."""
    if birth_date is None or not re.fullmatch(r"[0-9]{12}", number):
        return
    birth_year = read_citizen_number(number).birth_year
    if birth_year != birth_date.year:
        raise IdBirthDateError(of_number=birth_year, of_date=birth_date.year)


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
