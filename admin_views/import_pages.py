"""Rows of a file into the entity of a generated screen: choose, say what is what, rehearse, import."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.export_pages import file_response, stamp
from admin_views.ground import Ground
from admin_views.import_names import labels_of, names_of
from admin_views.import_result import latest_imports, rows_by_outcome
from models.base import _
from models.batch import BatchState
from models.describe import Attribute, attributes
from models.exchange import ImportDraft
from services.errors import UserError
from services.imports import drafts
from services.imports.job import MOST_AT_ONCE, begin_import
from services.imports.targets import natural_key, targets
from services.jobs import OPEN, has_worker
from services.tables.errors import TableUnusableError
from services.tables.values import read_text, shortened
from services.tables.writing import WRITERS, Column, Kind, write_table
from web.batches import do_chunk
from web.clock import request_time

SAMPLES = 3
WORDS_SHOWN = 200
NOTHING, LEFT_OUT = "-", ""


class FileMissingError(TableUnusableError):
    """Nothing was chosen."""

    message = _("Choose a file first.")


class ImportPages(Ground):
    """Four steps, each with its own address, so that leaving and coming back loses nothing."""

    endpoints: ClassVar = {
        "import_view": "import",
        "import_columns_view": "import",
        "import_words_view": "import",
        "import_check_view": "import",
        "import_template_view": "import",
    }

    @expose("/import/", methods=("GET", "POST"))
    def import_view(self) -> ResponseReturnValue:
        """Show where a file is chosen; keep a chosen one and go on to its columns."""
        if request.method == "GET":
            return self._choice_page()
        upload = request.files.get("file")
        try:
            if upload is None or not upload.filename:
                raise FileMissingError
            with TemporaryDirectory() as folder:
                path = Path(folder) / "upload"
                upload.save(path)
                self.database_session.rollback()  # a long file keeps nobody from writing while it is read
                draft = drafts.create_draft(
                    self.database_session,
                    self.model,
                    path,
                    title=upload.filename,
                    names=names_of(self.model),
                    labels=labels_of(self.model),
                    at=request_time(),
                )
        except TableUnusableError as error:
            self.database_session.rollback()
            return self._choice_page(gettext(error.message_id) % error.values), 422
        self.database_session.commit()
        return self._to("columns", draft)

    @expose("/import/columns/", methods=("GET", "POST"))
    def import_columns_view(self) -> ResponseReturnValue:
        """Show what each column is taken for; take what the reader says instead."""
        draft = self._draft_or_404()
        if draft.is_sent:
            return self._to_result(draft)
        if request.method == "GET":
            return self._columns_page(draft)
        session, labels = self.database_session, labels_of(self.model)
        sheet, line = _number("sheet"), _number("line")
        if request.form.get("act") == "header":
            sheet = sheet if sheet is not None and sheet < len(draft.sheets) else draft.sheet
            line = line if sheet == draft.sheet else None
            drafts.choose_sheet(session, draft, sheet, line, names=names_of(self.model), labels=labels)
            session.commit()
            return self._to("columns", draft)
        columns = {str(n): request.form.get(f"c.{n}", "") for n in range(len(draft.headers))}
        month_first = {
            str(n): request.form[f"m.{n}"] == "1" for n in range(len(draft.headers)) if f"m.{n}" in request.form
        }
        drafts.choose_columns(session, draft, columns, month_first, labels=labels)
        draft.is_all_or_nothing = request.form.get("mode") == "all"
        if draft.unknown:
            session.commit()
            return self._to("words", draft)
        return self._rehearse(draft)

    @expose("/import/words/", methods=("GET", "POST"))
    def import_words_view(self) -> ResponseReturnValue:
        """Ask what words mean that no row and no choice is called by."""
        draft = self._draft_or_404()
        if draft.is_sent:
            return self._to_result(draft)
        if request.method == "GET":
            return self._words_page(draft)
        drafts.choose_words(self.database_session, draft, self._chosen_words(draft))
        return self._rehearse(draft)

    @expose("/import/check/", methods=("GET", "POST"))
    def import_check_view(self) -> ResponseReturnValue:
        """Show what the import would do; do it."""
        draft = self._draft_or_404()
        if draft.is_sent:
            return self._to_result(draft)
        if request.method == "GET":
            return self._check_page(draft)
        if draft.batch is None or draft.batch.state is not BatchState.FINISHED:
            return self._rehearse(draft)
        batch = begin_import(self.database_session, draft, is_rehearsal=False, at=request_time())
        self.database_session.commit()
        do_chunk(self.database_session, at=request_time(), batch_id=batch.id)
        return self._to_result(draft)

    @expose("/import/template/")
    def import_template_view(self) -> ResponseReturnValue:
        """Answer an empty table with the columns that may be filled, and one row as an example."""
        begin = WRITERS.get(request.args.get("format", "xlsx"))
        if begin is None:
            abort(404)
        writer = begin(gettext(self.screen.title))
        open_targets = [target.attribute for target in targets(self.model, self.actor).values()]
        columns = [Column(gettext(attribute.field.label), _kind(attribute)) for attribute in open_targets]
        example = [_example(attribute) for attribute in open_targets]
        return file_response(
            write_table(writer, columns, [example]), writer, f"{self.entity}-{stamp(request_time())}-import"
        )

    # --- what the steps share ---------------------------------------------------------------------------------

    def _draft_or_404(self) -> ImportDraft:
        draft = drafts.find_draft(self.database_session, self.entity, request.args.get("draft", ""))
        if draft is None:
            abort(404)
        return draft

    def _to(self, step: str, draft: ImportDraft) -> ResponseReturnValue:
        return redirect(url_for(f".import_{step}_view", draft=draft.public_id), 303)

    def _to_result(self, draft: ImportDraft) -> ResponseReturnValue:
        if draft.batch is None:
            abort(404)
        return redirect(url_for("import_result.show", public_id=draft.batch.public_id), 303)

    def _rehearse(self, draft: ImportDraft) -> ResponseReturnValue:
        """Begin a rehearsal and do its first rows at once: a short file is done with them."""
        session = self.database_session
        try:
            batch = begin_import(session, draft, is_rehearsal=True, at=request_time())
        except UserError as error:
            return self._columns_page(draft, gettext(error.message_id) % error.values), 422
        session.commit()
        do_chunk(session, at=request_time(), batch_id=batch.id)
        return self._to("check", draft)

    def _step_page(self, template: str, step: int, **values: Any) -> str:
        return render_template(
            f"exchange/{template}.html",
            step=step,
            list_title=gettext(self.screen.title),
            list_url=url_for(".index_view"),
            entity=self.entity,
            **values,
        )

    def _choice_page(self, error: str = "") -> str:
        session = self.database_session
        return self._step_page(
            "choose",
            1,
            error=error,
            most_megabytes=current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024,
            most_rows=drafts.MOST_ROWS,
            recent=latest_imports(session, self.entity),
            key=[gettext(attributes(self.model)[key].field.label) for key in natural_key(self.model)],
        )

    def _columns_page(self, draft: ImportDraft, error: str = "") -> str:
        session = self.database_session
        head = drafts.head_of(session, draft)
        samples = [row for row, _n in zip(drafts.rows_of(session, draft), range(SAMPLES), strict=False)]
        orders = drafts.date_orders(session, draft)
        open_targets = targets(self.model, self.actor)
        columns = [
            {
                "name": name,
                "samples": [_cell(row.cells, n) for row in samples],
                "chosen": draft.columns.get(str(n), ""),
                "month_first": draft.month_first.get(str(n), False),
                "asks_order": str(n) in orders and not orders[str(n)].is_certain,
            }
            for n, name in enumerate(draft.headers)
        ]
        options = [
            (key, gettext(target.attribute.field.label), target.attribute.is_required and target.in_new)
            for key, target in open_targets.items()
        ]
        return self._step_page(
            "columns",
            2,
            draft=draft,
            error=error,
            columns=columns,
            options=options,
            missing=[label for key, label, required in options if required and key not in draft.columns.values()],
            head=[(row.line, " · ".join(_cell(row.cells, n) for n in range(len(row.cells)))[:90]) for row in head],
            notices=[gettext(notice) for notice in draft.notices],
            most_at_once=MOST_AT_ONCE,
        )

    def _words_page(self, draft: ImportDraft) -> str:
        asked = []
        for key, entries in draft.unknown.items():
            attribute = attributes(self.model)[key]
            asked.append(
                {
                    "key": key,
                    "label": gettext(attribute.field.label),
                    "entries": entries[:WORDS_SHOWN],
                    "more": max(len(entries) - WORDS_SHOWN, 0),
                    "choices": [(m.value, gettext(m.label)) for m in attribute.choices or ()],
                    "lookup_url": url_for(f"{attribute.target.__tablename__}.lookup_view") if attribute.target else "",
                }
            )
        return self._step_page("words", 3, draft=draft, asked=asked)

    def _chosen_words(self, draft: ImportDraft) -> Mapping[str, Mapping[str, Any]]:
        """Return what the reader chose for each open word; what is no row one may see, and no choice, stays open."""
        chosen: dict[str, dict[str, Any]] = {}
        for key, entries in draft.unknown.items():
            attribute = attributes(self.model)[key]
            for number, (word, _text, _count) in enumerate(entries[:WORDS_SHOWN]):
                meant = request.form.get(f"w.{key}.{number}", LEFT_OUT)
                if request.form.get(f"n.{key}.{number}") or meant == NOTHING:
                    chosen.setdefault(key, {})[word] = ""
                elif (value := self._meaning(attribute, meant)) is not None:
                    chosen.setdefault(key, {})[word] = value
        return chosen

    def _meaning(self, attribute: Attribute, meant: str) -> Any:
        if attribute.choices is not None:
            return meant if meant in {member.value for member in attribute.choices} else None
        target: Any = attribute.target
        key = int(meant) if meant.isascii() and meant.isdigit() and len(meant) < 19 else None
        if key is None or self.database_session.get(target, key, populate_existing=True) is None:
            return None
        return key

    def _check_page(self, draft: ImportDraft) -> ResponseReturnValue:
        batch, session = draft.batch, self.database_session
        if batch is None:
            return self._to("columns", draft)
        is_open = batch.state in OPEN
        return self._step_page(
            "check",
            4,
            draft=draft,
            batch=batch,
            is_open=is_open,
            failure=gettext(batch.failure) if batch.failure else "",
            has_worker=has_worker(session, at=request_time()),
            **({} if is_open else rows_by_outcome(session, self.model, self.actor, batch)),
        )


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _cell(cells: Any, position: int) -> str:
    return shortened(read_text(cells[position]) or "") if position < len(cells) else ""


_KINDS: dict[str, Kind] = {"integer": "number", "decimal": "number", "date": "date"}


def _kind(attribute: Attribute) -> Kind:
    return _KINDS.get(attribute.kind, "text")


def _example(attribute: Attribute) -> Any:
    """Return what a good value looks like: the model's example, or one of the kind."""
    if attribute.choices is not None:
        return gettext(next(iter(attribute.choices)).label)
    made: dict[str, Any] = {
        "boolean": gettext("Yes"),
        "date": date(2016, 12, 31),
        "datetime": "31/12/2016 16:30",
        "integer": 1,
        "decimal": 1,
    }
    if attribute.kind in ("integer", "decimal"):
        return int(attribute.field.example) if attribute.field.example.isdigit() else 1
    return made.get(attribute.kind) or attribute.field.example or None
