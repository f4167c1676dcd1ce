"""People for tests of access: a department tree, a hall with counters, staff and users, made by the services."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.organisation import Counter, Department, DepartmentKind, Site
from models.staff import Staff
from services.passwords import password_hashing, pin_hashing
from tests.support.roles import have_roles

PASSWORD = "ngọn đèn đầu ngõ cũ"
PIN = "2580"


def seed_hall(session: Session) -> Counter:
    """Seed the roles, a department with another below it and one beside it, and counters 1 to 3; give counter 1."""
    have_roles(session)
    transport = Department(code="H19.07", name="Sở Giao thông vận tải", kind=DepartmentKind.DEPARTMENT)
    vehicles = Department(code="H19.07.01", name="Phòng Phương tiện", kind=DepartmentKind.DEPARTMENT, parent=transport)
    justice = Department(code="H19.08", name="Sở Tư pháp", kind=DepartmentKind.DEPARTMENT)
    site = Site(code="TT", name="Trung tâm Phục vụ hành chính công", unit_code="H19")
    counters = [Counter(number=n, name=f"Quầy {n}", site=site, department=transport) for n in (1, 2, 3)]
    session.add_all([transport, vehicles, justice, site, *counters])
    session.flush()
    return counters[0]


def make_staff(
    session: Session, badge: str, full_name: str = "Nguyễn Thị Minh Khai", department: str = "H19.07"
) -> Staff:
    """Make a public servant with a badge and the PIN of all tests."""
    unit = session.scalars(select(Department).where(Department.code == department)).one()
    staff = Staff(badge_number=badge, full_name=full_name, department=unit, pin_hash=pin_hashing().hash(PIN))
    session.add(staff)
    session.flush()
    return staff


def make_user(
    session: Session, name: str, *roles: str, at: datetime, staff: Staff | None = None, department: str | None = None
) -> User:
    """Make a user who has chosen the password of all tests; its department is given by code."""
    unit = session.scalars(select(Department).where(Department.code == department)).one_or_none()
    user = User(
        user_name=name,
        display_name=staff.full_name if staff else name,
        staff=staff,
        department=unit,
        roles=list(session.scalars(select(Role).where(Role.code.in_(roles)))),
        password_hash=password_hashing().hash(PASSWORD),
        must_change_password=False,
        password_changed_at=at,
    )
    session.add(user)
    session.flush()
    return user
