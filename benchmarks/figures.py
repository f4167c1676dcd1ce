"""The month's report over a measured centre beside its statements through the driver, and a slip once warm."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from benchmarks.history import fill_history
from services.database import make_engine
from services.session import unscoped
from services.settlement import Dimension, make_cut, summarise_settlement
from services.slips.receipt import ReceiptDocument, ReceiptFacts, render_receipt

MONTH = date(2026, 4, 1), date(2026, 4, 30)
AS_KNOWN = datetime(2026, 12, 1, tzinfo=UTC)
SLIP_ROUNDS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Medians in milliseconds: the report of a month as known now, its statements alone; and one slip."""

    report: float
    raw: float
    received: int
    slip: float


def measure_figures(url: str, *, rounds: int) -> Figures:
    """Fill in what happened where it is missing, and measure."""
    plain = create_engine(url)  # without the gate of the application: nobody else is there
    with plain.begin() as connection:
        fill_history(connection)
    with plain.connect().execution_options(isolation_level="AUTOCOMMIT") as idle:
        idle.exec_driver_sql("ANALYZE")
    plain.dispose()
    engine = make_engine(url)
    statements: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, sql, values, *_: statements.append((sql, values)))
    with Session(engine) as session, unscoped(session, "benchmark"):
        cut = make_cut(since=MONTH[0], until=MONTH[1], now=AS_KNOWN)

        def report() -> int:
            return summarise_settlement(session, cut, by=Dimension.DEPARTMENT).total.received

        received = report()
        reads = [one for one in statements if one[0].lstrip().startswith(("WITH", "SELECT"))]
        driver = session.connection().connection.dbapi_connection

        def raw() -> None:
            for sql, values in reads:
                cursor = driver.cursor()  # pyright: ignore[reportOptionalMemberAccess] -- it is connected
                cursor.execute(sql, values)
                cursor.fetchall()

        times = {"report": _median(report, rounds), "raw": _median(raw, rounds)}
    engine.dispose()
    return Figures(received=received, slip=_slip(), **times)


def _slip() -> float:
    facts = ReceiptFacts(
        site_name="Trung tâm Phục vụ hành chính công",
        code="H98.20-260401-0001",
        slip_url="https://example.org/s/1",
        received_at=AS_KNOWN,
        applicant_name="Nguyễn Thị Minh Khai",
        procedure_name="Đổi giấy phép lái xe",
        servant_name="Trương Công Huy",
        documents=[ReceiptDocument(name=f"Giấy tờ số {number}", originals=1) for number in range(1, 8)],
    )
    return _median(lambda: render_receipt(facts), SLIP_ROUNDS)


def _median(act: Callable[[], object], rounds: int) -> float:
    act()  # warm
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
