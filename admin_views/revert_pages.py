"""Taking a change back on a generated screen: chosen fields get their earlier values, as a new change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError

from admin_views.form_pages import FormPages
from admin_views.forms import GeneratedForm
from admin_views.history_pages import Entry, HistoryPages, Line, compared, is_number
from services.reverting import Aim, Return, Reversal, can_go_back, plan_return
from services.session import may
from web.forms import LookupField, LookupMultipleField


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChoice:
    """One field that can go back: both values, whether it is chosen, and what stands against it."""

    line: Line
    is_chosen: bool
    is_changed_since: bool
    errors: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RevertPage:
    """What ``revert.html`` is given."""

    title: str
    list_title: str
    list_url: str
    row_url: str
    history_url: str
    entry: Entry
    aim: Aim
    other_url: str
    row_version: str
    fields: Sequence[FieldChoice]
    errors: Sequence[str]


class RevertPages(FormPages, HistoryPages):
    """A change taken back, or a row as it was once, through the checks of the form."""

    endpoints: ClassVar = {"revert_view": "edit"}
    revert_template = "admin/revert.html"

    @expose("/revert/", methods=("GET", "POST"))
    def revert_view(self) -> Any:
        """Show what going back would change; do it for the chosen fields."""
        row = self._row_or_404()
        if not all(may(self.database_session, self.entity, action, row) for action in ("edit", "history")):
            abort(403)
        plan = self._plan(row)
        self._note_read(row)
        if request.method == "GET":
            asked = request.args.get("field", "")
            chosen = {r.attribute.key for r in plan.reversals if not asked and not r.is_changed_since}
            return self._revert_page(row, plan, chosen | {asked})
        chosen = set(request.form.getlist("field"))
        if request.form.get("row_version") != str(row.row_version):
            return self._met_meanwhile(row, plan, chosen)
        return self._go_back(row, plan, chosen)

    @property
    def _aim(self) -> Aim:
        return "state" if request.args.get("aim") == "state" else "undo"

    def _plan(self, row: Any) -> Return:
        asked = request.args.get("event", "")
        found = None
        if is_number(asked):
            found = plan_return(self.database_session, row, int(asked), aim=self._aim, writable=self._writable(row))
        if found is None:
            abort(404)
        return found

    def _go_back(self, row: Any, plan: Return, chosen: set[str]) -> Any:
        reversals = [reversal for reversal in plan.reversals if reversal.attribute.key in chosen]
        if not reversals:
            return self._revert_page(row, plan, set(), [gettext("Choose at least one field.")]), 422
        form = self._form_of_the_past(row, reversals)
        try:
            if any(field.errors for field in form) or not self._write(form, row, "edit"):
                return self._revert_page(row, plan, chosen, form.form_errors, form), 422
            self.database_session.commit()
        except StaleDataError:
            self.database_session.rollback()
            return self._met_meanwhile(self._row_or_404(), plan, chosen)
        flash(gettext("%(name)s was saved.", name=str(row)), "success")
        return redirect(url_for(".history_view", id=row.id))

    def _form_of_the_past(self, row: Any, reversals: Sequence[Reversal]) -> GeneratedForm:
        """Return the edit form with nothing but the chosen fields, holding their earlier values, validated."""
        form = self._pruned_class(obj=row)
        targets = {reversal.attribute.key: reversal.target for reversal in reversals}
        for name in list(form._fields):
            if name not in targets:
                del form[name]
        lost = []
        for name, target in targets.items():
            field = form._fields[name]
            value = _rows(field, target) if isinstance(field, LookupField) else target
            if isinstance(field, LookupField) and target and (value is None or None in _listed(value)):
                lost.append(field)
            field.raw_data = ["past"] if target else []  # validators of what is optional look for something typed
            field.process_data(value)
        form.validate()
        for field in lost:
            field.errors = [
                gettext("This is no longer there, or you may not see it. Choose another value in the form.")
            ]
        return form

    def _met_meanwhile(self, row: Any, plan: Return, chosen: set[str]) -> Any:
        fresh = self._plan(row)
        note = gettext("Somebody saved this meanwhile. What is shown is how it is now: look again, then decide.")
        kept = chosen & {reversal.attribute.key for reversal in plan.reversals}
        return self._revert_page(row, fresh, kept, [note]), 409

    def _revert_page(
        self,
        row: Any,
        plan: Return,
        chosen: set[str],
        errors: Sequence[str] = (),
        form: GeneratedForm | None = None,
    ) -> str:
        fields = [
            FieldChoice(
                line=compared(r.attribute, plan.linked(r.attribute, r.current), plan.linked(r.attribute, r.target)),
                is_chosen=r.attribute.key in chosen,
                is_changed_since=r.is_changed_since,
                errors=form._fields[r.attribute.key].errors if form and r.attribute.key in form._fields else (),
            )
            for r in plan.reversals
        ]
        other: Aim = "undo" if self._aim == "state" else "state"
        event = plan.change.id
        page = RevertPage(
            title=str(row),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            row_url=url_for(".details_view", id=row.id),
            history_url=url_for(".history_view", id=row.id),
            entry=self._entry(plan.change),
            aim=self._aim,
            other_url=url_for(".revert_view", id=row.id, event=event, aim=other)
            if can_go_back(plan.change, other)
            else "",
            row_version=str(row.row_version),
            fields=fields,
            errors=errors,
        )
        return render_template(self.revert_template, page=page)


def _rows(field: LookupField, target: Any) -> Any:
    """Return the rows that the keys of a relation lead to, None for each that the actor may not see."""
    if isinstance(field, LookupMultipleField):
        return [field.find_row(key) for key in sorted(target)]
    return None if target is None else field.find_row(target)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
