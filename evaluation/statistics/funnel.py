"""The funnel: limits that narrow with the number of ratings, widened where units differ more than chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import special

from evaluation.statistics.basics import ALARM_TAIL, ALERT_TAIL, Z95, Interval
from evaluation.statistics.tails import exact_tails


def funnel_limits(n: float, p: float, z: float = Z95) -> Interval:
    """Return the score limits to draw at ``n`` ratings around the general share ``p``; exact inverse of Wilson.

    Source: Spiegelhalter 2005, appendix; method of PHE's funnel charts.
    """
    half = z * math.sqrt(p * (1 - p) / n)
    return Interval(max(0.0, p - half), min(1.0, p + half))


def exact_funnel_limits(n: int, p: float, confidence: float = 0.95) -> Interval:
    """Return the interpolated exact binomial limits, as shares.

    Source: Spiegelhalter 2005, appendix A.1.1: with r the smallest count whose cumulated probability F(r) reaches
    the tail q, the limit is (r - (F(r) - q) / (F(r) - F(r - 1))) / n.
    """

    def limit(tail: float) -> float:
        counts = np.arange(n + 1)
        cumulated = special.bdtr(counts, n, p)
        r = int(np.searchsorted(cumulated, tail))
        before = float(cumulated[r - 1]) if r else 0.0
        return max(0.0, r - (float(cumulated[r]) - tail) / (float(cumulated[r]) - before)) / n

    return Interval(limit((1 - confidence) / 2), limit((1 + confidence) / 2))


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How much more units differ than chance alone: ``phi`` is 1 without, ``tau_squared`` adds to the variance."""

    phi: float
    tau_squared: float


def over_dispersion(counts: Sequence[tuple[int, int]], p: float, winsorised: float = 0.1) -> Dispersion:
    """Return the additive over-dispersion of shares on the arcsine scale, extreme tenths drawn in.

    Source: Spiegelhalter 2005, Quality and Safety in Health Care 14:347 (random effects preferred).
    """
    k, n = (np.array(column, dtype=float) for column in zip(*counts, strict=True))
    error = 1 / (2 * np.sqrt(n))
    z = (np.arcsin(np.sqrt(k / n)) - math.asin(math.sqrt(p))) / error
    z = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised]))
    units, phi = len(counts), float(np.mean(z**2))
    if units * phi < units - 1:
        return Dispersion(phi, 0.0)
    weight = 1 / error**2
    spread = (units * phi - (units - 1)) / (weight.sum() - np.sum(weight**2) / weight.sum())
    return Dispersion(phi, max(0.0, float(spread)))


def dispersed_limits(n: int, p: float, tau_squared: float, z: float = Z95) -> Interval:
    """Return funnel limits widened by over-dispersion; the angle is held within [0, pi / 2]. Source: as above."""
    centre, half = math.asin(math.sqrt(p)), z * math.sqrt(1 / (4 * n) + tau_squared)
    low, high = max(0.0, centre - half), min(math.pi / 2, centre + half)
    return Interval(math.sin(low) ** 2, math.sin(high) ** 2)


class Mark(Enum):
    """How far out of the funnel a count lies, by its exact tail and never by a drawn curve."""

    LOW_ALARM = "LOW_ALARM"
    LOW_ALERT = "LOW_ALERT"
    WITHIN = "WITHIN"
    HIGH_ALERT = "HIGH_ALERT"
    HIGH_ALARM = "HIGH_ALARM"


def mark_of(k: int, n: int, p: float) -> Mark:
    """Return the mark of ``k`` of ``n`` around the general share ``p``: alert below 0.025, alarm below 0.001.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185; two-sided 95 % and 99.8 % limits.
    """
    tails = exact_tails(k, n, p)
    if tails.low < ALERT_TAIL:
        return Mark.LOW_ALARM if tails.low < ALARM_TAIL else Mark.LOW_ALERT
    if tails.high < ALERT_TAIL:
        return Mark.HIGH_ALARM if tails.high < ALARM_TAIL else Mark.HIGH_ALERT
    return Mark.WITHIN
