"""The page of one row of a generated screen."""

from typing import Any, ClassVar

from flask import render_template, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views import cells, verbs
from admin_views.ground import Ground
from admin_views.pages import DetailPage
from services.audit import record_read
from services.session import may


class DetailPages(Ground):
    """One row with its children and what can be done with it."""

    endpoints: ClassVar = {"details_view": "read"}
    details_template = "admin/detail.html"
    can_view_details = True

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
