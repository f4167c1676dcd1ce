"""The settlement report as text that other programs read."""

import csv
import json
from collections.abc import Iterator
from io import StringIO

from services.settlement import RATES, SettlementCounts, SettlementReport
from services.settlement_query import FIGURES

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
        writer.writerow([_harmless(code), _harmless(name), *(values[key] for key in (*FIGURES, *rates))])
    return out.getvalue()


def to_csv_file(report: SettlementReport) -> str:
    """Return ``to_csv`` with the mark by which spreadsheets know the encoding."""
    return "\ufeff" + to_csv(report)


def to_json(report: SettlementReport) -> str:
    """Return the report as one JSON document (design section 6)."""
    return json.dumps(report.to_json(), ensure_ascii=False, indent=2)


def _harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it. Source: security checklist 1.2.10."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\x00") else text
