"""The history of one row of a generated screen: a timeline of its changes, with what each of them changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, g, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views import cells
from admin_views.detail_pages import DetailPages
from admin_views.forms import form_attributes
from admin_views.pages import Cell
from models.actor import ScopeLevel
from models.base import Choice
from models.describe import Attribute
from services.audit import record_read
from services.history import Change, Linked, last_deletion, list_history
from services.reverting import Aim, can_go_back
from services.session import including_deleted, may
from web.worddiff import Piece, word_differences

_LONG = 60  # characters from which texts are compared word by word
_ICONS = {"create": "plus-lg", "edit": "pencil", "delete": "trash", "restore": "arrow-counterclockwise"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One field of a change: both values as cells, and as marked words where they are long texts."""

    key: str
    label: str
    before: Cell
    after: Cell
    old_words: Sequence[Piece] = ()
    new_words: Sequence[Piece] = ()
    is_list: bool = False  # of linked rows: what was taken out and what was put in
    revert_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One change on the timeline."""

    change: Change
    label: str
    icon: str
    lines: Sequence[Line]
    batch_url: str
    revert_url: str
    state_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """What ``history.html`` is given."""

    title: str
    list_title: str
    list_url: str
    row_url: str  # "" where the row is gone
    restore_url: str  # "" unless it is in the bin, for who may take it out
    entries: Sequence[Entry]
    newest_url: str  # "" on the first page
    older_url: str


class HistoryPages(DetailPages):
    """What happened to a row, newest first."""

    endpoints: ClassVar = {"history_view": "history"}
    history_template = "admin/history.html"

    @expose("/history/")
    def history_view(self) -> str:
        """Show a page of what happened to a row; to one that was deleted, too."""
        with including_deleted(self.database_session):
            row = self.get_one(request.args.get("id"))
        key = row.id if row is not None else self._deleted_key()
        if key is None:
            abort(404)
        if row is not None and not may(self.database_session, self.entity, "history", row):
            abort(403)
        if row is not None and any(a.field.personal for a in cells.readable(self.model, self.actor).values()):
            record_read(self.database_session, row, "history")
        before = request.args.get("before", "")
        found = list_history(self.database_session, self.model, key, before=int(before) if is_number(before) else None)
        page = Timeline(
            title=str(row) if row is not None else f"{gettext(self.screen.singular)} {key}",
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            row_url=url_for(".details_view", id=key) if self.get_one(key) or self.get_deleted(key) else "",
            restore_url=url_for(".restore_view", id=key) if self.get_deleted(key) else "",
            entries=[
                self._entry(change, row, is_newest=not before and change is found.changes[0])
                for change in found.changes
            ],
            newest_url=url_for(".history_view", id=key) if is_number(before) else "",
            older_url=url_for(".history_view", id=key, before=found.next_before) if found.next_before else "",
        )
        return render_template(self.history_template, page=page)

    def _deleted_key(self) -> int | None:
        """Return the key asked for, where it is of a row that is gone and whose history the actor may read.

        Whose row it was can no longer be asked; so only those see it who may see every row.
        """
        asked = request.args.get("id", "")
        permits = [self.actor.permit(self.entity, action) for action in ("read", "history")]
        sees_all = all(permit is not None and permit.scope is ScopeLevel.ALL for permit in permits)
        if not sees_all or not is_number(asked):
            return None
        key = int(asked)
        return key if last_deletion(self.database_session, self.model, key) is not None else None

    def _entry(self, change: Change, row: Any = None, *, is_newest: bool = False) -> Entry:
        """Return a change as the page shows it, with what leads back where a ``row`` is given that can go back."""
        may_open = change.batch_id is not None and self.actor.may("batch", "read")
        shown = [difference for difference in change.differences if difference.attribute.key != "deleted_at"]
        lines = [
            compared(
                d.attribute,
                d.before,
                d.after,
                self._revert_url(row, change, "undo", d.attribute.key) if len(shown) > 1 else "",
            )
            for d in shown
        ]
        return Entry(
            change=change,
            label=gettext(change.label),
            icon=_ICONS.get(change.action, "eye"),
            lines=lines,
            batch_url=url_for("batch.details_view", id=change.batch_id) if may_open and change.batch_title else "",
            revert_url=self._revert_url(row, change, "undo"),
            state_url="" if is_newest else self._revert_url(row, change, "state"),
        )

    def _revert_url(self, row: Any, change: Change, aim: Aim, field: str = "") -> str:
        """Return where ``change``, or one field of it, can be taken back; "" where that is not to be offered."""
        if row is None or not can_go_back(change, aim):
            return ""
        changed = {field} if field else {difference.attribute.key for difference in change.differences}
        if aim == "undo" and not changed & self._writable(row):
            return ""
        if not self._writable(row):
            return ""
        return url_for(".revert_view", id=row.id, event=change.id, aim=aim, field=field or None)

    def _writable(self, row: Any) -> frozenset[str]:
        """Return the fields of ``row`` that its form would let the actor change; none where it is not to be edited."""
        known: dict[int, frozenset[str]] = g.setdefault("writable_fields", {})
        if row.id not in known:
            permit = self.actor.permit(self.entity, "edit")
            is_open = permit is not None and getattr(row, "deleted_at", None) is None and self._may_change(row, "edit")
            level = permit.level if permit is not None else -1
            known[row.id] = (
                frozenset(form_attributes(self.model, is_new=False, level=level)) if is_open else frozenset()
            )
        return known[row.id]


def is_number(text: str) -> bool:
    """Return whether ``text`` is a number that a key can be."""
    return text.isascii() and text.isdigit() and len(text) < 19


def compared(attribute: Attribute, before: Any, after: Any, revert_url: str = "") -> Line:
    """Return two values of a field as the page shows them side by side."""
    words: tuple[Sequence[Piece], Sequence[Piece]] = ((), ())
    texts = [value for value in (before, after) if isinstance(value, str)]
    if attribute.kind == "text" and len(texts) == 2 and max(map(len, texts)) > _LONG:
        words = word_differences(texts[0], texts[1])
    return Line(
        key=attribute.key,
        label=gettext(attribute.field.label),
        before=value_cell(attribute, before),
        after=value_cell(attribute, after),
        old_words=words[0],
        new_words=words[1],
        is_list=attribute.kind == "many",
        revert_url=revert_url,
    )


def value_cell(attribute: Attribute, value: Any) -> Cell:
    """Return the cell of a value that a field once had."""
    if value is None or value == ():
        return Cell(None)
    if attribute.kind == "one":
        return Cell(linked_text(value))
    if attribute.kind == "many":
        return Cell([(linked_text(one), "") for one in value], "links")
    if isinstance(value, str) and attribute.kind not in ("text", "choice"):
        return Cell(value)  # it was of another kind then
    if attribute.field.show is not None:
        return Cell(attribute.field.show(value), attribute.field.format)
    if attribute.kind == "choice":
        return Cell(gettext(value.label), "choice", tone=value.tone) if isinstance(value, Choice) else Cell(value)
    if attribute.kind == "json":
        return Cell(json.dumps(value, ensure_ascii=False))
    return Cell(value, cells.shown_format(attribute) if attribute.field.format != "image" else "")


def linked_text(linked: Linked) -> str:
    """Return what a linked row is called; its number where the reader may not know more."""
    return linked.text or gettext("No. %(number)s, not shown to you or no longer there", number=linked.id)
