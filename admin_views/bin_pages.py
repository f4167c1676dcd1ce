"""Deleting on a generated screen: the question with what uses the row, and the way back out of the bin."""

from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext

from admin_views.detail_pages import DetailPages
from admin_views.pages import DeletePage
from models import screens
from models.base import SoftDeleted
from models.describe import screen_of
from services.deletion import COUNTED, Use, delete_row, list_uses, restore_row
from web.clock import request_time


class BinPages(DetailPages):
    """A row deleted, after its reader was told what uses it, and restored where the entity has a bin."""

    endpoints: ClassVar = {"delete_view": "delete", "restore_view": "delete"}
    delete_template = "admin/delete.html"

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        """Ask whether to delete a row and say what uses it; delete it, where the model allows it at all."""
        row = self._row_or_404()
        if not self._may_change(row, "delete"):
            abort(403)
        if request.method == "GET":
            return self._delete_page(row)
        name = str(row)
        delete_row(self.database_session, row, at=request_time())
        self.database_session.commit()
        flash(gettext("%(name)s was deleted.", name=name), "success")
        return redirect(url_for(".index_view"))

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> Any:
        """Take a row out of the bin."""
        row = self.get_deleted(request.args.get("id"))
        if row is None:
            abort(404)
        restore_row(self.database_session, row)
        self.database_session.commit()
        flash(gettext("%(name)s was restored.", name=str(row)), "success")
        return redirect(url_for(".details_view", id=row.id))

    def _delete_page(self, row: Any) -> str:
        page = DeletePage(
            title=str(row),
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            details_url=url_for(".details_view", id=row.id),
            delete_url=url_for(".delete_view", id=row.id),
            uses=uses_by_title(list_uses(self.database_session, row)),
            has_bin=issubclass(self.model, SoftDeleted),
        )
        return render_template(self.delete_template, page=page)


def uses_by_title(uses: list[Use] | Any) -> list[tuple[str, str]]:
    """Return the uses of a row under the titles of their screens; those without a screen in one line."""
    titles = {model.__tablename__: screen_of(model).title for model in screens()}
    named = [(gettext(titles[use.entity]), _count(use.count)) for use in uses if use.entity in titles]
    others = sum(use.count for use in uses if use.entity not in titles)
    return [*named, (gettext("Other records"), _count(others))] if others else named


def _count(number: int) -> str:
    return f"{COUNTED:,}+".replace(",", ".") if number > COUNTED else str(number)
