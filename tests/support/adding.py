"""Run in a copy of the repository, in processes of its own: an entity added as the document says, and used.

``python -m tests.support.adding answer`` writes the entity from the answers; ``... use`` migrates and walks.
Each prints one JSON list of what went wrong.
"""

import io
import json
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from models import screens
from models.access import Permission, Role, Scope
from services.session import unscoped
from tests.support.clients import client_as, make_department
from tests.support.features import walk_through
from tests.support.screens import path_of, send, send_on
from tests.support.walk import Walk, begin, make_visitors
from web.database import database

ROOT = Path(__file__).parents[2]


def block(language: str) -> str:
    """Return the block of the document in a language."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "docs" / "adding-an-entity.md").read_text("utf-8"), re.S)
    assert found is not None
    return found[1]


def answer(app: Flask) -> list[str]:
    """Migrate to what there was, then add the entity by the command, twice: the second time it asks first."""
    (ROOT / "vehicle.toml").write_text(block("toml"), "utf-8")
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    runner = app.test_cli_runner()
    arguments = ["new-entity", "--from", str(ROOT / "vehicle.toml"), "--no-migration"]
    first = runner.invoke(args=arguments)
    written = ROOT / "models" / "vehicle.py"
    faults = [] if first.exit_code == 0 else [f"new-entity: {first.output}"]
    if written.read_text("utf-8") != block("python"):
        faults.append("the file differs from the document's")
    written.write_text("# mine\n", "utf-8")
    second = runner.invoke(args=arguments, input="n\n")
    if second.exit_code == 0 or written.read_text("utf-8") != "# mine\n":
        faults.append(f"a file was overwritten unasked: {second.output}")
    written.write_text(block("python"), "utf-8")
    return faults


def use(app: Flask) -> list[str]:
    """Do what the document says comes then, and use everything of the new screen."""
    with app.app_context():
        folder = str(ROOT / "migrations")
        flask_migrate.revision(directory=folder, message="Add vehicle", autogenerate=True)
        flask_migrate.upgrade(directory=folder)
    seeded = app.test_cli_runner().invoke(args=["seed-roles"])
    if seeded.exit_code != 0:
        return [f"seed-roles: {seeded.output}"]
    model: Any = next(model for model in screens() if model.__tablename__ == "vehicle")
    visitors = make_visitors(app)
    faults = walk_through(app, visitors, model)
    walk = begin(app, visitors, model)
    return faults + work(walk) + many(walk) + exchange(walk) + scope(app)


def work(walk: Walk) -> list[str]:
    """Make a vehicle by its form, change it as two people at once, and read what happened."""
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        department = make_department(session, "H19.A", "Sở khác")
        session.commit()
        unit = str(department.id)
    form = {"plate": "60A-123.45", "department": unit, "bought_date": "2017-05-17", "price": "750000000", "nonce": "n1"}
    made = walk.post("new/", **form)
    again = walk.post("new/", **form)
    faults = []
    if made.status_code != 302 or made.headers.get("Location") != again.headers.get("Location"):
        return [f"form: {made.status_code}: {re.findall(r'field-error.*?</p>', made.text, re.S)}"]
    key = made.headers["Location"].partition("id=")[2]
    page = walk.editor.get(f"/admin/vehicle/details/?id={key}").text
    expected = ("60A-123.45", "Biển số", "Giá mua", "Chuyến đi")
    faults += [f"details: {text} is missing" for text in expected if text not in page]
    first = walk.post(f"edit/?id={key}", **form, row_version="1", in_use="1")
    second = walk.post(f"edit/?id={key}", **{**form, "plate": "60A-999.99"}, row_version="1")
    if (first.status_code, second.status_code) != (302, 409) or "60A-999.99" not in second.text:
        faults.append(f"two at once: {first.status_code}, {second.status_code}")
    history = unescape(walk.editor.get(f"/admin/vehicle/history/?id={key}").text)
    going_back = re.findall(r'"(/admin/vehicle/revert/\?[^"]*aim=undo[^"]*)"', history)
    if "Đang dùng" not in history or not going_back:
        return [*faults, "history: the change of a field, or the way back, is missing"]
    asked = walk.editor.get(going_back[0])
    version = re.findall(r'name="row_version" value="(\d+)"', asked.text)[0]
    token = {"csrf_token": walk.token, "row_version": version, "field": "in_use"}
    reverted = walk.editor.client.post(going_back[0], data=token).status_code
    if reverted != 302 or vehicle(walk, "60A-123.45").in_use:
        faults.append(f"revert: {reverted}")
    return faults


def vehicle(walk: Walk, plate: str) -> Any:
    """Return the stored vehicle of a plate, apart from any session."""
    model: Any = walk.model
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = session.scalars(select(model).where(model.plate == plate)).one()
        session.expunge(row)
        return row


def many(walk: Walk) -> list[str]:
    """Set a field of all that match, and keep a view of the list."""
    client, road = walk.editor.client, f"{walk.address}/bulk/"
    chosen = send(client, road, {"act": "set", "all": "1", "listed": "q=60a"})
    preview = send_on(client, chosen, road, field="in_use", in_use="1")
    client.get(path_of(send_on(client, preview, road)))
    faults = [] if vehicle(walk, "60A-123.45").in_use else ["bulk: nothing was set"]
    form = {"name": "Xe của tôi", "query": "q=60a", "cols": ["plate", "department"]}
    kept = walk.post("views/save/", **form)
    if kept.status_code != 302 or "Xe của tôi" not in client.get(f"{walk.address}/").text:
        faults.append(f"saved view: {kept.status_code}")
    return faults


def exchange(walk: Walk) -> list[str]:
    """Import two vehicles from a file with a title above its header, and find them in the export."""
    lines = "DANH SÁCH XE\n\nBiển số;Đơn vị;Ngày mua\n60A-777.77;H19.A;17/5/2017\n60A-888.88;H19.A;\n"
    upload = {"csrf_token": walk.token, "file": (io.BytesIO(lines.encode()), "xe.csv")}
    columns = walk.editor.client.post(
        f"{walk.address}/import/", data=upload, content_type="multipart/form-data"
    ).headers.get("Location", "")
    filled = {"c.0": "plate", "c.1": "department", "c.2": "bought_date", "mode": "good", "csrf_token": walk.token}
    check = walk.editor.client.post(columns, data=filled).headers.get("Location", "")
    result = walk.editor.client.post(check, data={"csrf_token": walk.token})
    rows = walk.editor.get(f"{walk.address}/export/?format=csv").text
    missing = [plate for plate in ("60A-777.77", "60A-888.88", "2017-05-17") if plate not in rows]
    return [f"import: {result.status_code}: {missing}"] if missing else []


def scope(app: Flask) -> list[str]:
    """A head of another department, whose right reaches their own, sees none of it."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        role = session.scalars(select(Role).where(Role.code == "DEPARTMENT_HEAD")).one()
        held = select(Permission).where(Permission.role_id == role.id, Permission.entity == "vehicle")
        for permission in session.scalars(held):
            permission.scope = Scope.TREE
        session.commit()
    seen = {}
    for code in ("H19.A", "H19.B"):
        client = client_as(app, "DEPARTMENT_HEAD", department_code=code)
        seen[code] = "60A-123.45" in client.get("/admin/vehicle/").text
    return [] if seen == {"H19.A": True, "H19.B": False} else [f"scope: {seen}"]


def main() -> None:
    settings = {"TESTING": True, "SECRET_KEY": "t" * 40, "INSTANCE_PATH": str(ROOT / "instance")}
    app = create_app(settings)
    faults = {"answer": answer, "use": use}[sys.argv[1]](app)
    sys.stdout.write(f"\n{json.dumps(faults, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main()
