"""The forms of a generated screen: a new row, a changed one."""

from contextlib import suppress
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from admin_views import cells
from admin_views.child_grid import ChildGrid, child_grids
from admin_views.forms import HIDDEN, GeneratedForm
from admin_views.merge_pages import MergePages
from admin_views.merging import Loaded, values_of
from admin_views.pages import FormPage, FormSection
from admin_views.saving import question_before
from models.describe import attributes
from models.ids import opaque_token
from services.deletion import restore_row
from services.idempotency import once, record_answer
from services.session import UserError, may
from web.clock import request_time
from web.forms import LookupField
from web.names import name_of


class FormPages(MergePages):
    """Rows made and changed; the second of two writers puts both versions together."""

    endpoints: ClassVar = {"create_view": "create", "edit_view": "edit"}
    create_template = edit_template = "admin/form.html"

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Show the empty form; make the row it describes."""
        source = self._source()
        form = self._prune(self.create_form(obj=source), action="create", is_new=True)
        form.grids = self._grids(None)
        if request.method == "GET":
            self._copy(form, source)
            form.nonce.data = opaque_token()
            self._preset(form)
            return self._form_page(form, None)
        if not form.validate():
            return self._form_page(form, None), 422
        return self._create(form)

    def _source(self) -> Any:
        """Return the row that the address asks to copy, None for a new one; 404 where its reader may not see it."""
        key = request.args.get("copy") if request.method == "GET" else None
        if key is None:
            return None
        row = self.get_one(key)
        if row is None:
            abort(404)
        self._note_read(row)
        return row

    def _copy(self, form: GeneratedForm, source: Any) -> None:
        """Leave out of a copy what must be the only one of its kind or is not for its reader, and add the children."""
        if source is None:
            return
        shown = cells.readable(self.model, self.actor)
        for key, attribute in attributes(self.model).items():
            is_single = attribute.column is not None and attribute.column.unique
            if key in form._fields and (is_single or key not in shown):
                form._fields[key].process(None)
        for grid in form.grids:
            grid.copy_from(source)

    def _grids(self, row: Any) -> list[ChildGrid]:
        sent = request.form if request.method == "POST" else None
        return child_grids(self.database_session, self.model, row, sent=sent)

    def _preset(self, form: GeneratedForm) -> None:
        """Choose the rows that the address names, as a link from a parent's page does (``?version=7``)."""
        for name, field in form._fields.items():
            if isinstance(field, LookupField) and request.args.get(name):
                with suppress(ValueError):  # an unknown key chooses nothing
                    field.process_formdata([request.args[name]])

    def _create(self, form: GeneratedForm) -> Any:
        session = self.database_session
        key = str(form.nonce.data or opaque_token())[:80]
        scope = f"create:{self.entity}:{self.actor.user_id}"
        body = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
        earlier = once(session, scope=scope, key=key, body=body, at=request_time())
        if earlier is not None:
            return redirect(url_for(".details_view", id=earlier["id"]))
        row = self.model()
        if not self._write(form, row, "create"):
            return self._form_page(form, None), 422
        question = question_before(self.entity, row, url_for(".index_view"))
        if question is not None:
            return question
        record_answer(session, scope=scope, key=key, answer={"id": row.id})
        session.commit()
        flash(gettext("%(name)s was added.", name=str(row)), "success")
        return redirect(url_for(".details_view", id=row.id))

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Show the form of a row; save it, put together with what somebody else saved meanwhile."""
        row = self.get_one(request.args.get("id"))
        if row is None:
            return self._edit_without_row()
        if not may(self.database_session, self.entity, "edit", row):
            abort(403)
        form = self._prune(self.edit_form(obj=row), action="edit", is_new=False)
        form.grids = self._grids(row)
        if request.method == "GET":
            self._note_read(row)
            self._remember(form, row, Loaded(values_of(form)))
            return self._form_page(form, row)
        return self._save(form, row)

    def _save(self, form: GeneratedForm, row: Any) -> Any:
        loaded = self._loaded(form, row.id)
        undecided = self._settle(form, loaded) if loaded is not None else {}
        if form.row_version.data != str(row.row_version) or undecided:
            form.validate()
            status = 422 if form.row_version.data == str(row.row_version) else 409
            return self._merge_page(form, row, loaded, undecided), status
        self._remember(form, row, Loaded(loaded.values if loaded is not None else {}))
        if not form.validate():
            return self._form_page(form, row), 422
        try:
            if not self._write(form, row, "edit"):
                return self._form_page(form, row), 422
            question = question_before(self.entity, row, url_for(".details_view", id=row.id))
            if question is not None:
                return question
            self.database_session.commit()
        except StaleDataError:  # both were here at the same instant
            self.database_session.rollback()
            fresh = self.get_one(request.args.get("id"))
            return self._edit_without_row() if fresh is None else (self._merge_page(form, fresh, loaded, {}), 409)
        flash(gettext("%(name)s was saved.", name=name_of(row)), "success")
        return redirect(url_for(".details_view", id=row.id))

    def _edit_without_row(self) -> Any:
        """Answer a form whose row is gone: with what was typed, or with the row again where that was asked for."""
        key = request.args.get("id")
        if request.method != "POST":
            abort(404)
        page = self._gone_page(key)
        deleted = self.get_deleted(key)
        if not request.form.get("restore") or deleted is None:
            return page, 409
        restore_row(self.database_session, deleted)
        self.database_session.commit()
        flash(gettext("%(name)s was restored.", name=name_of(deleted)), "success")
        row = self.get_one(key)
        form = self._prune(self.edit_form(obj=row), action="edit", is_new=False)
        return self._merge_page(form, row, self._loaded(form, row.id), {}), 409

    def _write(self, form: GeneratedForm, row: Any, action: str) -> bool:
        """Put the form's values into ``row`` and flush; say what is wrong in the form where that fails."""
        session = self.database_session
        savepoint = session.begin_nested()
        try:
            with session.no_autoflush:
                is_filled = self._fill(form, row)
            if not is_filled:
                savepoint.rollback()
                return False
            session.add(row)
            session.flush()
        except IntegrityError as error:
            savepoint.rollback()
            self._explain(form, error)
            return False
        except UserError as error:
            savepoint.rollback()
            form.form_errors.append(gettext(error.message_id) % error.values)
            return False
        if not may(session, self.entity, action, row):
            savepoint.rollback()
            form.form_errors.append(gettext("You may not put this row where you could no longer work with it."))
            return False
        saved = [grid.save(row, at=request_time()) for grid in form.grids]  # each says what is wrong with its rows
        if not all(saved):
            savepoint.rollback()
            return False
        savepoint.commit()
        return True

    def _fill(self, form: GeneratedForm, row: Any) -> bool:
        """Put the form's values into ``row``; what a model refuses is said beside its field in the model's words."""
        for name, field in form._fields.items():
            if name in HIDDEN:
                continue
            try:
                field.populate_obj(row, name)
            except ValueError as error:
                field.errors = [*field.errors, gettext(str(error))]
        return not any(field.errors for field in form._fields.values())

    def _explain(self, form: GeneratedForm, error: IntegrityError) -> None:
        """Turn a refused constraint into words beside the field it concerns; SQL is never shown."""
        detail = str(error.orig)
        for column in inspect(self.model).columns:
            names = (f"{self.entity}.{column.key}", f"uq_{self.entity}_{column.key}")
            unique = "UNIQUE" in detail or "unique" in detail
            field = self._field_of(form, column)
            if unique and field is not None and any(name in detail for name in names):
                field.errors = [*field.errors, gettext("Another row already has this value. Choose a different one.")]
                return
        form.form_errors.append(
            gettext(
                "These values contradict a rule of the data. Check numbers, dates and choices that belong together."
            )
        )

    def _field_of(self, form: GeneratedForm, column: Any) -> Any:
        """Return the field that sets ``column``: its own, or that of the relation it is the key of."""
        relations = inspect(self.model).relationships
        keys = (column.key, *(relation.key for relation in relations if column in relation.local_columns))
        return next((form._fields[key] for key in keys if key in form._fields), None)

    def _form_page(self, form: GeneratedForm, row: Any) -> str:
        blocks: dict[str, list[Any]] = {}
        for key, attribute in attributes(self.model).items():
            if key in form._fields:
                blocks.setdefault(attribute.field.section, []).append(form._fields[key])
        page = FormPage(
            title=name_of(row) if row is not None else gettext("New: %(entity)s", entity=gettext(self.screen.singular)),
            singular=gettext(self.screen.singular),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            icon=self.screen.icon,
            form=form,
            sections=[FormSection(gettext(label) if label else "", fields) for label, fields in blocks.items()],
            is_new=row is None,
            cancel_url=url_for(".index_view") if row is None else url_for(".details_view", id=row.id),
            history_url=self._history_url(row) if row is not None else "",
            errors=[*form.form_errors, *(problem for grid in form.grids for problem in grid.problems)],
        )
        return render_template(self.edit_template, page=page, form=form)
