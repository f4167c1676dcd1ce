"""Form II.06a: what was received, resolved and left open in a period, as the national report asks for it.

Column 3 counts what was carried over with what was received, so that 3 = 7 + 11. A refusal at intake is resolved on
its due day (column 9); so is what had no due time, and what has none and is open is in time (column 12); whoever
waits for papers is counted once, in column 12, unless it was late before. Source: domain.md 2.7, docs/adr/0024.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.localtime import LOCAL_ZONE, local_date
from services.settlement_counting import CountedSlice, add_up, count_slices
from services.settlement_figures import FORM_FIGURES
from services.settlement_query import Cut
from services.settlement_slices import Dimension
from services.tables.writing import Column, CsvWriter, XlsxWriter, write_table

FIRST_COLUMN = 3
"""The number that the form gives the first figure; 1 is the row's number, 2 its name."""

DIMENSIONS = (Dimension.FIELD, Dimension.DEPARTMENT)
"""What the rows of the form can be."""

IDENTITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("population", ("received_online", "received_directly", "carried_over")),
    ("resolved", ("early", "punctual", "late")),
    ("open", ("in_time", "overdue")),
    ("population", ("resolved", "open")),
)
"""A column and those that add up to it. Source: domain.md 2.7."""


class FormUnbalancedError(RuntimeError):
    """The columns of the form do not add up: a fault in the program, never shown as figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form06a:
    """The form of a period; every row and the total satisfy ``IDENTITIES``."""

    since_date: date
    until_date: date
    as_of: datetime
    known_at: datetime
    dimension: Dimension
    rows: Sequence[CountedSlice]
    total: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the form as other programs read it; times are local with their offset."""
        return {
            "form": "II.06a",
            "period": {"from": self.since_date.isoformat(), "to": self.until_date.isoformat()},
            "as_of": self.as_of.astimezone(LOCAL_ZONE).isoformat(),
            "known_at": self.known_at.astimezone(LOCAL_ZONE).isoformat(),
            "by": self.dimension.value,
            "total": dict(self.total),
            "rows": [{self.dimension.value: row.code, "name": row.name, **row.values} for row in self.rows],
        }


def column_number(figure: str) -> int:
    """Return the number of a figure's column on the form, 3 to 13."""
    return FORM_FIGURES.index(figure) + FIRST_COLUMN


def say_identities() -> list[str]:
    """Return the identities by the numbers of their columns: ``3 = 4 + 5 + 6``."""
    return [f"{column_number(whole)} = {' + '.join(str(column_number(part)) for part in parts)}"
            for whole, parts in IDENTITIES]  # fmt: skip


def check_identities(values: Mapping[str, int]) -> None:
    """Raise FormUnbalancedError where the columns of a row do not add up."""
    for whole, parts in IDENTITIES:
        if values[whole] != sum(values[part] for part in parts):
            raise FormUnbalancedError(f"{whole} is not {' + '.join(parts)}: {dict(values)}")


def summarise_form_06a(session: Session, cut: Cut, *, by: Dimension) -> Form06a:
    """Return form II.06a for ``cut``, over the dossiers the session's actor may read.

    Raises: FormUnbalancedError. Source: domain.md 2.7, docs/adr/0024.
    """
    rows = [row for row in count_slices(session, cut, by, FORM_FIGURES) if row.values["population"]]
    total = add_up(rows, FORM_FIGURES)
    for values in (*(row.values for row in rows), total):
        check_identities(values)
    return Form06a(
        since_date=local_date(cut.start_at),
        until_date=local_date(cut.end_at - timedelta(microseconds=1)),
        as_of=cut.as_of,
        known_at=cut.known_at,
        dimension=by,
        rows=rows,
        total=total,
    )


def form_to_csv(form: Form06a, headings: Mapping[str, str]) -> bytes:
    """Return the form as CSV with the mark by which spreadsheets know the encoding."""
    return b"".join(write_table(CsvWriter(), _columns(headings), _lines(form, headings)))


def form_to_xlsx(form: Form06a, headings: Mapping[str, str]) -> bytes:
    """Return the form as a workbook; ``headings`` names title, columns, total and slices whose name is a message."""
    return b"".join(write_table(XlsxWriter(headings["title"]), _columns(headings), _lines(form, headings)))


def form_to_json(form: Form06a) -> str:
    """Return the form as one JSON document."""
    return json.dumps(form.to_json(), ensure_ascii=False, indent=2)


def _columns(headings: Mapping[str, str]) -> list[Column]:
    numbered = [Column(f"({column_number(name)}) {headings[name]}", "number") for name in FORM_FIGURES]
    return [Column(f"(1) {headings['number']}", "number"), Column(f"(2) {headings['name']}"), *numbered]


def _lines(form: Form06a, headings: Mapping[str, str]) -> Iterator[list[Any]]:
    for number, row in enumerate(form.rows, 1):
        yield [number, headings.get(row.name, row.name), *(row.values[name] for name in FORM_FIGURES)]
    yield [None, headings["total"], *(form.total[name] for name in FORM_FIGURES)]
