"""The history of one row of a generated screen: a timeline of its changes, with what each of them changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views import cells
from admin_views.ground import Ground
from admin_views.pages import Cell
from models.actor import ScopeLevel
from models.base import Choice
from models.describe import Attribute
from services.audit import record_read
from services.history import Change, Difference, Linked, last_deletion, list_history
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


class HistoryPages(Ground):
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
        found = list_history(self.database_session, self.model, key, before=int(before) if _is_number(before) else None)
        page = Timeline(
            title=str(row) if row is not None else f"{gettext(self.screen.singular)} {key}",
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            row_url=url_for(".details_view", id=key) if self.get_one(key) or self.get_deleted(key) else "",
            restore_url=url_for(".restore_view", id=key) if self.get_deleted(key) else "",
            entries=[self._entry(change) for change in found.changes],
            newest_url=url_for(".history_view", id=key) if _is_number(before) else "",
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
        if not sees_all or not _is_number(asked):
            return None
        key = int(asked)
        return key if last_deletion(self.database_session, self.model, key) is not None else None

    def _entry(self, change: Change) -> Entry:
        may_open = change.batch_id is not None and self.actor.may("batch", "read")
        return Entry(
            change=change,
            label=gettext(change.label),
            icon=_ICONS.get(change.action, "eye"),
            lines=[line(one) for one in change.differences if one.attribute.key != "deleted_at"],
            batch_url=url_for("batch.details_view", id=change.batch_id) if may_open and change.batch_title else "",
            revert_url="",
        )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def line(difference: Difference) -> Line:
    """Return a difference as the page shows it."""
    attribute = difference.attribute
    before, after = difference.before, difference.after
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
    )


def value_cell(attribute: Attribute, value: Any) -> Cell:
    """Return the cell of a value that a field once had."""
    if value is None or value == ():
        return Cell(None)
    if attribute.kind == "one":
        return Cell(_linked_text(value))
    if attribute.kind == "many":
        return Cell([(_linked_text(one), "") for one in value], "links")
    if isinstance(value, str) and attribute.kind not in ("text", "choice"):
        return Cell(value)  # it was of another kind then
    if attribute.field.show is not None:
        return Cell(attribute.field.show(value), attribute.field.format)
    if attribute.kind == "choice":
        return Cell(gettext(value.label), "choice", tone=value.tone) if isinstance(value, Choice) else Cell(value)
    if attribute.kind == "json":
        return Cell(json.dumps(value, ensure_ascii=False))
    return Cell(value, cells.shown_format(attribute) if attribute.field.format != "image" else "")


def _linked_text(linked: Linked) -> str:
    return linked.text or gettext("No. %(number)s, not shown to you or no longer there", number=linked.id)
