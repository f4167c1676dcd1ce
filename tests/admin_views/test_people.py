"""People who come and go: many added at once, and one act that ends everything somebody had."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import LoginSession, User
from models.delegation import Delegation, Extent
from models.staff import CounterSession
from services.access_rules import LastAdministratorError
from services.counter_sessions import open_counter_session
from services.leavers import AccessNotEndedError, LeaverSelfError, end_access, return_access
from services.login_sessions import Limits, start_session
from services.session import unscoped
from services.user_batches import propose_user_name
from tests.contracts.test_census import csrf_token
from tests.factories import START
from tests.support.centre import Centre, receive
from tests.support.clients import client_as, make_department
from web.database import database


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_one_act_ends_all_that_lets_somebody_in_and_lists_their_work(session: Session) -> None:
    centre = Centre(session, START)
    admin = centre.make_user("ADMIN", centre.hall)
    dossier = receive(centre)
    dossier.responsible = centre.clerk.staff
    start_session(session, user=centre.clerk, limits=Limits(), at=START)
    open_counter_session(session, counter=centre.counter, staff=centre.clerk.staff, at=START)  # type: ignore[arg-type]
    session.add(
        Delegation(
            from_user=centre.head,
            to_user=centre.clerk,
            extent=Extent.EVERYTHING,
            entities=[],
            reason="x",
            from_at=START,
            until_at=START + timedelta(days=1),
        )
    )
    session.flush()

    with centre.acting_as(admin):
        ended = end_access(session, user=centre.clerk, at=START + timedelta(minutes=1))

    assert (ended.sessions, ended.counters, ended.delegations, ended.work.count) == (1, 1, 1, 1)
    assert [one.id for one in ended.work.dossiers] == [dossier.id]
    assert (centre.clerk.is_active, centre.clerk.staff.is_active, centre.clerk.password_hash) == (False, False, None)  # type: ignore[union-attr]
    assert session.scalars(select(LoginSession.end_reason)).all() == ["left"]
    assert session.scalars(select(CounterSession.ended_at)).all() == [START + timedelta(minutes=1)]
    with centre.acting_as(admin):
        again = end_access(session, user=centre.clerk, at=START)
        given = return_access(session, user=centre.clerk, at=START)
        with pytest.raises(AccessNotEndedError):
            return_access(session, user=centre.clerk, at=START)
    assert (again.sessions, again.counters, again.delegations) == (0, 0, 0)
    assert (given.user.is_active, given.user.must_change_password) == (True, True)
    assert [role.code for role in given.user.roles] == ["RECEIVING_OFFICER"]
    with centre.acting_as(admin), pytest.raises(LeaverSelfError):
        end_access(session, user=admin, at=START)
    with pytest.raises(LastAdministratorError):
        end_access(session, user=admin, at=START)


def test_the_page_of_a_leaver_and_the_way_back(app: Flask) -> None:
    admin, clerk = client_as(app, "ADMIN"), client_as(app, "RECEIVING_OFFICER", department_code="H19.A")
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        key = session.scalars(select(User.id).order_by(User.id.desc())).first()
    token = {"csrf_token": csrf_token(admin)}

    ended = admin.post(f"/admin/user_account/{key}/end-access", data=token)

    assert ended.status_code == 200
    assert "không còn đăng nhập được" in text(ended.text)
    assert clerk.get("/admin/").status_code == 303
    back = admin.post(f"/admin/user_account/{key}/give-access-back", data=token)
    assert "Mật khẩu dùng một lần" in text(back.text)
    assert admin.post("/admin/user_account/99999/end-access", data=token).status_code == 404


LIST = """Họ tên\tSố thẻ\tĐơn vị\tVai trò
Nguyễn Thị Minh Khai\t1042\tH19.A\tCán bộ tiếp nhận
Nguyễn Thị Minh Khai\t1043\tSở H19.A\tRECEIVING_OFFICER, SUPERVISOR
Trần Bình\t\tH19.A\tAUDITOR\tbinh.kiemtoan
"""


def test_a_list_is_checked_then_added_once_with_passwords(any_app: Flask) -> None:
    admin = client_as(any_app, "ADMIN")
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        make_department(session, "H19.A", "Sở H19.A")
        session.commit()
    token = {"csrf_token": csrf_token(admin)}

    wrong = admin.post("/admin/user_account/many", data={**token, "list": "Ai đó; 1; H99; CLERK\n;;;", "act": "create"})
    checked = admin.post("/admin/user_account/many", data={**token, "list": LIST})
    nonce = re.findall(r'name="nonce" value="([^"]*)"', checked.text)[0]
    sent = {**token, "list": LIST, "act": "create", "nonce": nonce}
    made, again = (admin.post("/admin/user_account/many", data=sent) for _time in range(2))

    assert wrong.status_code == 422
    assert "Không có đơn vị H99." in text(wrong.text)
    assert "Không có vai trò CLERK." in text(wrong.text)
    assert "Thêm 3 người" in text(checked.text)
    assert len(re.findall(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}", made.text)) == 3
    assert again.status_code in (409, 422)
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        users = session.scalars(select(User).order_by(User.id)).all()[1:]
        badges = [user.staff.badge_number if user.staff else "" for user in users]
        roles = [sorted(role.code for role in user.roles) for user in users]
        assert list(zip([user.user_name for user in users], roles, badges, strict=True)) == [
            ("khai.ntm", ["RECEIVING_OFFICER"], "1042"),
            ("khai.ntm2", ["RECEIVING_OFFICER", "SUPERVISOR"], "1043"),
            ("binh.kiemtoan", ["AUDITOR"], ""),
        ]
        assert {user.must_change_password for user in users} == {True}


def test_a_file_fills_the_list_and_odd_ones_are_refused_in_words(app: Flask) -> None:
    admin = client_as(app, "ADMIN")
    token = {"csrf_token": csrf_token(admin)}

    def upload(content: bytes, name: str) -> tuple[int, str]:
        answer = admin.post(
            "/admin/user_account/many", data={**token, "file": (io.BytesIO(content), name)},
            content_type="multipart/form-data",
        )  # fmt: skip
        return answer.status_code, text(answer.text)

    status, page = upload("Họ tên;Số thẻ\nTrần Bình;7\n".encode(), "a.csv")
    assert (status, "binh.t" in page) == (200, True)
    assert upload(b"PK\x03\x04broken", "a.xlsx")[0] in (409, 422)
    many = admin.post("/admin/user_account/many", data={**token, "list": "a;1\n" * 300})
    assert many.status_code == 422


def test_names_to_sign_in_with_follow_the_custom_of_offices() -> None:
    names = ["Nguyễn Thị Minh Khai", "Đỗ Ơ", "", "X"]

    assert [propose_user_name(name) for name in names] == ["khai.ntm", "o.d", "user", "x.user"]
