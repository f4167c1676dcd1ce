"""Who walks through a generated screen, and the row they walk with."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Permission, Role, Scope
from models.actions import ACTIONS
from models.base import Base
from models.staff import Staff
from services.roles import known_actions
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import make_department, make_user, sign_in
from tests.support.roles import have_roles
from web.database import database

EVERYTHING = "EVERYTHING"


@dataclass(frozen=True)
class Visitor:
    """A client with every right at a field level, or at level 0, in a language."""

    client: FlaskClient
    language: str

    def get(self, address: str) -> Any:
        return self.client.get(address)


@dataclass(frozen=True)
class Visitors:
    """Who walks: one with every right, in Vietnamese; one at level 0, in English; one whose rights end elsewhere."""

    editor: Visitor
    reader: Visitor
    outsider: Visitor


@dataclass(frozen=True)
class Walk:
    """What a walk needs: the application, its visitors, a model and the key of one of its rows."""

    app: Flask
    editor: Visitor
    reader: Visitor
    outsider: Visitor
    model: type[Base]
    key: int
    token: str

    @property
    def address(self) -> str:
        return f"/admin/{self.model.__tablename__}"

    def post(self, road: str, **data: Any) -> Any:
        return self.editor.client.post(f"{self.address}/{road}", data={"csrf_token": self.token, **data})

    def row(self, session: Session) -> Any:
        return session.get_one(self.model, self.key)


def make_visitors(app: Flask) -> Visitors:
    """Return the visitors; the outsider holds every right within a department that no row of the walk belongs to."""
    everything, few = set(ACTIONS), {"read", "history", "export", "create", "edit", "import", "bulk"}
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        have_roles(session)
        for code, level, actions, scope in (
            (EVERYTHING, 9, everything, Scope.ALL),
            ("READER", 0, few, Scope.ALL),
            ("OUTSIDER", 9, everything, Scope.TREE),
        ):
            role = Role(code=code, name=code.title(), permissions=[])
            role.permissions += [
                Permission(entity=entity, action=action, scope=scope, level=level)
                for entity, action in sorted(known_actions())
                if action in actions
            ]
            session.add(role)
        session.flush()
        session.add(Role(code="EMPTY", name="Empty"))  # the newest role, which rows made later refer to
        elsewhere = make_department(session, "H19.Z", "Nơi khác")
        make_department(session, "H19.Y", "Nơi của cuộc đi")  # the newest department, likewise
        users = [
            make_user(session, EVERYTHING, name="walker"),
            make_user(session, "READER", name="reader"),
            make_user(session, "OUTSIDER", department=elsewhere, name="outsider"),
        ]
        make_row(session, Staff, full_name="Người khác")  # the newest member of staff
        make_user(session, "READER", name="newest")
        users[0].roles.append(session.scalars(select(Role).where(Role.code == "ADMIN")).one())
        users[1].language = "en"
        users[0].language = users[2].language = "vi"
        session.commit()
        keys = [user.id for user in users]
    editor, reader, outsider = (
        Visitor(sign_in(app, key), language) for key, language in zip(keys, ("vi", "en", "vi"), strict=True)
    )
    return Visitors(editor, reader, outsider)


def begin(app: Flask, visitors: Visitors, model: type[Base]) -> Walk:
    """Return the walk of ``model`` over a new row with every plain attribute filled."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = make_row(session, model)
        session.commit()
        key = row.id
    page = visitors.editor.get("/admin/").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', page)[0]
    return Walk(app, visitors.editor, visitors.reader, visitors.outsider, model, key, token)


@contextmanager
def rows_of(walk: Walk) -> Iterator[Session]:
    """Open a session that sees every row."""
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        yield session


def finds(walk: Walk, query: str) -> bool:
    """Return whether the list of ``query`` shows the walk's row."""
    page = unescape(walk.editor.get(f"{walk.address}/{query}").text)
    return re.search(rf'"{walk.address}/details/\?id={walk.key}"', page) is not None
