"""The part of the walk that asks how far rights reach: children, rows of others, verbs that do not fit a row."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from flask import url_for
from flask_babel import force_locale, gettext
from sqlalchemy import select

from admin_views.verbs import row_verbs
from models.access import User
from models.actor import ScopeLevel
from models.describe import attributes, screen_of
from services.roles import build_actor
from services.session import scope_condition
from tests.support.walk import Walk, rows_of

REFUSED = {400, 403, 404, 405, 409, 422}
ROADS = ("details/", "look/", "history/", "edit/", "delete/", "revert/", "restore/")


def check_children(walk: Walk) -> Iterator[str]:
    """Every collection of a row that the screen describes has its place on the page of the row."""
    page = unescape(walk.editor.get(f"{walk.address}/details/?id={walk.key}").text)
    for key, attribute in attributes(walk.model).items():
        if attribute.kind != "many" or attribute.field.secret or attribute.field.detail is False:
            continue
        with walk.app.test_request_context(), force_locale("vi"):
            label = gettext(attribute.field.label)
        if label not in page:
            yield f"children: {key} has no place on the page"


def check_scope(walk: Walk) -> Iterator[str]:
    """Whose rights end in another department meets the row by no road."""
    with rows_of(walk) as session:
        user = session.scalars(select(User).where(User.user_name == "outsider")).one()
        actor = build_actor(session, user)
        condition = scope_condition(walk.model, actor, "read")
        own: Any = walk.model
        found = select(own.id).where(own.id == walk.key, *(() if condition is None else (condition,)))
        is_reachable = session.scalar(found) is not None
        text = getattr(walk.row(session), "search_text", "").split("|")[0].strip()
    if ScopeLevel.TREE not in screen_of(walk.model).scopes:
        return  # no row of it belongs to anybody
    seen = {
        road: walk.outsider.client.open(
            f"{walk.address}/{road}?id={walk.key}", method=method, data={"csrf_token": ""} if method == "POST" else None
        ).status_code
        for road, method in ((road, "POST" if road == "restore/" else "GET") for road in ROADS)
    }
    if is_reachable:
        if seen["details/"] != 200:
            yield f"scope: within reach, yet {seen}"
        return
    if not set(seen.values()) <= REFUSED:
        yield f"scope: out of reach, yet {seen}"
    for road in ("", f"?q={text}", "export/?format=csv", f"lookup/?q={text}&id={walk.key}"):
        page = re.sub(r"<input[^>]*>", "", walk.outsider.get(f"{walk.address}/{road}").text)
        if f"id={walk.key}" in re.findall(r"id=\d+", page) or f'"id": {walk.key},' in page:
            yield f"scope: out of reach, yet /{road} shows it"


def check_verbs(walk: Walk) -> Iterator[str]:
    """A verb that the page of a row does not offer, although one has every right, is refused and changes nothing."""
    page = unescape(walk.editor.get(f"{walk.address}/details/?id={walk.key}").text)
    for verb in row_verbs(walk.model.__tablename__):
        with rows_of(walk) as session, walk.app.test_request_context():
            row = walk.row(session)
            place, before = url_for(verb.endpoint, **verb.arguments(row)), values(row)
        if f'"{place}"' in page:
            continue
        answer = walk.editor.client.post(place, data={"csrf_token": walk.token})
        with rows_of(walk) as session:
            is_same = values(walk.row(session)) == before
        if answer.status_code not in REFUSED | {303} or not is_same:  # 303: what is so already stays so
            yield f"verb: {verb.endpoint} is not offered, yet answers {answer.status_code}, row same: {is_same}"


def values(row: Any) -> dict[str, Any]:
    """Return what the columns of a row hold."""
    return {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}
