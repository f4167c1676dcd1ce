"""A quick look at a row: its main facts and what can be done with it, beside the list it stands in."""

from typing import Any, ClassVar

from flask import abort, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views import cells, verbs
from admin_views.detail_pages import DetailPages
from admin_views.pages import LookPanel
from web.names import name_of


class LookPages(DetailPages):
    """One row in the panel of a list; audited as a read like its own page."""

    endpoints: ClassVar = {"look_view": "read"}

    @expose("/look/")
    def look_view(self) -> Any:
        """Show a row without leaving the list; asked for as a page, lead to the row's own."""
        key = request.args.get("id")
        row = self.get_one(key) or self.get_deleted(key)
        if row is None:
            abort(404)
        if request.headers.get("HX-Request") != "true":
            return redirect(url_for(".details_view", id=row.id))
        self._note_read(row)
        is_deleted = getattr(row, "deleted_at", None) is not None
        panel = LookPanel(
            title=name_of(row),
            singular=gettext(self.screen.singular),
            details_url=url_for(".details_view", id=row.id),
            edit_url=url_for(".edit_view", id=row.id) if not is_deleted and self._may_change(row, "edit") else "",
            sections=cells.sections(row, self.actor),
            verbs=[] if is_deleted else verbs.row_buttons(self.entity, row),
        )
        return render_template("admin/look.html", panel=panel)
