"""The sheet on the generated pages of procedures and versions: everything a clerk must tell a citizen."""

from flask import Blueprint

from admin_views import procedure_texts, verbs
from models.base import _
from models.procedure import ProcedureVersion
from services.procedures import ClerkSheet, clerk_sheet
from web.database import database
from web.structured_text import split_text, structured, unbulleted

bp = Blueprint("catalogue", __name__)

verbs.show_below("procedure", "catalogue/procedure.html")
verbs.show_below("procedure_version", "catalogue/version.html")
verbs.offer(
    "procedure",
    verbs.ListVerb(action="import", label=_("Import"), endpoint="procedure_import.choose_file", icon="upload"),
)


@bp.app_template_global()
def sheet_of(version: ProcedureVersion) -> ClerkSheet:
    """Return what the sheet of a version shows."""
    return clerk_sheet(database().session(), version)


for _function in (
    procedure_texts.levels_of,
    procedure_texts.method_limit,
    procedure_texts.fee_amount,
    procedure_texts.fee_span,
    procedure_texts.return_lines,
    procedure_texts.changes_of,
    split_text,
):
    bp.add_app_template_global(_function)
for _filter in (structured, unbulleted):
    bp.add_app_template_filter(_filter)
