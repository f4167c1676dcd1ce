"""The letter of a period: begun from frozen figures, written on a screen, taken away as DOCX, every version kept."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import NoResultFound

from admin_views.report_wanted import explained
from admin_views.verbs import Verb, offer
from models.base import _
from models.frozen_figures import FrozenFigures, LetterVersion, ReportLetter
from models.text import fold
from services.audit import record_act
from services.errors import UserError
from services.letter_docx import MEDIA_TYPE, say_results, write_letter
from services.letters import (
    LENGTHS,
    LONGEST_LINE,
    LONGEST_TEXT,
    LetterText,
    begin_letter,
    get_version,
    list_freezes,
    list_versions,
    read_text,
    save_letter,
    text_of,
)
from services.session import may
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("report_letters", __name__, url_prefix="/admin/report")

HEAD = (
    ("authority", _("Superior authority")),
    ("agency", _("Agency that writes")),
    ("document_number", _("Document number")),
    ("place", _("Place name")),
)
PROSE = (
    ("recipients", _("To"), 2),
    ("opening", _("Opening"), 4),
    ("assessment", _("Assessment"), 6),
    ("difficulties", _("Difficulties"), 6),
    ("plans", _("Plans"), 6),
    ("copies", _("Copies to"), 3),
)
SIGNATURE = (("signer_title", _("Title of who signs")), ("signer_name", _("Name of who signs")))


@bp.post("/frozen/<int:frozen_id>/letter")
@permitted("report_letter", "write")
def begin(frozen_id: int) -> ResponseReturnValue:
    """Begin the letter of the period that was frozen, or go on with it."""
    session = database().session()
    frozen = session.get(FrozenFigures, frozen_id) if frozen_id < 2**63 else None
    if frozen is None or not frozen.figures:
        abort(404)
    letter = begin_letter(session, frozen, at=request_time())
    session.commit()
    return redirect(url_for(".show_letter", letter_id=letter.id), 303)


@bp.get("/letters/<int:letter_id>")
@permitted("report_letter", "read")
def show_letter(letter_id: int) -> ResponseReturnValue:
    """Show the letter to be written on, or one of its earlier versions to be read."""
    letter = _letter(letter_id)
    version = _version(letter, request.args.get("version") or str(letter.last_number))
    return _page(letter, version, text_of(version), version.frozen)


@bp.post("/letters/<int:letter_id>")
@permitted("report_letter", "write")
def save(letter_id: int) -> ResponseReturnValue:
    """Keep what was written as the next version; where somebody else was quicker, nothing typed is lost."""
    session, letter = database().session(), _letter(letter_id)
    try:
        text, seen = read_text(request.form), int(request.form.get("seen_number", ""))
        frozen = next(one for one in list_freezes(session, letter) if str(one.id) == request.form.get("frozen_id"))
    except (ValueError, StopIteration):
        abort(400)
    try:
        version = save_letter(session, letter, text, seen_number=seen, frozen=frozen, at=request_time())
    except UserError as problem:
        last = get_version(session, letter, letter.last_number)
        return _page(letter, last, text, frozen, explained(problem)), problem.status
    session.commit()
    flash(gettext("Saved as version %(number)s.", number=version.number), "success")
    return redirect(url_for(".show_letter", letter_id=letter_id), 303)


@bp.get("/letters/<int:letter_id>/<int:number>.docx")
@permitted("report_letter", "read")
def download_letter(letter_id: int, number: int) -> ResponseReturnValue:
    """Give one version as a DOCX file; that somebody took it away is recorded."""
    session, letter = database().session(), _letter(letter_id)
    version = _version(letter, str(number))
    if not version.frozen.figures:
        abort(404)
    record_act(session, "report_letter", letter.id, "export", version=version.number)
    name = f"{'-'.join(fold(str(letter.period)).replace('/', '-').split())}-v{version.number}.docx"
    return Response(
        write_letter(text_of(version), version.frozen),
        content_type=MEDIA_TYPE,
        headers={"Content-Disposition": f"attachment; filename={quote(name)}"},
    )


def _page(
    letter: ReportLetter, version: LetterVersion, text: LetterText, frozen: FrozenFigures, error: str = ""
) -> str:
    session = database().session()
    is_last = version.number == letter.last_number
    return render_template(
        "report/letter.html",
        letter=letter,
        version=version,
        text=text,
        frozen=frozen,
        freezes=list_freezes(session, letter),
        versions=list_versions(session, letter),
        sentences=say_results(frozen) if frozen.figures else [],
        may_write=is_last and may(session, "report_letter", "write", letter),
        is_last=is_last,
        head=HEAD,
        prose=PROSE,
        signature=SIGNATURE,
        longest={name: LENGTHS.get(name, LONGEST_LINE) for name, _label in (*HEAD, *SIGNATURE)},
        longest_text=LONGEST_TEXT,
        error=error,
    )


def _letter(letter_id: int) -> ReportLetter:
    letter = database().session().get(ReportLetter, letter_id) if letter_id < 2**63 else None
    if letter is None:
        abort(404)
    return letter


def _version(letter: ReportLetter, number: str) -> LetterVersion:
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        abort(404)
    try:
        return get_version(database().session(), letter, int(number))
    except NoResultFound:
        abort(404)


def _may_write(row: Any) -> bool:
    return bool(row.figures) and may(database().session(), "report_letter", "write")


offer(
    "frozen_figures",
    Verb(
        action="read",
        label=_("Write the letter"),
        endpoint="report_letters.begin",
        icon="envelope",
        method="post",
        is_primary=True,
        when=_may_write,
        arguments=lambda row: {"frozen_id": row.id},
    ),
)
offer(
    "report_letter",
    Verb(
        action="read",
        label=_("Open the letter"),
        endpoint="report_letters.show_letter",
        icon="envelope-open",
        is_primary=True,
        arguments=lambda row: {"letter_id": row.id},
    ),
)
