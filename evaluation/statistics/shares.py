"""A share with what it leaves open: intervals, coverage, worst and best case."""

import math
from dataclasses import dataclass

from scipy import special

from evaluation.statistics.basics import Interval, check_counts, z_of


def wilson_interval(k: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Return the score interval of the share ``k / n``; None where ``n`` is 0.

    Source: Wilson 1927, JASA 22:209; recommended by Newcombe 1998 and Brown, Cai, DasGupta 2001.
    """
    check_counts(k, n)
    if n == 0:
        return None
    z = z_of(confidence)
    centre, half = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    low = 0.0 if k == 0 else (centre - half) / (n + z * z)
    high = 1.0 if k == n else (centre + half) / (n + z * z)
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of those who were served spoke, and what that leaves open.

    ``worst`` and ``best`` are the satisfied shares if everybody who kept silent had been dissatisfied or satisfied.
    """

    finished: int
    shown: int
    rated: int
    satisfied: int

    def __post_init__(self) -> None:
        if not 0 <= self.satisfied <= self.rated <= self.finished or not 0 <= self.shown <= self.finished:
            raise ValueError(f"{self}: each count must hold the next")

    @property
    def share(self) -> float | None:
        return self.rated / self.finished if self.finished else None

    @property
    def satisfied_share(self) -> float | None:
        return self.satisfied / self.rated if self.rated else None

    @property
    def bounds(self) -> Interval | None:
        """Worst and best case. Source: Manski 1989, J. Human Resources 24:343, bounds without assumptions."""
        if not self.finished:
            return None
        silent = self.finished - self.rated
        return Interval(self.satisfied / self.finished, (self.satisfied + silent) / self.finished)


def exact_interval(k: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Return the Clopper-Pearson interval of ``k / n``: never too short, mostly too long; None where ``n`` is 0.

    Source: Clopper and Pearson 1934, Biometrika 26:404.
    """
    check_counts(k, n)
    if n == 0:
        return None
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 1 - tail))
    return Interval(low, high)


def jeffreys_interval(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the equal-tailed interval of Beta(k + 1/2, n - k + 1/2). Source: Brown, Cai, DasGupta 2001."""
    check_counts(k, n)
    tail = (1 - confidence) / 2
    a, b = k + 0.5, n - k + 0.5
    return Interval(float(special.betaincinv(a, b, tail)), float(special.betaincinv(a, b, 1 - tail)))
