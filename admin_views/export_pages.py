"""The list of a generated screen as a file: everything that matches, as the list shows it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, abort, request
from flask_admin import expose
from flask_babel import gettext

from admin_views.arrange_pages import ArrangePages
from services.export import Export, record_export, stream_export
from services.localtime import to_local
from services.tables.writing import WRITERS, Column, CsvWriter, write_table
from web.clock import request_time
from web.database import database


class ExportPages(ArrangePages):
    """Rows as CSV or XLSX, asked for with the parameters of the list."""

    endpoints: ClassVar = {"export_view": "export"}

    @expose("/export/")
    def export_view(self) -> Response:
        """Answer every row that the list of the same parameters leads to; ``format`` is csv or xlsx."""
        begin = WRITERS.get(request.args.get("format", "csv"))
        if begin is None or not self.actor.may(self.entity, "read"):
            abort(404 if begin is None else 403)
        address, _views = self.list_address()
        columns = [attribute for _key, attribute in address.columns]
        export = Export(
            model=self.model,
            request=address.request(),
            columns=columns,
            headings=[gettext(attribute.field.label) for attribute in columns],
            words=gettext,
            at=request_time(),
        )
        writer = begin(gettext(self.screen.title))
        record_export(self.database_session, export, format=writer.extension)
        pieces = stream_export(database().engine, self.actor, export, writer)
        return file_response(pieces, writer, f"{self.entity}-{stamp(export.at)}")


def stamp(at: datetime) -> str:
    """Return an instant as file names carry it, on the clock of the centre."""
    return f"{to_local(at):%Y%m%d-%H%M}"


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Return texts as a CSV file to keep; what a spreadsheet would take for a formula is guarded."""
    writer = CsvWriter()
    return file_response(write_table(writer, [Column(heading) for heading in headings], rows), writer, name)


def file_response(pieces: Any, writer: Any, name: str) -> Response:
    """Return ``pieces`` as a file to keep, sent as it is made."""
    response = Response(pieces, content_type=writer.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{writer.extension}"'
    response.headers["X-Accel-Buffering"] = "no"  # a proxy would otherwise wait for the end
    return response
