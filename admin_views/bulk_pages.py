"""Acts on many rows of a generated screen: which field is set to what, what that would change, and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from flask import abort, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri
from wtforms import Field as FormField

from admin_views import cells
from admin_views.ground import Ground
from admin_views.list_address import ListAddress
from admin_views.pages import Cell
from models.describe import Attribute
from models.ids import opaque_token
from services.audit import record_act
from services.bulk import (
    DELETE,
    RESTORE,
    SET,
    Act,
    Done,
    Selection,
    ValueGoneError,
    begin,
    count_allowed,
    count_selected,
    fields_for_many,
    newest_id,
    next_keys,
    right_for,
    try_out,
    verbs_for_many,
)
from services.errors import DeniedError
from services.idempotency import once, record_answer
from services.jobs import CHUNK
from services.listing import is_bin
from services.session import audit_value, including_deleted
from web.batches import do_chunk
from web.clock import request_time

ROWS_SHOWN = 20
OLDEST = timedelta(days=31)
"""How long ago a selection may have been made that is acted on now."""
MOST_PICKED = 1000
_TELLING = ("choice", "boolean", "one", "date", "integer")
"""Kinds whose value may stand in the title of a batch, which many can read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkPage:
    """An act on chosen rows before it is done.

    fields   while a field is to be set: those to choose from, by name; ``chosen`` is the one chosen so far
    rows     name, value before and after of the first rows; ``field_label`` names the field
    refused  name and reason of the first rows that would be left alone
    tried    on how many rows it was tried out; ``forbidden_count`` says of how many rows the right is lacking
    hidden   what the form sends again
    """

    title: str
    list_title: str
    list_url: str
    url: str
    count: int
    hidden: Sequence[tuple[str, str]]
    is_danger: bool = False
    fields: Sequence[tuple[str, FormField]] = ()
    chosen: str = ""
    field_label: str = ""
    rows: Sequence[tuple[str, Cell, Cell]] = ()
    refused: Sequence[tuple[str, str]] = ()
    outcomes: Sequence[tuple[str, int, str]] = ()
    tried: int = 0
    forbidden_count: int = 0
    errors: Sequence[str] = ()


class BulkPages(Ground):
    """What is done with many rows at once, after its page has said what that would change."""

    endpoints: ClassVar = {"bulk_view": "bulk"}

    @expose("/bulk/", methods=("POST",))
    def bulk_view(self) -> Any:
        """Ask for the field to set, show what would change, or begin, as ``step`` says."""
        act = Act(name=request.form.get("act", "")[:80])
        selection = self._selection()
        try:
            right = right_for(self.model, act)
        except DeniedError:
            abort(404)
        if not self.actor.may(self.entity, right):
            abort(403)
        if act.name == RESTORE and not is_bin(self.database_session, self.model, selection.request):
            abort(404)
        step = request.form.get("step", "")
        if act.name != SET:
            return self._begin_act(act, selection) if step == "run" else self._preview_act(act, selection)
        if not step:
            return self._choose_field(selection, self._value_form())
        form, key = self._value_form(), request.form.get("field", "")
        if key not in form._fields:
            return self._choose_field(selection, form, error=gettext("Choose a field.")), 422
        for name in [name for name in form._fields if name != key]:
            del form[name]
        if not form.validate():
            return self._choose_field(selection, form), 422
        act = Act(name=SET, key=key, value=_plain(form[key], key))
        return self._begin_act(act, selection) if step == "run" else self._preview_act(act, selection)

    # --- what was chosen

    def _selection(self) -> Selection:
        """Return which rows the form names: picked ones with the versions seen, or all that a list showed."""
        listed = MultiDict(_pairs(request.form.get("listed", "")))
        wanted = ListAddress(self.model, self.actor, listed).request()
        if request.form.get("all") == "1":
            at, until_id = _instant(request.form.get("at", "")), request.form.get("until", type=int)
            if until_id is None or not 0 <= until_id < 2**63:
                until_id = newest_id(self.database_session, self.model)
            return Selection(request=wanted, at=at, until_id=until_id)
        picked = dict(_picked(value) for value in request.form.getlist("key")[:MOST_PICKED])
        return Selection(request=wanted, at=request_time(), versions=self._seen({k: v for k, v in picked.items() if k}))

    def _seen(self, picked: dict[int, int]) -> dict[int, int]:
        """Return the picked keys with the version that was seen: that of now where the list did not say."""
        if all(picked.values()) or not hasattr(self.model, "row_version"):
            return picked
        with including_deleted(self.database_session):
            found = self.database_session.execute(
                select(self.model.id, self.model.row_version).where(self.model.id.in_(picked))
            )
            now = {key: version for key, version in found}
        return {key: version or now.get(key, 0) for key, version in picked.items()}

    def _hidden(self, act: Act, selection: Selection) -> list[tuple[str, str]]:
        kept = [("act", act.name), ("listed", request.form.get("listed", ""))]
        if selection.versions is None:
            return [*kept, ("all", "1"), ("at", selection.at.isoformat()), ("until", str(selection.until_id))]
        return [*kept, *(("key", f"{key}.{version}") for key, version in selection.versions.items())]

    def _value_form(self) -> Any:
        """Return a form of the fields that may be set on many rows, filled with what was sent."""
        form = self.edit_form()
        allowed = fields_for_many(self.model, self.actor)
        for name in list(form._fields):
            if name not in allowed:
                del form[name]
            else:
                keywords = form[name].render_kw or {}
                form[name].render_kw = {k: v for k, v in keywords.items() if k != "data-depends"}
        return form

    # --- pages

    def _choose_field(self, selection: Selection, form: Any, *, error: str = "") -> str:
        if not form._fields:
            abort(403)
        page = self._bulk_page(
            Act(name=SET),
            selection,
            count=count_selected(self.database_session, self.model, selection),
            fields=[(name, form[name]) for name in form._fields],
            chosen=request.form.get("field", ""),
            errors=[error] if error else [],
        )
        return render_template("admin/bulk.html", page=page)

    def _preview_act(self, act: Act, selection: Selection) -> Any:
        session = self.database_session
        attribute = fields_for_many(self.model, self.actor).get(act.key)
        drawn = _Drawn(attribute, self.actor)
        try:
            trial = try_out(
                session, self.model, selection, act, at=request_time(), before=drawn.before, after=drawn.after
            )
        except ValueGoneError as error:
            return self._choose_field(selection, self._value_form(), error=gettext(error.message_id)), 422
        labels = (("UPDATED", gettext("Would change"), "info"), ("UNCHANGED", gettext("Unchanged"), "plain"),
                  ("REFUSED", gettext("Would be left alone"), "warning"))  # fmt: skip
        counts = {outcome.value: number for outcome, number in trial.outcomes.items()}
        count = count_selected(session, self.model, selection)
        page = self._bulk_page(
            act,
            selection,
            count=count,
            field_label=gettext(attribute.field.label) if attribute is not None else "",
            rows=drawn.rows,
            refused=[(row.name, _reason(row)) for row in trial.refused[:ROWS_SHOWN]],
            outcomes=[(label, counts.get(name, 0), tone) for name, label, tone in labels],
            tried=sum(counts.values()),
            forbidden_count=max(count - count_allowed(session, self.model, selection, act), 0),
            more=[("nonce", opaque_token()), *_typed(act)],
        )
        self._note_shown(drawn)
        session.commit()  # nothing but the note that personal data was shown
        return render_template("admin/bulk_preview.html", page=page)

    def _bulk_page(
        self, act: Act, selection: Selection, *, more: Sequence[tuple[str, str]] = (), **parts: Any
    ) -> BulkPage:
        list_url = url_for(".index_view")
        listed = request.form.get("listed", "")
        return BulkPage(
            title=self._act_label(act),
            list_title=gettext(self.screen.title),
            list_url=iri_to_uri(f"{list_url}?{listed}") if listed else list_url,
            url=url_for(".bulk_view"),
            hidden=[*self._hidden(act, selection), *more],
            is_danger=act.name == DELETE or any(v.is_danger for v in self._chosen_verbs(act)),
            **parts,
        )

    def _chosen_verbs(self, act: Act) -> list[Any]:
        return [verb for verb in verbs_for_many(self.entity) if verb.name == act.name]

    def _act_label(self, act: Act) -> str:
        labels = {SET: gettext("Set a field"), DELETE: gettext("Delete"), RESTORE: gettext("Restore")}
        return labels.get(act.name) or gettext(self._chosen_verbs(act)[0].label)

    def _note_shown(self, drawn: "_Drawn") -> None:
        if any(a.field.personal for a in cells.readable(self.model, self.actor).values()) and drawn.keys:
            record_act(self.database_session, self.entity, "", "list", keys=drawn.keys)

    # --- doing

    def _begin_act(self, act: Act, selection: Selection) -> Any:
        session, at = self.database_session, request_time()
        key, scope = request.form.get("nonce", "")[:80] or opaque_token(), f"bulk:{self.entity}:{self.actor.user_id}"
        body = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
        earlier = once(session, scope=scope, key=key, body=body, at=at)
        if earlier is not None:
            return redirect(url_for("batches.show", public_id=earlier["public_id"]), 303)
        batch = begin(session, self.model, selection, act, title=self._batch_title(act), at=at)
        record_answer(session, scope=scope, key=key, answer={"public_id": batch.public_id})
        batch_id, public_id = batch.id, batch.public_id
        is_short = len(next_keys(session, self.model, selection, after=0, limit=CHUNK + 1)) <= CHUNK
        session.commit()
        if is_short:
            do_chunk(session, at=at, batch_id=batch_id)
        return redirect(url_for("batches.show", public_id=public_id), 303)

    def _batch_title(self, act: Act) -> str:
        what = gettext(self.screen.title)
        attribute = fields_for_many(self.model, self.actor).get(act.key)
        if act.name != SET or attribute is None:
            return f"{what}: {self._act_label(act)}"
        label = gettext(attribute.field.label)
        if attribute.field.personal or attribute.field.level or attribute.kind not in _TELLING:
            return gettext("%(what)s: set “%(field)s”", what=what, field=label)
        value = self._value_form()[act.key]
        text = getattr(value, "shown", None) or _said(attribute, act.value)
        return gettext("%(what)s: set “%(field)s” to “%(value)s”", what=what, field=label, value=text)


class _Drawn:
    """Draws the first rows before and after they are changed, while that is tried out."""

    def __init__(self, attribute: Attribute | None, actor: Any) -> None:
        self._attribute, self._actor, self._before = attribute, actor, Cell(None)
        self.rows: list[tuple[str, Cell, Cell]] = []
        self.keys: list[int] = []
        self._name = ""

    def before(self, row: Any) -> None:
        if len(self.rows) < ROWS_SHOWN:
            self._name, self._before = str(row), self._cell(row)

    def after(self, row: Any) -> None:
        if len(self.rows) < ROWS_SHOWN:
            self.rows.append((self._name, self._before, self._cell(row)))
            self.keys.append(row.id)

    def _cell(self, row: Any) -> Cell:
        return Cell(None) if self._attribute is None else cells.cell(row, self._attribute, self._actor)


def _pairs(listed: str) -> list[tuple[str, str]]:
    return parse_qsl(listed[:4000], max_num_fields=100) if listed else []


def _picked(value: str) -> tuple[int, int]:
    """Return key and version of ``12.3``; the version is 0 where none is given, the key where nothing can be read."""
    key, _dot, version = value.partition(".")
    plain = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (key, version or "0"))
    return (int(key), int(version or 0)) if plain else (0, 0)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return request_time()
    now = request_time()
    return at if at.tzinfo is not None and now - OLDEST <= at <= now else now


def _plain(field: Any, key: str) -> Any:
    """Return the value of a field as the audit trail writes it; of a row its key."""
    holder = SimpleNamespace()
    field.populate_obj(holder, key)
    value = getattr(holder, key)
    return value.id if hasattr(value, "id") else audit_value(value)


def _typed(act: Act) -> list[tuple[str, str]]:
    """Return what was typed for the field, to be sent again."""
    return [("field", act.key), *((act.key, value) for value in request.form.getlist(act.key))] if act.key else []


def _reason(row: Done) -> str:
    return gettext(row.reason) % row.values


def _said(attribute: Attribute, value: Any) -> str:
    if value is None:
        return "–"
    if attribute.choices is not None:
        return gettext(attribute.choices(value).label)
    return gettext("Yes") if value is True else gettext("No") if value is False else str(value)
