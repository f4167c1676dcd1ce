"""Names, addresses and numbers of people who do not exist, drawn from a seeded source."""

from dataclasses import dataclass
from random import Random

from models.states import ApplicantKind
from models.text import fold
from services.applicants import ApplicantFacts

FAMILIES = (
    ("Nguyễn", 38), ("Trần", 11), ("Lê", 9), ("Phạm", 7), ("Huỳnh", 5), ("Hoàng", 4), ("Phan", 4), ("Vũ", 3), ("Võ", 3),
    ("Đặng", 2), ("Bùi", 2), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 2), ("Dương", 1), ("Lý", 1), ("Đinh", 1), ("Thạch", 1),
    ("Y", 1), ("Đàng", 1),
)  # fmt: skip
WOMEN = (
    "Thị Mai", "Thị Thu Hà", "Ngọc Lan", "Thị Hồng Nhung", "Minh Châu", "Thị Bích Ngọc", "Thị Kim Oanh", "Thanh Trúc",
    "Thị Diễm My", "Quỳnh Anh", "Thị Xuân", "Thị Ánh Tuyết", "Thùy Dung", "Thị Lệ Quyên", "Bảo Trân", "Thị Út",
    "Khánh Linh", "Thị Hạnh", "Phương Thảo", "Thị Sen", "Tường Vi", "Thị Gấm",
)  # fmt: skip
MEN = (
    "Văn Hùng", "Minh Tuấn", "Quốc Bảo", "Văn Thành", "Đức Anh", "Hoàng Long", "Văn Sáu", "Thanh Tùng", "Hữu Nghĩa",
    "Gia Huy", "Văn Đạt", "Trọng Nhân", "Công Danh", "Văn Khánh", "Xuân Trường", "Bá Lộc", "Tấn Phát", "Văn Ơn",
    "Nhật Minh", "Văn Út", "Chí Thiện", "Đình Phong",
)  # fmt: skip
FIRMS = (
    "Công ty TNHH Một thành viên {}", "Công ty TNHH Thương mại {}", "Công ty Cổ phần {}", "Doanh nghiệp tư nhân {}",
    "Hợp tác xã Nông nghiệp {}", "Công ty TNHH Sản xuất và Dịch vụ {}", "Chi nhánh Công ty Cổ phần Đầu tư {}",
)  # fmt: skip
BRANDS = (
    "Phú Lộc", "Sao Mai", "Bình Minh Xanh", "Hoàng Gia Phát", "Đại Thành", "Tân Tiến", "Minh Quân", "Việt Thắng",
    "An Khang", "Hưng Thịnh", "Nam Phong", "Thiên Ân", "Đồng Tâm", "Kim Ngân", "Ánh Dương", "Lạc Việt",
)  # fmt: skip
WARDS = (
    "phường Bình Nguyên", "phường Tân Lập", "phường An Phú", "xã Long Hòa", "xã Phước Thạnh", "xã Đông Sơn",
    "phường Mỹ Xuân", "xã Ea Kroa", "xã Sông Trầu", "phường Hòa Bình",
)  # fmt: skip
STREETS = ("Lê Lợi", "Trần Hưng Đạo", "Hai Bà Trưng", "Nguyễn Huệ", "Phan Chu Trinh", "Hùng Vương", "30 Tháng 4")
PHONES = ("090", "091", "093", "097", "098", "032", "035", "070", "079", "086")
TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True, slots=True)
class Name:
    """A full name and whom it suits."""

    full_name: str
    is_woman: bool


def make_name(rng: Random) -> Name:
    """Return a Vietnamese name, family names about as frequent as they are."""
    is_woman = rng.random() < 0.5
    family = rng.choices([name for name, _ in FAMILIES], [weight for _, weight in FAMILIES])[0]
    return Name(f"{family} {rng.choice(WOMEN if is_woman else MEN)}", is_woman)


def make_citizen(rng: Random) -> ApplicantFacts:
    """Return a citizen with an ID number of the right form, of the province code no province has had since 2025."""
    name = make_name(rng)
    birth_year = rng.randint(1950, 2006)
    century = 2 * (birth_year // 100 - 19) + (1 if name.is_woman else 0)
    serial = f"{rng.randrange(1_000_000):06d}"
    return ApplicantFacts(
        full_name=name.full_name,
        id_number=f"074{century}{birth_year % 100:02d}{serial}",
        phone=f"{rng.choice(PHONES)}{rng.randrange(10_000_000):07d}",
        email=f"{fold(name.full_name).replace(' ', '.')}{serial[-3:]}@example.vn" if rng.random() < 0.4 else "",
        address=make_address(rng),
    )


def make_firm(rng: Random) -> ApplicantFacts:
    """Return an enterprise with a tax code whose check digit fits."""
    brand = rng.choice(BRANDS)
    return ApplicantFacts(
        kind=ApplicantKind.ENTERPRISE,
        full_name=rng.choice(FIRMS).format(f"{brand} {rng.choice(BRANDS)}" if rng.random() < 0.3 else brand),
        tax_code=_tax_code(rng),
        phone=f"0299{rng.randrange(3_000_000, 3_999_999)}",
        email=f"vanthu@{fold(brand).replace(' ', '')}.example.vn",
        address=make_address(rng),
    )


def make_address(rng: Random) -> str:
    """Return an address in the demonstration province."""
    return f"Số {rng.randint(1, 480)}, đường {rng.choice(STREETS)}, {rng.choice(WARDS)}, tỉnh Bình Nguyên"


def _tax_code(rng: Random) -> str:
    while True:
        digits = f"37{rng.randrange(10_000_000):07d}"
        check = 10 - sum(weight * int(digit) for weight, digit in zip(TAX_WEIGHTS, digits, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
