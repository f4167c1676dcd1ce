"""The part of the walk that changes a row: by the form, back again, against a second writer, with many, and undone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from sqlalchemy import select

from models.access import User
from models.actions import is_offered
from models.batch import Batch, BatchState
from models.describe import Attribute, form_attributes, screen_of
from services.bulk import fields_for_many
from services.roles import build_actor
from tests.support.forms import Form, form_with
from tests.support.screens import path_of, send, send_on
from tests.support.walk import Walk, rows_of

FREE = ("text", "boolean", "choice", "date", "integer", "decimal", "datetime")


@dataclass(frozen=True)
class Changed:
    """A field that a form changed: what it held before and after, and the form as it had been opened."""

    attribute: Attribute
    before: Any
    after: Any
    opened: Form

    @property
    def key(self) -> str:
        return self.attribute.key


def held(walk: Walk, key: str) -> Any:
    """Return what the walk's row holds now."""
    with rows_of(walk) as session:
        return getattr(walk.row(session), key)


def other_value(attribute: Attribute, form: Form) -> str | None:
    """Return what somebody could type instead of what ``form`` holds; None takes a tick away."""
    key, now = attribute.key, form.values.get(attribute.key, "")
    if attribute.kind == "boolean":
        return None if key in form.values else "1"
    if attribute.kind == "choice":
        return next((choice.value for choice in attribute.choices or () if choice.value != now), now)
    if attribute.kind in ("integer", "decimal"):
        return str(int(float(now or 0)) + 1)
    if attribute.kind == "date":
        return "2031-01-02"
    if attribute.kind == "datetime":
        return "2031-01-02T08:00"
    return "Đổi tên thử"[: attribute.length or 20]


def free_attributes(walk: Walk) -> list[Attribute]:
    """Return what a form of the row could change without knowing its rules, the freest kinds first."""
    ruled = walk.model.__mapper__.validators
    found = [
        attribute
        for attribute in form_attributes(walk.model, is_new=False, level=9).values()
        if attribute.kind in FREE and not attribute.field.read_only and not attribute.field.create_only
        and not (attribute.column is not None and attribute.column.unique)
        and not (attribute.kind == "text" and (attribute.field.format or attribute.key in ruled))
    ]  # fmt: skip
    return sorted(found, key=lambda attribute: FREE.index(attribute.kind))


def change(walk: Walk) -> Changed | str | None:
    """Change one field by the form; return what was changed, why it was not, or None where the screen has no form."""
    if not screen_of(walk.model).edit:
        return None
    candidates = free_attributes(walk)
    if not candidates:
        return None
    said = "nothing tried"
    for attribute in candidates:
        form = edit_form(walk)
        if form is None:
            return "the form cannot be read"
        before = held(walk, attribute.key)
        typed = other_value(attribute, form)
        answer = walk.editor.client.post(
            f"{walk.address}/edit/?id={walk.key}", data=form.filled(**{attribute.key: typed})
        )
        after = held(walk, attribute.key)
        if answer.status_code == 302 and after != before:
            return Changed(attribute, before, after, form)
        said = f"{attribute.key}={typed!r}: {answer.status_code}"
    return f"no field can be changed by the form: {said}"


def edit_form(walk: Walk) -> Form | None:
    """Return the form in which the row is changed."""
    return form_with(walk.editor.get(f"{walk.address}/edit/?id={walk.key}").text, "row_version")


def check_form_and_way_back(walk: Walk) -> Iterator[str]:
    """A form sent as it stands changes nothing; a changed field is in the history, goes back, and meets a second."""
    if screen_of(walk.model).edit and (form := edit_form(walk)) is not None:
        version = held(walk, "row_version")
        same = walk.editor.client.post(f"{walk.address}/edit/?id={walk.key}", data=form.filled())
        if same.status_code != 302 or held(walk, "row_version") != version:
            yield f"the form as it stands: {same.status_code}, or it changed something"
    changed = change(walk)
    if changed is None:
        return
    if isinstance(changed, str):
        yield changed
        return
    yield from meet(walk, changed)
    history = unescape(walk.editor.get(f"{walk.address}/history/?id={walk.key}").text)
    roads = re.findall(rf'"({walk.address}/revert/\?[^"]*aim=undo[^"]*)"', history)
    if not roads:
        yield f"the history has no way back from {changed.key}"
        return
    asked = form_with(walk.editor.get(roads[0]).text, "row_version")
    if asked is None:
        yield f"the way back from {changed.key} has no form"
        return
    answer = walk.editor.client.post(roads[0], data=asked.filled(field=changed.key))
    if answer.status_code != 302 or held(walk, changed.key) != changed.before:
        yield f"{changed.key} did not go back: {answer.status_code}"


def meet(walk: Walk, changed: Changed) -> Iterator[str]:
    """Somebody who opened the form before sends it with another value: told, nothing of theirs lost."""
    if changed.attribute.kind != "text":
        return
    mine = "Bản của tôi"[: changed.attribute.length or 20]
    sent = changed.opened.filled(**{changed.key: mine})
    answer = walk.editor.client.post(f"{walk.address}/edit/?id={walk.key}", data=sent)
    page = unescape(answer.text)
    if answer.status_code != 409 or mine not in page or str(changed.after) not in page:
        yield f"two at {changed.key}: {answer.status_code}, or one's words are lost"
    if held(walk, changed.key) != changed.after:
        yield f"two at {changed.key}: the second wrote over the first"


def check_many_and_undo(walk: Walk) -> Iterator[str]:
    """A field is set on a chosen row after a preview, and the batch is taken back as a whole."""
    screen = screen_of(walk.model)
    if not is_offered(screen, "bulk"):
        return
    attribute = next((a for a in free_attributes(walk) if a.key in settable(walk)), None)
    if attribute is None:
        return
    before = held(walk, attribute.key)
    form = edit_form(walk)
    typed = other_value(attribute, form) if form is not None else None
    values = {"field": attribute.key} | ({attribute.key: typed} if typed is not None else {})
    place = bulk(walk, values)
    if place is None:
        yield f"many: no batch set {attribute.key}"
        return
    batch = latest_batch(walk)
    if batch.refused_count:
        return  # a rule of the model speaks against the value, and said so
    if held(walk, attribute.key) == before:
        yield f"many: {attribute.key} was not set"
        return
    yield from undone(walk, place, attribute.key, before)


def settable(walk: Walk) -> set[str]:
    """Return what the editor may set on many rows."""
    with rows_of(walk) as session:
        user = session.scalars(select(User).where(User.user_name == "walker")).one()
        return set(fields_for_many(walk.model, build_actor(session, user)))


def bulk(walk: Walk, values: dict[str, str]) -> str | None:
    """Do the three steps of setting a field on the walk's row; return the page of the batch."""
    client, road = walk.editor.client, f"{walk.address}/bulk/"
    version = held(walk, "row_version")
    chosen = send(client, road, {"act": "set", "key": f"{walk.key}.{version}", "listed": ""})
    if chosen.status_code != 200:
        return None
    preview = send_on(client, chosen, road, **values)
    if preview.status_code != 200 or f'action="{road}"' not in preview.text:
        return None
    done = send_on(client, preview, road)
    return path_of(done) if done.status_code == 303 else None


def latest_batch(walk: Walk) -> Batch:
    """Return the newest batch, apart from any session."""
    with rows_of(walk) as session:
        batch = session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
        session.expunge(batch)
        return batch


def undone(walk: Walk, place: str, key: str, before: Any) -> Iterator[str]:
    """Take the batch of ``place`` back and see that the row is as it was."""
    answer = send(walk.editor.client, f"{place}/undo", {})
    if answer.status_code != 303:
        yield f"undo: {answer.status_code}"
        return
    for _step in range(20):
        if latest_batch(walk).state in (BatchState.FINISHED, BatchState.FAILED):
            break
        send(walk.editor.client, f"{path_of(answer)}/step", {})
    if held(walk, key) != before:
        yield f"undo: {key} is {held(walk, key)!r}, not {before!r}"
