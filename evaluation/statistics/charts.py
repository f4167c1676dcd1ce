"""Bad ratings over time: the p-chart with exact limits, and the CUSUM where they are rare."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from evaluation.statistics.basics import Interval, check_counts
from evaluation.statistics.tails import largest_low_count, smallest_high_count

SIGNAL_TAIL = 0.00135
RUN = 8
STEPS_PER_WEIGHT = 8


class Side(Enum):
    """On which side of the centre something is, beyond chance."""

    LOW = "LOW"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One period: ``k`` bad of ``n``, the limits to draw, and whether it lies beyond or ends a run on one side."""

    k: int
    n: int
    limits: Interval | None
    beyond: Side | None
    run: Side | None

    @property
    def share(self) -> float | None:
        return self.k / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class PChart:
    """Periods in order of time around their common share.

    ``sigma_z`` is how many times more the periods differ than chance lets them; 1 where limits are exact.
    """

    centre: float
    sigma_z: float
    points: list[ChartPoint]


def p_chart(counts: Sequence[tuple[int, int]], *, is_dispersed: bool = False) -> PChart:
    """Return the p-chart of ``[(bad, rated), ...]`` in order of time; a period without ratings has no limits.

    A point signals where its exact tail is under 0.00135, or where it is at least the eighth in a row on one side of
    the centre. The limits drawn are half-way between the last count that does not signal and the first that does, so
    that picture and signal agree. With ``is_dispersed`` they are Laney's, and a point must lie beyond these too.
    Source: Shewhart 1931, tails of three sigma; Nelson 1984 for runs; Laney 2002, Quality Engineering 14:531.
    """
    for k, n in counts:
        check_counts(k, n)
    total = sum(n for _, n in counts)
    centre = sum(k for k, _ in counts) / total if total else 0.0
    sigma = _sigma_z(counts, centre) if is_dispersed else 1.0
    runs = _runs(counts, centre)
    points = [
        ChartPoint(k, n, *_limits(k, n, centre, sigma), run) if n else ChartPoint(k, n, None, None, None)
        for (k, n), run in zip(counts, runs, strict=True)
    ]
    return PChart(centre, sigma, points)


def _limits(k: int, n: int, centre: float, sigma: float) -> tuple[Interval, Side | None]:
    low = (largest_low_count(n, centre, SIGNAL_TAIL) + 0.5) / n
    high = (smallest_high_count(n, centre, SIGNAL_TAIL) - 0.5) / n
    if sigma > 1:
        half = 3 * sigma * math.sqrt(centre * (1 - centre) / n)
        low, high = min(low, centre - half), max(high, centre + half)
    beyond = Side.LOW if k / n < low else Side.HIGH if k / n > high else None
    return Interval(max(0.0, low), min(1.0, high)), beyond


def _sigma_z(counts: Sequence[tuple[int, int]], centre: float) -> float:
    """Return the mean moving range of the standardised shares over 1.128; 1 where there are too few."""
    z = [(k / n - centre) / math.sqrt(centre * (1 - centre) / n) for k, n in counts if n and 0 < centre < 1]
    return float(np.mean(np.abs(np.diff(z)))) / 1.128 if len(z) > 1 else 1.0


def _runs(counts: Sequence[tuple[int, int]], centre: float) -> list[Side | None]:
    """Return for each period the side on which at least eight in a row lie; empty periods are passed over."""
    ends: list[Side | None] = []
    side: Side | None = None
    length = 0
    for k, n in counts:
        if n:
            now = Side.LOW if k < centre * n else Side.HIGH if k > centre * n else None
            length = length + 1 if now is side and now is not None else int(now is not None)
            side = now
        ends.append(side if n and length >= RUN else None)
    return ends


def cusum_weights(p0: float, p1: float) -> tuple[float, float]:
    """Return the weights of a bad and of a good rating in a Bernoulli CUSUM that looks for p0 -> p1.

    Source: Steiner, Cook, Farewell, Treasure 2000, Biostatistics 1:441.
    """
    return math.log(p1 / p0), math.log((1 - p1) / (1 - p0))


def cusum(bad: Sequence[bool], p0: float, p1: float) -> list[float]:
    """Return the running Bernoulli CUSUM max(0, s + w) after each rating, in time order. Source: as above."""
    worse, better = cusum_weights(p0, p1)
    path, level = [], 0.0
    for is_bad in bad:
        level = max(0.0, level + (worse if is_bad else better))
        path.append(level)
    return path


def cusum_tail(peak: float, ratings: int, p0: float, p1: float) -> float:
    """Return the chance that the CUSUM of so many ratings at the usual share ``p0`` rises to ``peak`` or above.

    Never below the true chance: the level runs as a Markov chain on a grid of eighths of a good rating's weight, a
    bad rating's weight rounded up. So it can stand beside other p-values.
    Source: Brook and Evans 1972, Biometrika 59:539; Reynolds and Stoumbos 1999, J. Quality Technology 31:87.
    """
    if peak <= 0:
        return 1.0
    worse, better = cusum_weights(p0, p1)
    step = -better / STEPS_PER_WEIGHT
    up, top = math.ceil(worse / step), math.ceil(peak / step - 1e-9)
    level, crossed = np.zeros(top), 0.0
    level[0] = 1.0
    for _ in range(ratings):
        crossed += p0 * float(level[max(0, top - up) :].sum())
        moved = np.zeros(top)
        moved[: max(0, top - STEPS_PER_WEIGHT)] = (1 - p0) * level[STEPS_PER_WEIGHT:]
        moved[0] += (1 - p0) * level[:STEPS_PER_WEIGHT].sum()
        if up < top:
            moved[up:] += p0 * level[: top - up]
        level = moved
    return min(1.0, crossed)
