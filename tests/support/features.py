"""The walk through everything a generated screen offers, and a try at everything it excludes, for any model.

Each check returns what it found wrong as sentences; a screen that keeps its promises gives none.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Permission, Role, Scope
from models.actions import ACTIONS, GENERIC, is_offered
from models.base import Base, SoftDeleted
from models.describe import Attribute, attributes, order_attribute, screen_of
from services.localtime import to_local
from services.roles import known_actions, seed_roles
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import make_user, sign_in
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
class Walk:
    """What a walk needs: the application, its visitors, a model and the key of one of its rows."""

    app: Flask
    editor: Visitor
    reader: Visitor
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


def make_visitors(app: Flask) -> tuple[Visitor, Visitor]:
    """Return one who may do everything on every row, in Vietnamese, and one at level 0, in English."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        seed_roles(session)
        few = {"read", "history", "export", "create", "edit", "import", "bulk"}
        for code, level, actions in ((EVERYTHING, 9, set(ACTIONS)), ("READER", 0, few)):
            role = Role(code=code, name=code.title(), permissions=[])
            role.permissions += [
                Permission(entity=entity, action=action, scope=Scope.ALL, level=level)
                for entity, action in sorted(known_actions())
                if action in actions
            ]
            session.add(role)
        session.flush()
        session.add(Role(code="EMPTY", name="Empty"))  # the newest role, which rows made later refer to
        users = [make_user(session, EVERYTHING, name="walker"), make_user(session, "READER", name="reader")]
        users[0].roles.append(session.scalars(select(Role).where(Role.code == "ADMIN")).one())
        users[0].language, users[1].language = "vi", "en"
        session.commit()
        keys = [user.id for user in users]
    return Visitor(sign_in(app, keys[0]), "vi"), Visitor(sign_in(app, keys[1]), "en")


def begin(app: Flask, editor: Visitor, reader: Visitor, model: type[Base]) -> Walk:
    """Return the walk of ``model`` over a new row with every plain attribute filled."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = make_row(session, model)
        session.commit()
        key = row.id
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', editor.get("/admin/").text)[0]
    return Walk(app, editor, reader, model, key, token)


def words(page: str) -> str:
    """Return the text of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def said(walk: Walk, visitor: Visitor, message: str) -> str:
    with walk.app.test_request_context(), force_locale(visitor.language):
        return " ".join(gettext(message).split())


def check_languages(walk: Walk) -> Iterator[str]:
    """The list and the page of a row speak both languages, with every label."""
    for visitor in (walk.editor, walk.reader):
        level = 9 if visitor is walk.editor else 0
        shown = {k: a for k, a in attributes(walk.model).items() if not a.field.secret and a.field.level <= level}
        page = words(visitor.get(f"{walk.address}/").text)
        listed = [a for a in shown.values() if a.field.list is not None]
        for message in (screen_of(walk.model).title, *(a.field.label for a in listed)):
            if said(walk, visitor, message) not in page:
                yield f"list in {visitor.language}: {message!r} is missing"
        answer = visitor.get(f"{walk.address}/details/?id={walk.key}")
        if answer.status_code != 200:
            yield f"details in {visitor.language}: {answer.status_code}"


def check_search(walk: Walk) -> Iterator[str]:
    """A row is found by each word of what it can be found by."""
    if not hasattr(walk.model, "search_text"):
        return
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        text = walk.row(session).search_text.split("|")[0].split()
    for word in [w for w in text if len(w) >= 3][:2]:
        if not finds(walk, f"?{urlencode({'q': word.upper()})}"):
            yield f"search: the row is not found by {word!r}"
    if finds(walk, "?q=khongcochunaonhuvay"):
        yield "search: the row is found by a word it does not have"


def finds(walk: Walk, query: str) -> bool:
    """Return whether the list of ``query`` shows the walk's row."""
    page = unescape(walk.editor.get(f"{walk.address}/{query}").text)
    return re.search(rf'"{walk.address}/details/\?id={walk.key}"', page) is not None


def check_filters(walk: Walk) -> Iterator[str]:
    """All filters together find the row by its own values."""
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = walk.row(session)
        asked = {
            key: filter_value(row, attribute)
            for key, attribute in attributes(walk.model).items()
            if attribute.field.filter and getattr(row, key, None) is not None
        }
    query = {f"f.{key}{end}": value for key, values in asked.items() for end, value in values.items()}
    if query and not finds(walk, f"?{urlencode(query)}"):
        yield f"the row is not found by {query}"


def filter_value(row: Any, attribute: Attribute) -> dict[str, str]:
    """Return the parameters that filter by the value ``row`` has, by what follows the attribute's name."""
    value = getattr(row, attribute.key)
    if attribute.kind in ("date", "datetime", "integer", "decimal"):
        day = to_local(value).date() if isinstance(value, datetime) else value
        text = day.isoformat() if isinstance(day, date) else str(day)
        return {".from": text, ".to": text}
    if attribute.kind == "one":
        return {"": str(value.id)}
    if attribute.kind == "boolean":
        return {"": "1" if value else "0"}
    return {"": str(getattr(value, "value", value))} if attribute.kind in ("choice", "text") else {}


def check_orders(walk: Walk) -> Iterator[str]:
    """Every column that offers an order is ordered both ways."""
    for key, attribute in attributes(walk.model).items():
        if attribute.field.list is not None and order_attribute(walk.model, key):
            for order in (key, f"-{key}"):
                if walk.editor.get(f"{walk.address}/?order={order}").status_code != 200:
                    yield f"order {order} fails"


def check_lookup(walk: Walk) -> Iterator[str]:
    """The look-up offers the row to whoever types what it is found by."""
    if not hasattr(walk.model, "search_text"):
        return
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        text = walk.row(session).search_text.split("|")[0].strip()
    answer = walk.editor.get(f"{walk.address}/lookup/?{urlencode({'q': text})}").json
    if str(walk.key) not in {str(hit["id"]) for hit in answer["results"]}:
        yield f"the row is not offered for {text!r}"


def check_export(walk: Walk) -> Iterator[str]:
    """Both formats hold the list's columns and rows."""
    listed = [a for a in attributes(walk.model).values() if a.field.list is not None and not a.field.secret]
    csv = walk.editor.get(f"{walk.address}/export/?format=csv")
    if csv.status_code != 200 or not csv.data.startswith(b"\xef\xbb\xbf"):
        yield f"export as CSV: {csv.status_code}"
        return
    for attribute in listed:
        if said(walk, walk.editor, attribute.field.label) not in csv.text:
            yield f"export: the column {attribute.key} is missing"
    xlsx = walk.editor.get(f"{walk.address}/export/?format=xlsx")
    if "xl/workbook.xml" not in ZipFile(io.BytesIO(xlsx.data)).namelist():
        yield "export as XLSX: no workbook"


def check_history(walk: Walk) -> Iterator[str]:
    """The history opens for who may read it."""
    for visitor in (walk.editor, walk.reader):
        answer = visitor.get(f"{walk.address}/history/?id={walk.key}")
        if answer.status_code != 200:
            yield f"history in {visitor.language}: {answer.status_code}"


def check_bin(walk: Walk) -> Iterator[str]:
    """A row that nothing uses is deleted, is gone from every road, and comes back where there is a bin."""
    screen = screen_of(walk.model)
    if not screen.delete:
        return
    road = f"delete/?id={walk.key}"
    if walk.editor.get(f"{walk.address}/{road}").status_code != 200:
        yield "delete: no page that asks"
    answer = walk.post(road)
    if answer.status_code == 409:
        return  # in use, and said so
    if answer.status_code != 302 or walk.reader.get(f"{walk.address}/details/?id={walk.key}").status_code != 404:
        yield f"delete: {answer.status_code}, or the row is still there"
    if finds(walk, ""):
        yield "delete: the list still shows the row"
    if issubclass(walk.model, SoftDeleted):
        walk.post(f"restore/?id={walk.key}")
        if walk.editor.get(f"{walk.address}/details/?id={walk.key}").status_code != 200:
            yield "restore: the row is not back"


def check_excluded(walk: Walk) -> Iterator[str]:
    """What the screen excludes stands on no page and is refused by every road, whatever rights one has."""
    screen, client = screen_of(walk.model), walk.editor.client
    roads = {"create": "new/", "edit": f"edit/?id={walk.key}", "delete": f"delete/?id={walk.key}"}
    pages = [walk.editor.get(f"{walk.address}/{road}").text for road in ("", f"details/?id={walk.key}")]
    for action in (action for action in GENERIC if not is_offered(screen, action)):
        road = roads.get(action)
        if road is None:
            continue
        answers = {client.get(f"{walk.address}/{road}").status_code, walk.post(road).status_code}
        if not answers <= {403, 405}:
            yield f"{action} is excluded, yet {road} answers {answers}"
        if any(f'href="{walk.address}/{road}"' in page for page in pages):
            yield f"{action} is excluded, yet a page offers it"


def check_levels(walk: Walk) -> Iterator[str]:
    """What is secret, or above one's level, leaves by no road; nothing is found, ordered or changed by it."""
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        planted = plant(walk.row(session))
        session.commit()
    roads = [
        "",
        f"details/?id={walk.key}",
        f"history/?id={walk.key}",
        "export/?format=csv",
        f"edit/?id={walk.key}",
        "new/",
    ]
    roads += [f"?v={quick.name}" for quick in screen_of(walk.model).quick]
    for road in roads:
        text = walk.reader.get(f"{walk.address}/{road}").text
        yield from (f"{road} shows {key}" for key, value in planted.items() if value in text)
    offered = "".join(walk.reader.get(f"{walk.address}/{road}").text for road in ("filters/", "arrange/"))
    yield from (f"filters or columns offer {key}" for key in planted if f'"{key}"' in offered or f'"f.{key}' in offered)
    columns = urlencode({"cols": list(planted)}, doseq=True)
    for road in ("", "export/"):
        text = walk.reader.get(f"{walk.address}/{road}?{columns}").text
        yield from (f"{road} shows {key} where it is asked for" for key, value in planted.items() if value in text)
    everything = shown_keys(walk, "")
    for key, value in planted.items():
        if shown_keys(walk, f"?{urlencode({f'f.{key}': value})}") != everything:
            yield f"a filter by {key} tells something"
        if shown_keys(walk, f"?order={key}") != everything or shown_keys(walk, f"?order=-{key}") != everything:
            yield f"an order by {key} tells something"
        for road in ("", "lookup/", "export/"):
            page = walk.reader.get(f"{walk.address}/{road}?{urlencode({'q': value})}").text
            if f"id={walk.key}" in re.sub(r"<input[^>]*>", "", page):
                yield f"{road} finds the row by {key}"
    yield from mass_assignment(walk, planted)


def plant(row: Any) -> dict[str, str]:
    """Write a value of its own into every text of ``row`` that is hidden at level 0; return them by key."""
    planted: dict[str, str] = {}
    for key, attribute in attributes(type(row)).items():
        is_hidden = attribute.field.secret or attribute.field.level > 0
        if is_hidden and attribute.kind == "text" and key not in type(row).__mapper__.validators:
            planted[key] = f"zq{len(planted)}x{row.id}leak"[: attribute.length or 40]
            setattr(row, key, planted[key])
    return planted


def shown_keys(walk: Walk, query: str) -> list[str]:
    """Return the keys of the rows that the reader's list shows, in its order."""
    return re.findall(rf'"{walk.address}/details/\?id=(\d+)"', walk.reader.get(f"{walk.address}/{query}").text)


def mass_assignment(walk: Walk, planted: Mapping[str, str]) -> Iterator[str]:
    """Post every hidden attribute of the row as somebody who edits at level 0."""
    if not screen_of(walk.model).edit or not planted:
        return
    form = walk.reader.get(f"{walk.address}/edit/?id={walk.key}").text
    kept = dict(re.findall(r'name="(csrf_token|row_version)"[^>]*value="([^"]*)"', form))
    walk.reader.client.post(
        f"{walk.address}/edit/?id={walk.key}", data={**kept, **dict.fromkeys(planted, "taken over")}
    )
    with walk.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = walk.row(session)
        yield from (f"{key} was changed from level 0" for key, value in planted.items() if getattr(row, key) != value)


CHECKS: tuple[Callable[[Walk], Iterator[str]], ...] = (
    check_levels,
    check_languages,
    check_search,
    check_filters,
    check_orders,
    check_lookup,
    check_export,
    check_history,
    check_excluded,
    check_bin,
)


def walk_through(app: Flask, editor: Visitor, reader: Visitor, model: type[Base]) -> list[str]:
    """Return everything that is wrong with the screen of ``model``."""
    walk = begin(app, editor, reader, model)
    return [f"{check.__name__[6:]}: {fault}" for check in CHECKS for fault in check(walk)]
