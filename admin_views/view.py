"""The generated screen of one model: list, detail, form and look-up, with rights, locking and audit in each."""

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from admin_views import cells, verbs
from admin_views.addresses import list_page
from admin_views.forms import GeneratedForm, build_form, form_attributes
from admin_views.pages import Conflict, DetailPage, FormPage, FormSection
from models.actor import Actor
from models.base import Base
from models.base import _ as mark
from models.describe import Attribute, attributes, screen_of
from models.ids import opaque_token
from services.audit import record_act, record_read
from services.idempotency import once, record_answer
from services.listing import ListRequest, list_rows
from services.session import UserError, actor_of, may
from web.access import AccessRule, permission_rule
from web.clock import request_time
from web.database import database
from web.texts import lazy_gettext as _

_ACTIONS = {
    "index_view": "read",
    "details_view": "read",
    "lookup_view": "read",
    "create_view": "create",
    "edit_view": "edit",
    "delete_view": "delete",
}


class GeneratedView(ModelView):
    """Screens of ``model`` from what the model says about itself.

    Flask-Admin gives routes, menu and form handling; every road to a row goes through the session, which
    applies the actor's row scope, and through ``may``, which asks for the right again.
    """

    list_template = "admin/list.html"
    details_template = "admin/detail.html"
    create_template = edit_template = "admin/form.html"
    can_view_details = True
    model: type[Any]

    # Roads of Flask-Admin that this product does not take: they would bypass field rights.
    action_view = export = ajax_lookup = ajax_update = None

    def __init__(self, model: type[Base], db: SQLAlchemy) -> None:
        screen = screen_of(model)
        self.screen = screen
        self.entity = model.__tablename__
        self.can_create, self.can_edit, self.can_delete = screen.create, screen.edit, screen.delete
        self.column_list = [key for key, _attribute in cells.columns(attributes(model))]
        super().__init__(model, db, name=_(screen.title), category=screen.group, endpoint=self.entity)

    def scaffold_form(self) -> type[GeneratedForm]:
        """Return the form class built from the model; Flask-Admin asks for it once, at start."""
        return build_form(self.model)

    def scaffold_list_columns(self) -> list[Any]:
        return []

    def scaffold_sortable_columns(self) -> dict[Any, Any]:
        return {}

    def init_search(self) -> bool:
        return False

    def access_rule_for(self, endpoint: str) -> AccessRule | None:
        """Return who may use ``endpoint``: who holds the entity's right; nobody, where the model excludes it."""
        action = _ACTIONS.get(endpoint)
        if action is None or not getattr(self.screen, action, True):
            return None
        return permission_rule(self.entity, action)

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        """Leave it to the guard, which has asked ``access_rule_for`` before Flask-Admin is reached."""

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return fn(self, *args, **kwargs)  # Flask-Admin retries on TypeError, which hides faults

    @property
    def database_session(self) -> Session:
        """The session of this request, acting for the person who asks."""
        return database().session()

    @property
    def actor(self) -> Actor:
        return actor_of(self.database_session)

    # --- list ---------------------------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> str:
        """Show a page of the list."""
        shown = cells.readable(self.model, self.actor)
        page, keys = list_page(self.model, self.entity, self.actor, request.args, request_time())
        if any(attribute.field.personal for _key, attribute in cells.columns(shown)) and keys:
            record_act(
                self.database_session, self.entity, "", "list", search=request.args.get("q", "")[:200], keys=keys
            )
        return render_template(self.list_template, page=page)

    @expose("/lookup/")
    def lookup_view(self) -> Response:
        """Answer the rows that match ``q``, for look-up fields: ``{"results": [{id, text, note}], "more"}``."""
        wanted = ListRequest(search=request.args.get("q", ""), page_size=20)
        found = list_rows(self.database_session, self.model, wanted, at=request_time())
        results = [{"id": row.id, "text": str(row), "note": self._note(row)} for row in found.rows]
        return jsonify(results=results, more=bool(found.next_cursor))

    def _note(self, row: Any) -> str:
        """Return the code of a row, which tells apart rows of the same name."""
        for key, attribute in cells.readable(self.model, self.actor).items():
            if attribute.field.format == "code" and attribute.kind == "text":
                return getattr(row, key) or ""
        return ""

    # --- detail -------------------------------------------------------------------------------------------

    def get_one(self, id: Any) -> Any:  # noqa: A002 -- Flask-Admin's name
        """Return the row of a key as the actor may see it; None for every other key, whatever it looks like."""
        key = str(id or "")
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            return None
        return self.database_session.scalar(select(self.model).where(self.model.id == int(key)))

    def _row_or_404(self) -> Any:
        row = self.get_one(request.args.get("id"))
        if row is None:
            abort(404)
        return row

    @expose("/details/")
    def details_view(self) -> str:
        """Show one row."""
        row = self._row_or_404()
        self._note_read(row)
        page = DetailPage(
            title=str(row),
            singular=gettext(self.screen.singular),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            icon=self.screen.icon,
            sections=cells.sections(row, self.actor),
            children=cells.child_tables(row, self.actor),
            verbs=verbs.row_buttons(self.entity, row),
            edit_url=url_for(".edit_view", id=row.id) if self._may_change(row, "edit") else "",
            delete_url=url_for(".delete_view", id=row.id) if self._may_change(row, "delete") else "",
            extra=verbs.template_below(self.entity),
        )
        return render_template(self.details_template, page=page, row=row)

    def _may_change(self, row: Any, action: str) -> bool:
        return getattr(self.screen, action) and may(self.database_session, self.entity, action, row)

    def _note_read(self, row: Any) -> None:
        if any(attribute.field.personal for attribute in cells.readable(self.model, self.actor).values()):
            record_read(self.database_session, row)

    # --- form ---------------------------------------------------------------------------------------------

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Show the empty form; make the row it describes."""
        form = self._prune(self.create_form(), action="create", is_new=True)
        if request.method == "GET":
            form.nonce.data = opaque_token()
            return self._form_page(form, None)
        if not form.validate():
            return self._form_page(form, None), 422
        return self._create(form)

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
        record_answer(session, scope=scope, key=key, answer={"id": row.id})
        session.commit()
        flash(gettext("%(name)s was added.", name=str(row)), "success")
        return redirect(url_for(".details_view", id=row.id))

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Show the form of a row; save it unless somebody else saved it meanwhile."""
        row = self._row_or_404()
        if not may(self.database_session, self.entity, "edit", row):
            abort(403)
        form = self._prune(self.edit_form(obj=row), action="edit", is_new=False)
        if request.method == "GET":
            self._note_read(row)
            form.row_version.data = str(row.row_version)
            return self._form_page(form, row)
        if form.row_version.data != str(row.row_version):
            return self._conflict_page(form, row)
        if not form.validate():
            return self._form_page(form, row), 422
        try:
            if not self._write(form, row, "edit"):
                return self._form_page(form, row), 422
            self.database_session.commit()
        except StaleDataError:
            self.database_session.rollback()
            return self._conflict_page(form, self._row_or_404())
        flash(gettext("%(name)s was saved.", name=str(row)), "success")
        return redirect(url_for(".details_view", id=row.id))

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Any:
        """Delete a row, where the model allows it at all."""
        row = self._row_or_404()
        if not self._may_change(row, "delete"):
            abort(403)
        name = str(row)
        try:
            self.database_session.delete(row)
            self.database_session.commit()
        except IntegrityError:
            self.database_session.rollback()
            raise RowInUseError(name=name) from None
        flash(gettext("%(name)s was deleted.", name=name), "success")
        return redirect(url_for(".index_view"))

    def _prune(self, form: Any, *, action: str, is_new: bool) -> GeneratedForm:
        """Remove every field that the writer has no right to, so that what is posted for it has no effect."""
        permit = self.actor.permit(self.entity, action)
        allowed = form_attributes(self.model, is_new=is_new, level=permit.level if permit else -1)
        for name in list(form._fields):
            if name not in allowed and name not in ("row_version", "nonce"):
                del form[name]
        return form

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
        savepoint.commit()
        return True

    def _fill(self, form: GeneratedForm, row: Any) -> bool:
        """Put the form's values into ``row``; what a model refuses is said beside its field in the model's words."""
        for name, field in form._fields.items():
            if name in ("row_version", "nonce"):
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

    def _conflict_page(self, form: GeneratedForm, row: Any) -> Any:
        rows = [
            (str(form._fields[key].label.text), self._plain(getattr(row, key), attribute), form._fields[key])
            for key, attribute in attributes(self.model).items()
            if key in form._fields
        ]
        form.validate()
        differing = [(label, theirs, self._typed(field)) for label, theirs, field in rows]
        conflict = Conflict(
            rows=[entry for entry in differing if entry[1] != entry[2]],
            reload_url=url_for(".edit_view", id=row.id),
        )
        form.row_version.data = str(row.row_version)
        return self._form_page(form, row, conflict), 409

    def _plain(self, value: Any, attribute: Attribute) -> str:
        if attribute.kind == "choice":
            return gettext(value.label) if value is not None else ""
        if attribute.kind == "many":
            return ", ".join(str(other) for other in value)
        if attribute.kind == "boolean":
            return gettext("Yes") if value else gettext("No")
        return "" if value is None else str(value)

    def _typed(self, field: Any) -> str:
        attribute = attributes(self.model)[field.short_name]
        if attribute.kind in ("one", "many"):
            return field.shown
        return self._plain(field.data, attribute)

    def _form_page(self, form: GeneratedForm, row: Any, conflict: Conflict | None = None) -> str:
        blocks: dict[str, list[Any]] = {}
        for key, attribute in attributes(self.model).items():
            if key in form._fields:
                blocks.setdefault(attribute.field.section, []).append(form._fields[key])
        page = FormPage(
            title=str(row) if row is not None else gettext("New: %(entity)s", entity=gettext(self.screen.singular)),
            singular=gettext(self.screen.singular),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            icon=self.screen.icon,
            form=form,
            sections=[FormSection(gettext(label) if label else "", fields) for label, fields in blocks.items()],
            is_new=row is None,
            cancel_url=url_for(".index_view") if row is None else url_for(".details_view", id=row.id),
            conflict=conflict,
            errors=list(form.form_errors),
        )
        return render_template(self.edit_template, page=page, form=form)


class RowInUseError(UserError):
    """The row cannot be deleted because others refer to it."""

    message = mark("%(name)s is still used elsewhere. Change or delete what refers to it first.")
    status = 409


def build_view(model: type[Base], db: SQLAlchemy) -> GeneratedView:
    """Return the generated screen of ``model``."""
    return type(f"{model.__name__}View", (GeneratedView,), {})(model, db)
