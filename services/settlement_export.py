"""The settlement report as text that other programs read."""

import csv
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from services.settlement import RATES, SettlementCounts, SettlementReport
from services.settlement_figures import FIGURES
from services.tables.writing import Column, XlsxWriter, harmless, write_table

TOTAL = "total"


def slices_of(report: SettlementReport) -> Iterator[tuple[str, str, SettlementCounts]]:
    """Yield code, name and counts of each slice, the total last."""
    for row in report.rows:
        yield row.code, row.name, row.counts
    yield TOTAL, "", report.total


def to_csv(report: SettlementReport) -> str:
    """Return a line per slice and one for the total; no cell can be taken for a formula."""
    rates = [f"{rate}{part}" for rate in RATES for part in ("", "_numerator", "_denominator")]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([report.dimension or "slice", "name", *FIGURES, *rates])
    for code, name, counts in slices_of(report):
        values = counts.to_json()
        writer.writerow([harmless(code), harmless(name), *(values[key] for key in (*FIGURES, *rates))])
    return out.getvalue()


def to_csv_file(report: SettlementReport) -> str:
    """Return ``to_csv`` with the mark by which spreadsheets know the encoding."""
    return "\ufeff" + to_csv(report)


def to_xlsx(report: SettlementReport, headings: Mapping[str, str] | None = None) -> bytes:
    """Return the same lines as a workbook, counts and rates as numbers; ``headings`` names the columns for people."""
    names = headings or {}
    rates = [f"{rate}{part}" for rate in RATES for part in ("", "_numerator", "_denominator")]
    keys = [str(report.dimension or "slice"), "name", *FIGURES, *rates]
    columns = [Column(names.get(key, key), "text" if place < 2 else "number") for place, key in enumerate(keys)]
    rows = []
    for code, name, counts in slices_of(report):
        values: dict[str, Any] = counts.to_json() | {key: rate.percent for key, rate in counts.rates.items()}
        rows.append([code, names.get(name, name), *(values[key] for key in keys[2:])])
    return b"".join(write_table(XlsxWriter(names.get("title", "Settlement")), columns, rows))


def to_json(report: SettlementReport) -> str:
    """Return the report as one JSON document (design section 6)."""
    return json.dumps(report.to_json(), ensure_ascii=False, indent=2)
