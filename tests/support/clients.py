"""People of a small centre for tests of the web: departments, one user per role, and their signed-in clients."""

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.organisation import Department, DepartmentKind
from models.staff import Staff
from services.database import transaction_mode
from services.login_sessions import Limits, start_session
from services.session import unscoped
from tests.support.roles import have_roles
from web.database import database
from web.security import cookie_name


def make_department(session: Session, code: str = "H19.01", name: str = "Sở Xây dựng") -> Department:
    """Return the department of a code, made where it is not there yet."""
    found = session.scalar(select(Department).where(Department.code == code))
    if found is None:
        found = Department(code=code, name=name, kind=DepartmentKind.DEPARTMENT)
        session.add(found)
        session.flush()
    return found


def make_user(session: Session, role: str, *, department: Department | None = None, name: str = "") -> User:
    """Return a new user with one role, who is a member of staff of ``department``."""
    have_roles(session)
    user_name = name or f"{role.lower().replace('_', '.')}.{session.query(User).count()}"
    staff = None
    if department is not None:
        staff = Staff(badge_number=user_name[-18:], full_name=f"Nguyễn Văn {role.title()}", department=department)
        session.add(staff)
    user = User(
        user_name=user_name,
        display_name=staff.full_name if staff else role.title(),
        staff=staff,
        department=department,
        roles=[session.scalars(select(Role).where(Role.code == role)).one()],
        must_change_password=False,
    )
    session.add(user)
    session.flush()
    return user


def sign_in(app: Flask, user_id: int, *, counter_id: int | None = None) -> FlaskClient:
    """Return a client that is signed in as the user."""
    client = app.test_client()
    with app.app_context(), transaction_mode("write"), Session(database().engine) as session, unscoped(session, "test"):
        user = session.get_one(User, user_id)
        _login, token = start_session(session, user=user, limits=Limits(), at=datetime.now(UTC), counter_id=counter_id)
        session.commit()
    client.set_cookie(cookie_name(app.config["SETTINGS"]), token)
    return client


def client_as(app: Flask, role: str | None, *, department_code: str = "H19.01") -> FlaskClient:
    """Return a client of a new user with ``role`` in a department; an anonymous one for None."""
    if role is None:
        return app.test_client()
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        department = make_department(session, department_code, f"Sở {department_code}")
        user = make_user(session, role, department=department)
        session.commit()
        user_id = user.id
    return sign_in(app, user_id)
