"""The list of a generated screen, and the look-up that its rows answer."""

from typing import Any, ClassVar

from flask import Response, jsonify, render_template, request
from flask_admin import expose

from admin_views import cells
from admin_views.addresses import list_page
from admin_views.arrange_pages import ArrangePages
from services.audit import record_act
from services.listing import ListRequest, list_rows
from web.clock import request_time
from web.names import name_of


class ListPages(ArrangePages):
    """Rows in pages, and rows that match what somebody types into a look-up."""

    endpoints: ClassVar = {"index_view": "read", "lookup_view": "read"}
    list_template = "admin/list.html"

    @expose("/")
    def index_view(self) -> str:
        """Show a page of the list."""
        address, views = self.list_address()
        page, keys = list_page(self.model, self.actor, address, views, request_time())
        if any(attribute.field.personal for _key, attribute in address.columns) and keys:
            record_act(
                self.database_session, self.entity, "", "list", search=address.args.get("q", "")[:200], keys=keys
            )
        return render_template(self.list_template, page=page)

    @expose("/lookup/")
    def lookup_view(self) -> Response:
        """Answer the rows that match ``q``, for look-up fields: ``{"results": [{id, text, note}], "more"}``."""
        wanted = ListRequest(search=request.args.get("q", ""), page_size=20)
        found = list_rows(self.database_session, self.model, wanted, at=request_time())
        results = [{"id": row.id, "text": name_of(row), "note": self._note(row)} for row in found.rows]
        return jsonify(results=results, more=bool(found.next_cursor))

    def _note(self, row: Any) -> str:
        """Return the code of a row, which tells apart rows of the same name."""
        for key, attribute in cells.readable(self.model, self.actor).items():
            if attribute.field.format == "code" and attribute.kind == "text":
                return getattr(row, key) or ""
        return ""
