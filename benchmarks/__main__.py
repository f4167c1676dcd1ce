"""Run the measurements and write docs/performance.md: `python -m benchmarks [--sizes ...] [--postgresql ...]`."""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.carrying import measure_carrying
from benchmarks.data import SMALL_SHARE, build
from benchmarks.exports import Export, measure_exports
from benchmarks.figures import measure_figures
from benchmarks.measure import Result, measure
from benchmarks.report import Run, write_report
from benchmarks.scenarios import DEEP_PAGE
from benchmarks.servers import ROOT
from services.listing import PAGE_SIZE
from tests.support.databases import postgresql_database, sqlalchemy_url, start_postgresql

FOLDER = ROOT / "instance" / "benchmarks"
EXPORTED = 1_000_000
"""The export and the month's report are measured at this size, or at the largest below it."""
FIGURE_ROUNDS = 5


def main() -> None:
    options = _options()
    runs: list[Run] = []
    carrying = None
    FOLDER.mkdir(parents=True, exist_ok=True)
    exported = max((size for size in options.sizes if size <= EXPORTED), default=0)
    for size in options.sizes:
        url = _sqlite(size)
        runs.append(_run("SQLite", url, size, options.rounds, with_export=size == exported))
    if options.postgresql:
        with ExitStack() as stack:
            uri, why = start_postgresql()
            if not uri:
                raise SystemExit(why)
            url = sqlalchemy_url(uri, stack.enter_context(postgresql_database(uri)))
            build(url, options.postgresql, now=datetime.now(UTC))
            _fill_peer(url)
            runs.append(_run("PostgreSQL", url, options.postgresql, options.rounds, with_export=True))
            carrying = measure_carrying(uri, options.carried) if options.carried else None
    write_report(options.report, runs, command="make bench", carrying=carrying)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--postgresql", type=int, default=1_000_000, help="dossiers on PostgreSQL; 0 for none")
    parser.add_argument("--carried", type=int, default=10_000, help="dossiers carried on PostgreSQL; 0 for none")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "performance.md")
    return parser.parse_args()


def _sqlite(size: int) -> str:
    """Return the address of a database with ``size`` dossiers, made once and kept."""
    path = FOLDER / f"dossiers-{size}.sqlite"
    url = f"sqlite:///{path}"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _say(f"making {size:,} dossiers in {path.relative_to(ROOT)}")
        build(f"sqlite:///{unfinished}", size, now=datetime.now(UTC))
        _fill_peer(f"sqlite:///{unfinished}")
        unfinished.rename(path)
    return url


def _fill_peer(url: str) -> None:
    command = [sys.executable, "-m", "benchmarks.peer_django.site"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"PEER_DATABASE": url}, check=True)  # noqa: S603 -- our own


def _run(database: str, url: str, size: int, rounds: int, *, with_export: bool) -> Run:
    _say(f"measuring {size:,} dossiers on {database}")
    half = size // 2 - size // 2 % SMALL_SHARE  # a dossier that the clerk may edit
    page = min(DEEP_PAGE, size // PAGE_SIZE // 2)
    keys = {"administrator": half, "clerk": half, "django": half, "raw": half + 1, "page": page}
    result: Result = measure(url, rounds=rounds, keys=keys)
    exports: dict[str, Export] = measure_exports(url) if with_export else {}
    figures = measure_figures(url, rounds=FIGURE_ROUNDS) if with_export else None
    return Run(database=database, dossiers=size, result=result, exports=exports, figures=figures)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
