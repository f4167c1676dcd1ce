"""Two people at one row: what both saved goes together field by field, and nothing typed is lost.

Fields that one side alone changed are taken over by themselves; for the others the writer decides. Saving goes
through the same locking again, so a third writer is met like the second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext
from wtforms import Field as FormField

from admin_views.cells import shown_format
from admin_views.detail_pages import DetailPages
from admin_views.forms import HIDDEN, GeneratedForm, form_attributes
from admin_views.history_pages import is_number, linked_text
from admin_views.merging import Loaded, Merge, Side, Values, fill, merge, pack, sent, unpack, values_of
from admin_views.pages import Cell, FormSection
from models.describe import Attribute, attributes
from models.ids import opaque_token
from services.history import Change, Linked, last_deletion, list_history
from services.session import including_deleted, may
from web.forms import LOCAL_ZONE, LookupField, LookupMultipleField
from web.names import name_of
from web.worddiff import Piece, word_differences

_CHOICE = "merge."
WHOLE_IN_A_FIELD = 40  # characters that are seen at once in the control; of a longer text the changed words are shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A field that both sides changed: what it was (None where nobody knows), what each wants, and the control."""

    control: FormField
    before: Cell | None
    theirs: Cell
    by: Change | None
    theirs_words: Sequence[Piece] = ()
    before_words: Sequence[Piece] = ()
    yours_words: Sequence[Piece] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A field that one side alone changed: what it was and what it becomes."""

    label: str
    side: Side
    before: Cell
    after: Cell
    by: Change | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePage:
    """What ``merge.html`` is given."""

    title: str
    list_title: str
    list_url: str
    row_url: str
    history_url: str
    form: GeneratedForm
    newest: Change | None
    questions: Sequence[Question]
    taken: Sequence[Taken]
    sections: Sequence[FormSection]
    carried: Sequence[tuple[str, str]]
    is_undecided: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GonePage:
    """What ``gone.html`` is given: what was typed for a row that is no longer there."""

    singular: str
    list_title: str
    list_url: str
    deleted_by: str
    deleted_at: datetime | None
    typed: Sequence[tuple[str, Cell]]
    carried: Sequence[tuple[str, str]]
    restore_url: str
    create_url: str
    nonce: str = field(default_factory=opaque_token)


class MergePages(DetailPages):
    """What happens when somebody else was faster."""

    merge_template, gone_template = "admin/merge.html", "admin/gone.html"
    _edit_form_class: type[GeneratedForm]

    def _prune(self, form: Any, *, action: str, is_new: bool) -> GeneratedForm:
        """Remove every field that the writer has no right to, so that what is posted for it has no effect."""
        permit = self.actor.permit(self.entity, action)
        allowed = form_attributes(self.model, is_new=is_new, level=permit.level if permit else -1)
        for name in list(form._fields):
            if name not in allowed and name not in HIDDEN:
                del form[name]
        return form

    def _remember(self, form: GeneratedForm, row: Any, loaded: Loaded) -> None:
        """Have the page carry which state of ``row`` it shows."""
        form.row_version.data = str(row.row_version)
        form.base.data = pack(loaded, entity=self.entity, key=row.id, user_id=self.actor.user_id)

    def _loaded(self, form: GeneratedForm, key: int) -> Loaded | None:
        """Return what the page of this request held when it was made; None where it does not say."""
        return unpack(form.base.data, entity=self.entity, key=key, user_id=self.actor.user_id)

    def _settle(self, form: GeneratedForm, loaded: Loaded) -> dict[str, Values | None]:
        """Put in what was decided on a merge page; return the fields over which nothing was decided yet."""
        open_fields: dict[str, Values | None] = {}
        for name, before in loaded.asked.items():
            choice = request.form.get(_CHOICE + name)
            if name not in form._fields or choice == "yours":
                continue
            if choice == "theirs":
                fill(form._fields[name], loaded.values.get(name, ()))
            else:
                open_fields[name] = before
        return open_fields

    def _merge_page(
        self, form: GeneratedForm, row: Any, loaded: Loaded | None, undecided: Mapping[str, Values | None]
    ) -> str:
        """Return the page on which the versions of ``row`` are put together; ``form`` is filled with the outcome."""
        self._note_read(row)
        self.database_session.commit()  # nothing but the note that what the row holds was shown
        theirs = self._pruned_class(obj=row)
        values = values_of(theirs)
        base: dict[str, Values | None] = {**(loaded.values if loaded else {}), **undecided}
        merged = merge(base, values, values_of(form))
        by = self._last_changes(row)
        taken = [self._taken(name, side, form, theirs, base, by) for name, side in merged.taken.items()]
        questions = [self._question(name, form, theirs, before, by, undecided) for name, before in merged.asked.items()]
        for name, side in merged.taken.items():
            if side == "theirs":
                fill(form._fields[name], values[name])
        self._remember(form, row, Loaded(values, merged.asked))
        page = MergePage(
            title=name_of(row),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            row_url=url_for(".details_view", id=row.id),
            history_url=self._history_url(row),
            form=form,
            newest=by.get(""),
            questions=questions,
            taken=taken,
            sections=self._sections(form, without=merged),
            carried=self._carried(form),
            is_undecided=bool(undecided),
        )
        return render_template(self.merge_template, page=page)

    def _pruned_class(self, **given: Any) -> GeneratedForm:
        return self._prune(self._edit_form_class(**given), action="edit", is_new=False)

    def _question(
        self,
        name: str,
        form: GeneratedForm,
        theirs: GeneratedForm,
        before: Values | None,
        by: Mapping[str, Change],
        undecided: Mapping[str, Values | None],
    ) -> Question:
        attribute = attributes(self.model)[name]
        old, new = self._past(name, before), field_cell(attribute, theirs._fields[name])
        words: tuple[Sequence[Piece], Sequence[Piece]] = ((), ())
        own: Sequence[Piece] = ()
        if attribute.kind == "text" and old is not None and old.value and new.value:
            words = word_differences(old.value, new.value)
            mine = form._fields[name].data or ""
            own = word_differences(old.value, mine)[1] if len(mine) > WHOLE_IN_A_FIELD else ()
        return Question(
            control=form._fields[name],
            before=old,
            theirs=new,
            by=by.get(name),
            before_words=words[0],
            theirs_words=words[1],
            yours_words=own,
            error=gettext("Choose which one is right.") if name in undecided else "",
        )

    def _taken(
        self,
        name: str,
        side: Side,
        form: GeneratedForm,
        theirs: GeneratedForm,
        base: Mapping[str, Values | None],
        by: Mapping[str, Change],
    ) -> Taken:
        attribute = attributes(self.model)[name]
        return Taken(
            label=gettext(attribute.field.label),
            side=side,
            before=self._past(name, base[name]) or Cell(None),
            after=field_cell(attribute, (theirs if side == "theirs" else form)._fields[name]),
            by=by.get(name) if side == "theirs" else None,
        )

    def _past(self, name: str, values: Values | None) -> Cell | None:
        """Return the cell of what a field once held; None where nobody knows."""
        if values is None:
            return None
        past = self._pruned_class()._fields[name]
        fill(past, values)
        return field_cell(attributes(self.model)[name], past)

    def _last_changes(self, row: Any) -> dict[str, Change]:
        """Return the newest change of each field of ``row``, and under "" the newest of all."""
        newest: dict[str, Change] = {}
        if not may(self.database_session, self.entity, "history", row):
            return newest
        for change in list_history(self.database_session, self.model, row.id).changes:
            for name in ("", *(difference.attribute.key for difference in change.differences)):
                if change.action in ("create", "edit", "restore"):
                    newest.setdefault(name, change)
        return newest

    def _sections(self, form: GeneratedForm, without: Merge) -> list[FormSection]:
        blocks: dict[str, list[Any]] = {}
        for key, attribute in attributes(self.model).items():
            if key in form._fields and key not in without.asked:
                blocks.setdefault(attribute.field.section, []).append(form._fields[key])
        return [FormSection(gettext(label) if label else "", fields) for label, fields in blocks.items()]

    def _carried(self, form: GeneratedForm) -> list[tuple[str, str]]:
        """Return what was sent beside the fields of the form, so that none of it is lost on the way."""
        known = {*form._fields, "csrf_token", "restore"}
        return [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in known and not name.startswith(_CHOICE)
        ]

    def _gone_page(self, key: Any) -> str:
        """Return the page for a form whose row is gone, with everything that was typed; 404 for all other requests.

        Only who was shown the form carries its signed state: to anybody else a deleted row, another department's and
        one that never was are the same.
        """
        form = self._prune(self.edit_form(), action="edit", is_new=False)
        number = int(key) if is_number(str(key or "")) else None
        if number is None or self._loaded(form, number) is None:
            abort(404)
        deletion = self._deletion_change(number)
        entered = {name: sent(form._fields[name]) for name in form._fields if name not in HIDDEN}
        page = GonePage(
            singular=gettext(self.screen.singular),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            deleted_by=deletion.who if deletion else "",
            deleted_at=deletion.at if deletion else None,
            typed=[
                (gettext(attribute.field.label), field_cell(attribute, form._fields[name]))
                for name, attribute in attributes(self.model).items()
                if entered.get(name)
            ],
            carried=[(name, value) for name, values in entered.items() for value in values],
            restore_url=url_for(".edit_view", id=number) if self.get_deleted(number) is not None else "",
            create_url=url_for(".create_view") if self.screen.create and self.actor.may(self.entity, "create") else "",
        )
        return render_template(self.gone_template, page=page, base=form.base.data)

    def _deletion_change(self, key: int) -> Change | None:
        """Return by which change a row went: into the bin or for good."""
        final = last_deletion(self.database_session, self.model, key)
        if final is not None:
            return final
        with including_deleted(self.database_session):
            row = self.get_one(key)
        if row is None or getattr(row, "deleted_at", None) is None:
            return None
        changes = list_history(self.database_session, self.model, key).changes
        return next((change for change in changes if change.action == "delete"), None)


def field_cell(attribute: Attribute, one: FormField) -> Cell:
    """Return what a field of a form holds as a value to be read; what could not be read as it was typed."""
    if one.process_errors:
        return Cell(", ".join(_unread(one)))
    if isinstance(one, LookupMultipleField):
        return Cell([(text, "") for _key, text in one.chosen], "links")
    if isinstance(one, LookupField):
        return Cell(one.shown or None)
    if attribute.kind == "choice":
        return Cell(gettext(one.data.label), "choice") if one.data is not None else Cell(None)
    if attribute.kind == "datetime" and one.data is not None:
        return Cell(one.data.replace(tzinfo=LOCAL_ZONE), "datetime")
    return Cell(one.data, shown_format(attribute) if attribute.field.format != "image" else "")


def _unread(one: FormField) -> list[str]:
    if not isinstance(one, LookupField):
        return list(one.raw_data or ())
    return [linked_text(Linked(int(key), "")) if is_number(key) else key for key in one.raw_data or ()]
