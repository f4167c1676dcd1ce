"""The page of one row of a generated screen."""

from typing import Any, ClassVar

from flask import abort, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views import cells, verbs
from admin_views.ground import Ground
from admin_views.pages import Deletion, DetailPage
from services.audit import record_read
from services.deletion import last_editor
from services.session import may
from web.names import name_of


class DetailPages(Ground):
    """One row with its children and what can be done with it."""

    endpoints: ClassVar = {"details_view": "read"}
    details_template = "admin/detail.html"
    can_view_details = True

    @expose("/details/")
    def details_view(self) -> str:
        """Show one row."""
        key = request.args.get("id")
        row = self.get_one(key) or self.get_deleted(key)
        if row is None:
            abort(404)
        self._note_read(row)
        is_deleted = getattr(row, "deleted_at", None) is not None
        page = DetailPage(
            title=name_of(row),
            singular=gettext(self.screen.singular),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            icon=self.screen.icon,
            sections=cells.sections(row, self.actor),
            children=cells.child_tables(row, self.actor),
            verbs=[] if is_deleted else verbs.row_buttons(self.entity, row),
            edit_url=url_for(".edit_view", id=row.id) if not is_deleted and self._may_change(row, "edit") else "",
            why_url=url_for("why.show_own", entity=self.entity, action="read"),
            delete_url=url_for(".delete_view", id=row.id) if not is_deleted and self._may_change(row, "delete") else "",
            deleted=self._deletion(row) if is_deleted else None,
            history_url=self._history_url(row),
            copy_url="" if is_deleted else self._copy_url(row),
            extras=verbs.extras_below(self.entity, row),
        )
        return render_template(self.details_template, page=page, row=row)

    def _deletion(self, row: Any) -> Deletion:
        by = last_editor(self.database_session, row)
        return Deletion(at=row.deleted_at, by=by, restore_url=url_for(".restore_view", id=row.id))

    def _copy_url(self, row: Any) -> str:
        may_add = self.screen.create and may(self.database_session, self.entity, "create")
        return url_for(".create_view", copy=row.id) if may_add else ""

    def _history_url(self, row: Any) -> str:
        readable = may(self.database_session, self.entity, "history", row)
        return url_for(".history_view", id=row.id) if readable else ""

    def _may_change(self, row: Any, action: str) -> bool:
        return getattr(self.screen, action) and may(self.database_session, self.entity, action, row)

    def _note_read(self, row: Any) -> None:
        if any(attribute.field.personal for attribute in cells.readable(self.model, self.actor).values()):
            record_read(self.database_session, row)
