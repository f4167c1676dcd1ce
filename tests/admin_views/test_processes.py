"""A process in the browser: its faults, publishing it, its next version."""

from html import unescape

from sqlalchemy import select

from models.procedure import Procedure
from models.process import ProcessState, ProcessStep, ProcessVersion
from tests.support.browser import database_of
from tests.support.clients import make_user
from tests.support.counter import make_hall
from tests.support.processes import PLAIN_STEPS, PLAIN_WAYS, make_process


def text(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def test_a_process_is_made_checked_and_published_in_its_screens(any_app, now):
    hall = make_hall(any_app, now)
    with database_of(any_app) as session:
        procedure = session.get(Procedure, hall.licence_id)
        key = make_process(session, procedure, PLAIN_STEPS[:3], PLAIN_WAYS[:3]).id
        hall.users["admin"] = make_user(session, "ADMIN").id
    admin = hall.browser("admin", at_counter=False)

    page = text(admin.get(f"/admin/process_version/details/?id={key}"))
    assert "Chưa có bước trả kết quả" in page
    assert f"/admin/process_step/new/?version={key}" in page
    refused = admin.post(f"/processes/{key}/publish")
    form = text(admin.get(f"/admin/process_step/new/?version={key}"))
    assert f'value="{key}"' in form
    made = admin.post(
        "/admin/process_step/new/",
        **{"nonce": "a", "version": str(key), "position": "4", "code": "return",
            "name": "Trả kết quả", "kind": "RETURN", "place": "RECEIVING",
        },
    )  # fmt: skip
    way = admin.post(
        "/admin/process_transition/new/",
        **{"nonce": "b", "version": str(key), "position": "4", "code": "finish",
            "name": "Ban hành", "kind": "FINISH", "from_code": "sign", "to_code": "return",
        },
    )  # fmt: skip
    ready = text(admin.get(f"/admin/process_version/details/?id={key}"))
    assert (refused.status_code, made.status_code, way.status_code) == (303, 302, 302)
    assert "Không có gì cản trở việc ban hành" in ready

    admin.post(f"/processes/{key}/publish")
    admin.post(f"/processes/{key}/draft")
    (step, *_) = hall.all(ProcessStep)
    fixed = admin.post(
        f"/admin/process_step/edit/?id={step.id}",
        **{"row_version": "1", "position": "1", "code": "x", "name": "X", "kind": "WORK",
              "place": "DECIDING"},
    )  # fmt: skip

    with database_of(any_app) as session:
        versions = session.scalars(select(ProcessVersion).order_by(ProcessVersion.number)).all()
        states = [(version.number, version.state, len(version.steps)) for version in versions]
    assert states == [(1, ProcessState.PUBLISHED, 4), (2, ProcessState.DRAFT, 4)]
    assert fixed.status_code == 422
    assert "đã ban hành" in text(fixed)


def test_nobody_else_publishes(app, now):
    hall = make_hall(app, now)
    with database_of(app) as session:
        key = make_process(session, session.get(Procedure, hall.licence_id), PLAIN_STEPS, PLAIN_WAYS).id
    head = hall.browser("head", at_counter=False)

    answers = {
        head.post(f"/processes/{number}/{act}").status_code for number in (key, key + 9) for act in ("publish", "draft")
    }

    assert answers == {403}
