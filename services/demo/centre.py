"""The demonstration centre as it stands before the first visitor: agencies, halls, counters, people, logins."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.batch import BatchState
from models.ids import public_id
from models.organisation import Counter, Department, DepartmentKind, Site
from models.procedure import Procedure
from models.staff import Staff, StaffKind
from models.tablet import Tablet
from models.text import fold
from services.calendar import give_default_hours, seed_calendar, seeded_years
from services.demo.people import Name, make_name
from services.errors import UserError
from services.passwords import check_pin
from services.periods import MONTHS, add_periods
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file
from services.roles import seed_roles
from services.rule_sets import seed_rule_sets
from services.scales import seed_rating_scales
from services.users import change_password, create_user, set_pin

PROCEDURES = Path(__file__).resolve().parents[2] / "demo" / "procedures.jsonl"
OPENED_DATE = date(2020, 1, 1)
PROVINCE = "tỉnh Bình Nguyên"
ADDRESS = "Số 1, đường Lê Lợi, phường Bình Nguyên, tỉnh Bình Nguyên"

_D = DepartmentKind
DEPARTMENTS = (
    ("H98.02", "Sở Nội vụ", _D.DEPARTMENT, None),
    ("H98.03", "Sở Tư pháp", _D.DEPARTMENT, None),
    ("H98.04", "Sở Tài chính", _D.DEPARTMENT, None),
    ("H98.05", "Sở Công Thương", _D.DEPARTMENT, None),
    ("H98.06", "Sở Xây dựng", _D.DEPARTMENT, None),
    ("H98.07", "Sở Nông nghiệp và Môi trường", _D.DEPARTMENT, None),
    ("H98.07.01", "Văn phòng Đăng ký đất đai", _D.DEPARTMENT, "H98.07"),
    ("H98.08", "Sở Y tế", _D.DEPARTMENT, None),
    ("H98.09", "Sở Giáo dục và Đào tạo", _D.DEPARTMENT, None),
    ("H98.10", "Sở Văn hóa, Thể thao và Du lịch", _D.DEPARTMENT, None),
    ("H98.11", "Sở Khoa học và Công nghệ", _D.DEPARTMENT, None),
    ("H98.12", "Ban Quản lý các khu công nghiệp", _D.BOARD, None),
    ("H98.13", "Công an tỉnh", _D.VERTICAL, None),
    ("H98.20", "Trung tâm Phục vụ hành chính công tỉnh Bình Nguyên", _D.CENTRE, None),
)
COUNTERS = (
    ("TT", 1, "Hướng dẫn và tiếp nhận chung", "H98.20"),
    ("TT", 2, "Tư pháp", "H98.03"),
    ("TT", 3, "Công an: lý lịch tư pháp, hộ chiếu, giấy phép lái xe", "H98.13"),
    ("TT", 4, "Nội vụ", "H98.02"),
    ("TT", 5, "Đăng ký kinh doanh, đầu tư", "H98.04"),
    ("TT", 6, "Đất đai", "H98.07.01"),
    ("TT", 7, "Nông nghiệp và môi trường", "H98.07"),
    ("TT", 8, "Xây dựng, giao thông", "H98.06"),
    ("TT", 9, "Công Thương", "H98.05"),
    ("TT", 10, "Y tế", "H98.08"),
    ("TT", 11, "Giáo dục và đào tạo", "H98.09"),
    ("TT", 12, "Văn hóa, thể thao, du lịch", "H98.10"),
    ("TT", 13, "Khu công nghiệp", "H98.12"),
    ("PA", 1, "Đất đai", "H98.07.01"),
    ("PA", 2, "Công an", "H98.13"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A sign-in of the demonstration and what it is for."""

    user_name: str
    password: str
    role: str
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """With which badge and PIN a servant takes over which counter."""

    counter: str
    full_name: str
    badge_number: str
    pin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """What was made, by key: counters with who serves there, and who decides in each department."""

    desks: dict[int, int]  # counter -> user
    specialists: dict[int, int]  # department -> user
    logins: list[Login] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)


class Builder:
    """Makes the centre in one session; the caller commits."""

    def __init__(self, session: Session, rng: Random, at: datetime, translate: Callable[[str], str]) -> None:
        self.session, self.rng, self.at, self.translate = session, rng, at, translate
        self.portraits = {True: _shuffled(rng, "nu"), False: _shuffled(rng, "nam")}
        self.used_names: set[str] = set()
        self.used_badges: set[str] = set()
        seed_roles(session, translate=translate)
        seed_rule_sets(session)
        self.roles = {role.code: role for role in session.scalars(select(Role))}
        self.departments: dict[str, Department] = {}
        self.centre = Centre(desks={}, specialists={})

    def build(self) -> Centre:
        """Make everything and return the keys that the simulation needs."""
        self._add_departments()
        sites = self._add_sites()
        seed_calendar(self.session, seeded_years(self.at), self.at)
        seed_rating_scales(self.session, at=self.at)
        for year in (self.at.year, self.at.year + 1):
            add_periods(self.session, year=year, kinds=list(MONTHS), translate=self.translate)
        import_demo_procedures(self.session, at=self.at)
        self._add_leaders()
        for site_code, number, name, department_code in COUNTERS:
            self._add_counter(sites[site_code], number, name, self.departments[department_code])
        for code in self.departments:
            self._add_specialist(self.departments[code])
        self._add_helpers()
        self.session.flush()
        return self.centre

    def _add_departments(self) -> None:
        for code, name, kind, parent in DEPARTMENTS:
            department = Department(
                code=code, name=name, kind=kind, parent=self.departments.get(parent or ""), valid_from_date=OPENED_DATE,
                address=ADDRESS, phone=f"0299 38{self.rng.randint(10, 99)} {self.rng.randint(100, 999)}",
            )  # fmt: skip
            self.departments[code] = department
            self.session.add(department)
        self.session.flush()

    def _add_sites(self) -> dict[str, Site]:
        sites = {
            "TT": Site(
                code="TT", name="Trung tâm Phục vụ hành chính công tỉnh Bình Nguyên", unit_code="H98.20",
                address=ADDRESS, authority="Ủy ban nhân dân tỉnh Bình Nguyên", place_name="Bình Nguyên",
                directions="Tầng 1, tòa nhà Trung tâm Hành chính; xe buýt số 3, số 7, dừng tại quảng trường Lê Lợi.",
                phone="0299 3822 822",
            ),
            "PA": Site(
                code="PA", name="Điểm tiếp nhận hồ sơ Phú An", unit_code="H98.20.01",
                address="Số 215, đường Hùng Vương, phường An Phú, tỉnh Bình Nguyên",
                directions="Cạnh bưu điện Phú An; có chỗ đậu xe ô tô.", phone="0299 3855 155",
                authority="Ủy ban nhân dân tỉnh Bình Nguyên", place_name="An Phú",
            ),
        }  # fmt: skip
        self.session.add_all(sites.values())
        self.session.flush()
        for site in sites.values():
            give_default_hours(self.session, site, OPENED_DATE)
        return sites

    def _add_leaders(self) -> None:
        own = self.departments["H98.20"]
        director = self._add_staff(own, "Giám đốc Trung tâm", portrait=True)
        self._login("giamdoc", "DIRECTOR", "Giám đốc: xem toàn bộ, mở lại hoặc hủy hồ sơ", staff=director)
        supervisor = self._add_staff(own, "Phó Giám đốc Trung tâm", portrait=True)
        self._login("giamsat", "SUPERVISOR", "Giám sát: kết quả đánh giá, máy tính bảng, báo cáo", staff=supervisor)
        self._login("quantri", "ADMIN", "Quản trị: người dùng, vai trò, danh mục", display_name="Quản trị hệ thống")
        self._login("kiemtra", "AUDITOR", "Kiểm tra: chỉ xem, có nhật ký", display_name="Kiểm tra nội bộ")
        head = self._add_staff(self.departments["H98.07"], "Phó Giám đốc Sở", portrait=True)
        self._login("truongphong", "DEPARTMENT_HEAD", "Lãnh đạo Sở Nông nghiệp và Môi trường, cả đất đai", staff=head)

    def _add_counter(self, site: Site, number: int, name: str, department: Department) -> None:
        counter = Counter(site=site, number=number, name=name, department=department)
        self.session.add(counter)
        staff = self._add_staff(department, "Chuyên viên", portrait=True)
        self.session.flush()
        tablet_name = f"Quầy {number}" if site.code == "TT" else f"Quầy {number} Phú An"
        self.session.add(Tablet(public_id=public_id(self.at), name=tablet_name, counter=counter))
        pin = self._give_pin(staff)
        self.centre.badges.append(
            Badge(counter=tablet_name, full_name=staff.full_name, badge_number=staff.badge_number, pin=pin)
        )
        listed = {("TT", 3): "motcua3", ("TT", 6): "motcua6"}.get((site.code, number))
        if listed:
            purpose = f"Tiếp nhận và trả kết quả, {tablet_name} ({name})"
            user = self._login(listed, "RECEIVING_OFFICER", purpose, staff=staff)
        else:
            user = self._silent_user(staff, "RECEIVING_OFFICER")
        self.centre.desks[counter.id] = user.id

    def _add_specialist(self, department: Department) -> None:
        staff = self._add_staff(department, "Chuyên viên thẩm định")
        if department.code == "H98.07.01":
            user = self._login(
                "chuyenvien", "PROCESSING_OFFICER", "Giải quyết hồ sơ của Văn phòng Đăng ký đất đai", staff=staff
            )
        else:
            user = self._silent_user(staff, "PROCESSING_OFFICER")
        self.centre.specialists[department.id] = user.id

    def _add_helpers(self) -> None:
        own = self.departments["H98.20"]
        for kind, title in ((StaffKind.COUNSELLOR, "Tư vấn viên"), (StaffKind.VOLUNTEER, "Tình nguyện viên")):
            helpers = [self._add_staff(own, title, kind=kind) for _ in range(2)]
        self._login("tinhnguyen", "VOLUNTEER", "Tình nguyện viên: phát số, hướng dẫn tại sảnh", staff=helpers[0])

    def _add_staff(
        self, department: Department, title: str, *, kind: StaffKind = StaffKind.SERVANT, portrait: bool = False
    ) -> Staff:
        name = self._new_name(portrait=portrait)
        drawn = self.portraits[name.is_woman]
        staff = Staff(
            badge_number=self._new_badge(), full_name=name.full_name, kind=kind, department=department, job_title=title,
            portrait=drawn.pop() if drawn else None,
            phone=f"0299 38{self.rng.randint(10, 99)} {self.rng.randint(100, 999)}",
        )  # fmt: skip
        self.session.add(staff)
        self.session.flush()
        return staff

    def _new_name(self, *, portrait: bool) -> Name:
        while True:
            name = make_name(self.rng)
            if name.full_name not in self.used_names and (self.portraits[name.is_woman] or not portrait):
                self.used_names.add(name.full_name)
                return name

    def _new_badge(self) -> str:
        while True:
            badge = str(self.rng.randint(1000, 9999))
            if badge not in self.used_badges:
                self.used_badges.add(badge)
                return badge

    def _give_pin(self, staff: Staff) -> str:
        while True:
            pin = f"{secrets.randbelow(10_000):04d}"
            try:
                check_pin(pin, badge_number=staff.badge_number)
            except UserError:
                continue
            set_pin(self.session, staff=staff, pin=pin)
            return pin

    def _login(
        self, user_name: str, role: str, purpose: str, *, staff: Staff | None = None, display_name: str = ""
    ) -> User:
        given = create_user(
            self.session, user_name=user_name, roles=[role], at=self.at, display_name=display_name, staff=staff
        )
        password = _passphrase()
        change_password(self.session, user=given.user, present=given.password, new=password, at=self.at)
        self.centre.logins.append(
            Login(user_name=user_name, password=password, role=self.roles[role].name, purpose=purpose)
        )
        return given.user

    def _silent_user(self, staff: Staff, role: str) -> User:
        """Make a user who has no password: takes over a counter by badge, signs in once one is given."""
        name = f"{fold(staff.full_name).split()[-1]}.{staff.badge_number}"
        user = User(
            user_name=name, display_name=staff.full_name, staff=staff, roles=[self.roles[role]],
            must_change_password=False,
        )  # fmt: skip
        self.session.add(user)
        self.session.flush()
        return user


def import_demo_procedures(session: Session, *, at: datetime) -> None:
    """Import the demonstration procedures; one of them is received elsewhere, and says where."""
    source = inspect_file(PROCEDURES)
    batch = start_import(session, source, file_name=PROCEDURES.name, at=at)
    while batch.state is BatchState.RUNNING:
        import_chunk(session, batch, source, at=at)
    elsewhere = session.scalars(select(Procedure).where(Procedure.code == "9.001303")).one()
    elsewhere.is_at_centre = False
    elsewhere.redirect_text = "Trung tâm Dịch vụ việc làm tỉnh Bình Nguyên, số 5, đường Hùng Vương, phường Tân Lập"


def _shuffled(rng: Random, prefix: str) -> list[str]:
    names = [f"{prefix}-{number:02d}" for number in range(1, 17)]
    rng.shuffle(names)
    return names


def _passphrase() -> str:
    """Return four random syllables and a number: 44 bits that can be read out and typed."""
    consonants, vowels = "bcdghklmnprstvx", "aeiou"
    syllables = ["".join(secrets.choice(letters) for letters in (consonants, vowels, "nmtcp")) for _ in range(4)]
    return "-".join([*syllables, str(secrets.randbelow(900) + 100)])
