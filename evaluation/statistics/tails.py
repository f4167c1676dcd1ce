"""Exact binomial tails, by which flags go, and the counts that are rare enough."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from evaluation.statistics.basics import ALARM_TAIL, check_counts


@dataclass(frozen=True, slots=True)
class Tails:
    """P(X <= k) and P(X >= k) of a count that follows the general share."""

    low: float
    high: float


def exact_tails(k: int, n: int, p: float) -> Tails:
    """Return both exact binomial tails of ``k`` of ``n`` at the general share ``p``.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185; flags go by the tail, never by a drawn curve.
    """
    check_counts(k, n)
    low = float(special.bdtr(k, n, p))
    high = 1.0 if k == 0 else float(special.bdtrc(k - 1, n, p))
    return Tails(low, high)


def fewest_perfect_for_alarm(p: float, tail: float = ALARM_TAIL) -> int:
    """Return how many ratings, all satisfied, it takes before their tail at share ``p`` is below ``tail``."""
    return math.ceil(math.log(tail) / math.log(p))


def largest_low_count(n: int, p: float, tail: float = ALARM_TAIL) -> int:
    """Return the largest count whose lower tail at ``p`` is under ``tail``; -1 where no count is so rare."""
    return int(np.searchsorted(special.bdtr(np.arange(n + 1), n, p), tail)) - 1


def smallest_high_count(n: int, p: float, tail: float = ALARM_TAIL) -> int:
    """Return the smallest count whose upper tail at ``p`` is under ``tail``, for rare bad ratings; maybe n + 1."""
    upper = np.concatenate([[1.0], special.bdtrc(np.arange(n), n, p)])
    return int(np.count_nonzero(upper >= tail))
