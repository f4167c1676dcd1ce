"""What was measured, as docs/performance.md: a table per database, and every goal with what was reached."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.carrying import Carrying
from benchmarks.exports import Export
from benchmarks.figures import Figures
from benchmarks.measure import Result
from benchmarks.scenarios import FLAT, FLAT_LIMIT, FLAT_RARE_LIMIT, SCENARIOS

SERVERS = ("administrator", "clerk", "django", "raw")
NAMES = {"django": "Django", "administrator": "administrator", "clerk": "clerk", "raw": "raw"}
PAGE_LIMIT_KIB = 60
EXPORT_TIME_LIMIT, EXPORT_MEMORY_LIMIT_MIB, FIRST_BYTE_LIMIT_SECONDS = 2.0, 64.0, 0.5
NOTES = "<!-- by hand: what misses, and why -->"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The measurements over one database of a size."""

    database: str
    dossiers: int
    result: Result
    exports: Mapping[str, Export]
    figures: Figures | None = None

    @property
    def title(self) -> str:
        return f"{self.database}, {self.dossiers:,} dossiers"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: what it says, what was reached and the most that was allowed."""

    what: str
    reached: float
    limit: float
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        return self.reached <= self.limit

    def line(self) -> str:
        met = "yes" if self.is_met else "**no**"
        return f"| {self.what} | {self.reached:.2f} {self.unit} | ≤ {self.limit:g} {self.unit} | {met} |"


def write_report(path: Path, runs: Sequence[Run], *, command: str, carrying: Carrying | None = None) -> None:
    """Write the report to ``path``; what was noted by hand below the mark stays."""
    noted = path.read_text().partition(NOTES)[2] if path.exists() else "\n"
    path.write_text("\n".join(_lines(runs, command, carrying)) + f"\n{NOTES}{noted}")


def _lines(runs: Sequence[Run], command: str, carrying: Carrying | None) -> Iterator[str]:
    yield "# Performance"
    yield ""
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    software = f"SQLite {sqlite3.sqlite_version}, Django {version('django')}"
    yield f"Written by `{command}`; do not edit above the mark at the end. Ratios count; milliseconds are those of"
    yield f"{machine}, {software}. One process and one client each, in turn, medians."
    yield "The administrator sees every dossier, the clerk's department one in 10,000. Django's admin has the same"
    yield "rows in tables of its own with the same indexes; it has no row scope, no log of who read personal data,"
    yield "and finds no word without its accents."
    for run in runs:
        yield from ("", f"## {run.title}", "", *_table(run.result))
        if run.exports:
            yield from ("", *_exports(run.exports))
        if run.figures is not None:
            yield from ("", *_figures(run.figures))
    if carrying is not None:
        yield from ("", "## Dossiers carried", "", *_carrying(carrying))
    yield from ("", "## Goals", "", "| goal | reached | allowed | met |", "|---|---|---|---|")
    for goal in _goals(runs):
        yield goal.line()
    yield ""


def _table(result: Result) -> Iterator[str]:
    names = " | ".join(NAMES[name] for name in SERVERS)
    yield f"| milliseconds | {names} | administrator ÷ Django | clerk ÷ Django | administrator ÷ raw |"
    yield "|---|" + "---|" * 7
    for scenario in SCENARIOS:
        values = [result.milliseconds.get((scenario.name, name)) for name in SERVERS]
        own, clerk, django, raw = values
        shown = ["" if value is None else f"{value:.1f}" for value in values]
        ratios = [_ratio(own, django), _ratio(clerk, django), _ratio(own, raw)]
        yield f"| {scenario.name} | " + " | ".join(shown + ratios) + " |"


def _ratio(value: float | None, other: float | None) -> str:
    return "" if value is None or other is None else f"{value / other:.2f}"


def _exports(exports: Mapping[str, Export]) -> Iterator[str]:
    yield "| CSV of all | first byte, s | last byte, s | lines | extra memory, MiB |"
    yield "|---|---|---|---|---|"
    for name, export in exports.items():
        figures = f"{export.first_byte_seconds:.2f} | {export.seconds:.1f} | {export.lines:,} | {export.extra_mib:.0f}"
        yield f"| {'Motcua' if name == 'own' else 'raw driver'} | {figures} |"


def _figures(figures: Figures) -> Iterator[str]:
    yield "| milliseconds | Motcua | its statements through the driver | ratio |"
    yield "|---|---|---|---|"
    ratio = f"{figures.report / figures.raw:.2f}"
    what = f"report of a month, {figures.received:,} received, as known now"
    yield f"| {what} | {figures.report:.0f} | {figures.raw:.0f} | {ratio} |"
    yield f"| slip, once warm | {figures.slip:.1f} | | |"


def _carrying(carrying: Carrying) -> Iterator[str]:
    yield f"{carrying.dossiers:,} dossiers through five steps on PostgreSQL, four workers, each act its transaction."
    yield ""
    yield "| | Motcua | its statements through the driver | ratio |"
    yield "|---|---|---|---|"
    rates, tails = (carrying.rate, carrying.driver_rate), (carrying.p95, carrying.driver_p95)
    yield f"| dossiers a second | {rates[0]:.1f} | {rates[1]:.1f} | {rates[0] / rates[1]:.2f} |"
    yield f"| p95 of an act, ms | {tails[0]:.1f} | {tails[1]:.1f} | {tails[0] / tails[1]:.2f} |"


def _goals(runs: Sequence[Run]) -> Iterator[Goal]:
    for run in runs:
        if run.dossiers == 1_000_000 or len(runs) == 1:
            yield from _run_goals(run)
    by_size = sorted((run for run in runs if run.database == "SQLite"), key=lambda run: run.dossiers)
    if len(by_size) > 1:
        yield from _flatness(by_size)


def _run_goals(run: Run) -> Iterator[Goal]:
    times = run.result.milliseconds
    for scenario in SCENARIOS:
        for other, limit in scenario.goals.items():
            for name in ("administrator", "clerk"):
                base = times.get((scenario.name, other)) if other in SERVERS else times.get((other, name))
                own = times.get((scenario.name, name))
                if own is not None and base:
                    what = f"{run.title}: {scenario.name}, {name}, to {NAMES.get(other, other)}"
                    yield Goal(what, own / base, limit)
    kibibytes = run.result.kibibytes["list, administrator"]
    yield Goal(f"{run.title}: HTML of 50 rows", kibibytes, PAGE_LIMIT_KIB, "KiB")
    if run.exports:
        own, raw = run.exports["own"], run.exports["raw"]
        yield Goal(f"{run.title}: CSV of all, to the raw driver", own.seconds / raw.seconds, EXPORT_TIME_LIMIT)
        yield Goal(f"{run.title}: CSV, more memory", own.extra_mib, EXPORT_MEMORY_LIMIT_MIB, "MiB")
        yield Goal(f"{run.title}: CSV, first byte", own.first_byte_seconds, FIRST_BYTE_LIMIT_SECONDS, "s")


def _flatness(by_size: Sequence[Run]) -> Iterator[Goal]:
    smallest, largest = by_size[0], by_size[-1]
    for name in ("administrator", "clerk"):
        for scenario in FLAT:
            first, last = (run.result.milliseconds.get((scenario, name)) for run in (smallest, largest))
            if first and last:
                what = f"SQLite: {scenario}, {name}, {largest.dossiers:,} to {smallest.dossiers:,}"
                yield Goal(what, last / first, FLAT_LIMIT)
    middle, rare = by_size[-2], "search, rare, without accents"
    first, last = (run.result.milliseconds[rare, "administrator"] for run in (middle, largest))
    yield Goal(f"SQLite: {rare}, {largest.dossiers:,} to {middle.dossiers:,}", last / first, FLAT_RARE_LIMIT)
