"""Twelve servants whose figures the evaluation rules print, and random counts."""

from hypothesis import strategies as st

from evaluation import statistics as s

SERVANTS = {
    "A": (118, 120),
    "B": (95, 100),
    "C": (57, 60),
    "D": (40, 48),
    "E": (9, 9),
    "F": (150, 165),
    "G": (22, 30),
    "H": (201, 210),
    "I": (3, 4),
    "J": (74, 80),
    "K": (132, 136),
    "L": (66, 75),
}
COUNTS = list(SERVANTS.values())
counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def printed(interval: s.Interval | None, digits: int = 6) -> tuple[float, float]:
    assert interval is not None
    return round(interval.low, digits), round(interval.high, digits)
