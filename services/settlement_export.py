"""The settlement report as text that other programs read."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from services.service_figures import SERVICE_COLUMNS, trips_per_dossier
from services.settlement import RATES, SettlementCounts, SettlementReport
from services.settlement_figures import FIGURES
from services.tables.writing import Column, XlsxWriter, harmless, write_table

TOTAL = "total"
_RATE_KEYS = [f"{rate}{part}" for rate in RATES for part in ("", "_numerator", "_denominator")]
_SERVICE_KEYS = [*(name for name in SERVICE_COLUMNS if name not in FIGURES), "trips_per_dossier"]


def slices_of(report: SettlementReport) -> Iterator[tuple[str, str, SettlementCounts]]:
    """Yield code, name and counts of each slice, the total last."""
    for row in report.rows:
        yield row.code, row.name, row.counts
    yield TOTAL, "", report.total


def to_csv(report: SettlementReport) -> str:
    """Return a line per slice and one for the total; no cell can be taken for a formula."""
    keys = [*FIGURES, *_RATE_KEYS]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([report.dimension or "slice", "name", *keys, *_service_keys(report)])
    for (code, name, counts), more in zip(slices_of(report), _service_of(report), strict=True):
        values = counts.to_json()
        writer.writerow([harmless(code), harmless(name), *(values[key] for key in keys), *more])
    return out.getvalue()


def to_csv_file(report: SettlementReport) -> str:
    """Return ``to_csv`` with the mark by which spreadsheets know the encoding."""
    return "\ufeff" + to_csv(report)


def to_xlsx(report: SettlementReport, headings: Mapping[str, str] | None = None) -> bytes:
    """Return the same lines as a workbook, counts and rates as numbers; ``headings`` names the columns for people."""
    names = headings or {}
    keys = [*FIGURES, *_RATE_KEYS]
    named = [str(report.dimension or "slice"), "name", *keys, *_service_keys(report)]
    columns = [Column(names.get(key, key), "text" if place < 2 else "number") for place, key in enumerate(named)]
    rows = []
    for (code, name, counts), more in zip(slices_of(report), _service_of(report), strict=True):
        values: dict[str, Any] = counts.to_json() | {key: rate.percent for key, rate in counts.rates.items()}
        rows.append([code, names.get(name, name), *(values[key] for key in keys), *more])
    return b"".join(write_table(XlsxWriter(names.get("title", "Settlement")), columns, rows))


def _service_keys(report: SettlementReport) -> Sequence[str]:
    """Return the columns of the service beside those of the report; none where it was not asked for."""
    return () if report.service is None else _SERVICE_KEYS


def _service_of(report: SettlementReport) -> Iterator[list[Any]]:
    """Yield what ``_service_keys`` are of each slice, the total last."""
    service = report.service
    if service is None:
        yield from ([] for _ in (*report.rows, None))
        return
    for values in (*(service.of(row.key) for row in report.rows), service.total):
        more: dict[str, Any] = {**values, "trips_per_dossier": trips_per_dossier(values)}
        yield [more[key] for key in _SERVICE_KEYS]


def to_json(report: SettlementReport) -> str:
    """Return the report as one JSON document (design section 6)."""
    return json.dumps(report.to_json(), ensure_ascii=False, indent=2)
