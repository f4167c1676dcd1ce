"""The walk through everything a generated screen offers, and a try at everything it excludes, for any model.

Each check returns what it found wrong as sentences; a screen that keeps its promises gives none.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

from flask import Flask
from flask_babel import force_locale, gettext

from models.actions import GENERIC, is_offered
from models.base import Base, SoftDeleted
from models.describe import Attribute, attributes, order_attribute, screen_of
from services.localtime import to_local
from tests.support.features_exchange import check_copy, check_import, check_saved_view
from tests.support.features_reach import check_children, check_scope, check_verbs
from tests.support.features_work import check_form_and_way_back, check_many_and_undo
from tests.support.walk import Visitor, Visitors, Walk, begin, finds, rows_of


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
    with rows_of(walk) as session:
        text = walk.row(session).search_text.split("|")[0].split()
    for word in [w for w in text if len(w) >= 3][:2]:
        if not finds(walk, f"?{urlencode({'q': word.upper()})}"):
            yield f"search: the row is not found by {word!r}"
    if finds(walk, "?q=khongcochunaonhuvay"):
        yield "search: the row is found by a word it does not have"


def check_filters(walk: Walk) -> Iterator[str]:
    """All filters together find the row by its own values."""
    with rows_of(walk) as session:
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
    with rows_of(walk) as session:
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
    pages = [unescape(walk.editor.get(f"{walk.address}/{road}").text) for road in ("", f"details/?id={walk.key}")]
    for action in (action for action in GENERIC if not is_offered(screen, action)):
        for road, fields in excluded_roads(walk, action):
            answers = {client.get(f"{walk.address}/{road}").status_code, walk.post(road, **fields).status_code}
            if not answers <= {403, 404, 405}:
                yield f"{action} is excluded, yet {road} answers {answers}"
            is_shared = road == "bulk/" and is_offered(screen, "bulk")
            if not is_shared and any(f'"{walk.address}/{road}"' in page for page in pages):
                yield f"{action} is excluded, yet a page offers {road}"


def excluded_roads(walk: Walk, action: str) -> list[tuple[str, dict[str, str]]]:
    """Return the roads that do ``action``, each with what is sent along."""
    one, many = f"?id={walk.key}", {"key": f"{walk.key}.1", "listed": "", "step": "run", "nonce": "n"}
    set_one = many | {"act": "set", "field": next(iter(attributes(walk.model))), "value": "x"}
    import_roads: list[tuple[str, dict[str, str]]] = [
        (f"import/{step}", {}) for step in ("", "columns/?draft=x", "words/?draft=x", "check/?draft=x", "template/")
    ]
    return {
        "create": [("new/", {}), (f"new/?copy={walk.key}", {})],
        "edit": [(f"edit/{one}", {}), (f"revert/{one}&event=1", {}), ("bulk/", set_one)],
        "delete": [(f"delete/{one}", {}), (f"restore/{one}", {}), ("bulk/", many | {"act": "delete"})],
        "import": import_roads,
        "bulk": [("bulk/", set_one), ("bulk/", many | {"act": "delete"}), ("bulk/", many | {"act": "restore"})],
    }.get(action, [])


def check_levels(walk: Walk) -> Iterator[str]:
    """What is secret, or above one's level, leaves by no road; nothing is found, ordered or changed by it."""
    with rows_of(walk) as session:
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
    with rows_of(walk) as session:
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
    check_children,
    check_scope,
    check_saved_view,
    check_form_and_way_back,
    check_many_and_undo,
    check_copy,
    check_import,
    check_verbs,
    check_excluded,
    check_bin,
)


def walk_through(app: Flask, visitors: Visitors, model: type[Base]) -> list[str]:
    """Return everything that is wrong with the screen of ``model``."""
    walk = begin(app, visitors, model)
    return [f"{check.__name__[6:]}: {fault}" for check in CHECKS for fault in check(walk)]
