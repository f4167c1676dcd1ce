"""The settlement report as text that other programs read."""

import csv
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


def _harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it. Source: security checklist 1.2.10."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\x00") else text
