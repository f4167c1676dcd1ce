"""The part of the walk that brings rows in and keeps views: the import of the template, a copy, a saved view."""

import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from models.actions import is_offered
from models.describe import form_attributes, screen_of
from tests.support.features_work import edit_form, latest_batch
from tests.support.forms import Form, form_with, forms_of
from tests.support.walk import Walk

STEPS = 5


def check_import(walk: Walk) -> Iterator[str]:
    """The template with its example goes through every step, and its one row is counted once."""
    if not is_offered(screen_of(walk.model), "import"):
        return
    template = walk.editor.get(f"{walk.address}/import/template/?format=csv")
    if template.status_code != 200:
        yield f"import: the template answers {template.status_code}"
        return
    head, example = template.text.splitlines()[:2]
    rows = "\n".join((head, example if example.strip(',";') else f"x{example}"))  # an empty line would be no row
    upload: dict[str, Any] = {"csrf_token": walk.token, "file": (io.BytesIO(rows.encode()), "rows.csv")}
    place = walk.editor.client.post(f"{walk.address}/import/", data=upload).headers.get("Location", "")
    for _step in range(STEPS):
        if "/imports/" in place or not place:
            break
        place = next_step(walk, place)
    if "/imports/" not in place or walk.editor.get(place).status_code != 200:
        yield f"import: ended at {place!r}"
        return
    batch = latest_batch(walk)
    counted = batch.created_count + batch.updated_count + batch.unchanged_count + batch.refused_count
    if (batch.entity, batch.total_count, counted) != (walk.model.__tablename__, 1, 1):
        yield f"import: one row in, {batch.total_count} read, {counted} counted"


def next_step(walk: Walk, place: str) -> str:
    """Send the form of a step as it stands; return where it leads."""
    page = walk.editor.get(place)
    own = [form for form in forms_of(page.text) if leads_back(form, place) and form.values.get("act") != "header"]
    values = own[-1].filled() if own else {"csrf_token": [walk.token]}
    return walk.editor.client.post(place, data=values).headers.get("Location", "")


def leads_back(form: Form, place: str) -> bool:
    """Return whether a form is sent to the page it stands on."""
    path = urlsplit(unescape(form.action)).path
    return "csrf_token" in form.values and path in ("", urlsplit(place).path)


def check_copy(walk: Walk) -> Iterator[str]:
    """The form of a copy holds what the row's own form holds, but for what must be the only one of its kind."""
    screen = screen_of(walk.model)
    if not (screen.create and screen.edit):
        return
    own = edit_form(walk)
    copied = form_with(walk.editor.get(f"{walk.address}/new/?copy={walk.key}").text, "nonce")
    if own is None or copied is None:
        yield "copy: no form"
        return
    open_keys = form_attributes(walk.model, is_new=True, level=9).keys() & own.values.keys() & copied.values.keys()
    for key, attribute in form_attributes(walk.model, is_new=True, level=9).items():
        is_unique = attribute.column is not None and attribute.column.unique
        if key not in open_keys or attribute.kind not in ("text", "choice") or is_unique:
            continue
        if copied.values[key] not in (own.values[key], ""):
            yield f"copy: {key} is {copied.values[key]!r}, not {own.values[key]!r}"


def check_saved_view(walk: Walk) -> Iterator[str]:
    """A view is kept, stands in the list under its name, opens, and goes."""
    name = f"Góc nhìn {walk.model.__tablename__}"
    kept = walk.post("views/save/", name=name, query="n=1")
    place = kept.headers.get("Location", "")
    if kept.status_code != 302 or name not in unescape(walk.editor.get(place).text):
        yield f"saved view: {kept.status_code}"
        return
    number = re.findall(r"[?&]s=(\d+)", place)
    gone = walk.post("views/delete/", id=number[0])
    if gone.status_code != 302 or f"s={number[0]}" in walk.editor.get(f"{walk.address}/").text:
        yield f"saved view: {gone.status_code} where it is deleted"
