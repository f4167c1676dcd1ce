"""Observed against expected bad ratings, given what somebody dealt with: procedure, lateness and channel."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from evaluation.statistics.basics import Interval, check_counts, z_of
from evaluation.statistics.tails import Tails

RIDGE = 1.0
MOST_STEPS = 50


def byar_interval(observed: int, confidence: float = 0.95) -> Interval:
    """Return the interval of a Poisson count. Source: Breslow and Day 1987, Byar's approximation."""
    z = z_of(confidence)
    upper = observed + 1
    high = upper * (1 - 1 / (9 * upper) + z / (3 * math.sqrt(upper))) ** 3
    if observed == 0:
        return Interval(0.0, high)
    return Interval(max(0.0, observed * (1 - 1 / (9 * observed) - z / (3 * math.sqrt(observed))) ** 3), high)


@dataclass(frozen=True, slots=True)
class CaseMix:
    """Observed against expected bad ratings given what the servant dealt with; a ratio of 1 is as expected.

    ``tails`` are exact; ``z`` is for drawing on a common scale only.
    """

    rated: int
    observed: int
    expected: float
    ratio: float
    interval: Interval
    z: float
    tails: Tails

    def adjusted(self, overall: float) -> float:
        """Return the bad share this servant would have with everybody's mix; ``overall`` is the general bad share."""
        return self.ratio * overall


def sum_distribution(groups: Sequence[tuple[int, float]]) -> np.ndarray:
    """Return P(sum = 0, 1, 2 ...) of independent yes-no events, ``groups`` giving how many of which probability.

    Source: Poisson-binomial distribution by convolution, Le Cam 1960; exact.
    """
    distribution = np.array([1.0])
    for n, p in groups:
        k = np.arange(n + 1)
        choose = -math.log1p(n) - special.betaln(n - k + 1, k + 1)
        mass = np.exp(choose + special.xlogy(k, p) + special.xlog1py(n - k, -p))
        distribution = np.convolve(distribution, mass)
    return distribution


def standardise(observed: int, groups: Sequence[tuple[int, float]], confidence: float = 0.95) -> CaseMix:
    """Return observed over expected bad ratings; ``groups`` gives how many ratings have which probability to be bad.

    Raises: ValueError where no bad rating can be expected.
    Source: indirect standardisation, Zaslavsky 2001; exact Poisson-binomial tails; Byar's interval over the
    expected number.
    """
    rated = sum(n for n, _ in groups)
    expected = sum(n * p for n, p in groups)
    check_counts(observed, rated)
    if expected <= 0:
        raise ValueError("the expected number of bad ratings must be positive")
    distribution, bounds = sum_distribution(groups), byar_interval(observed, confidence)
    spread = math.sqrt(sum(n * p * (1 - p) for n, p in groups))
    return CaseMix(
        rated=rated,
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        interval=Interval(bounds.low / expected, bounds.high / expected),
        z=(observed - expected) / spread if spread else 0.0,
        tails=Tails(float(distribution[: observed + 1].sum()), float(distribution[observed:].sum())),
    )


@dataclass(frozen=True, slots=True)
class Cases:
    """Ratings alike in procedure, lateness and channel (any hashable keys): how many, and how many of them bad."""

    procedure: Hashable
    is_late: bool
    channel: Hashable
    bad: int
    rated: int

    @property
    def traits(self) -> tuple[tuple[str, Hashable], ...]:
        """What the expectation depends on."""
        return ("procedure", self.procedure), ("is_late", self.is_late), ("channel", self.channel)


@dataclass(frozen=True, slots=True)
class CaseModel:
    """The chance of a bad rating by what was dealt with, in log odds; what the fit never saw has no effect."""

    intercept: float
    effects: Mapping[tuple[str, Hashable], float]

    def expect(self, cases: Cases) -> float:
        """Return the probability that a rating of such a case is bad, whoever dealt with it."""
        return float(special.expit(self.intercept + sum(self.effects.get(trait, 0.0) for trait in cases.traits)))


def fit_cases(cases: Sequence[Cases], ridge: float = RIDGE) -> CaseModel:
    """Return the logistic regression bad ~ procedure + lateness + channel over all servants, a ridge on the effects.

    The ridge draws what is rare towards the general share, so that no cell needs merging; the intercept is free, so
    that all expected bad ratings together are as many as were observed. Newton's method on the sums per case.
    Source: Zaslavsky 2001 and HCAHPS patient-mix adjustment; ridge: le Cessie and van Houwelingen 1992, Applied
    Statistics 41:191.
    """
    bad, rated = (np.array([getattr(case, name) for case in cases], dtype=float) for name in ("bad", "rated"))
    general = (bad.sum() + 0.5) / (rated.sum() + 1)
    if bad.sum() in (0, rated.sum()):
        return CaseModel(float(special.logit(general)), {})
    traits = sorted({trait for case in cases for trait in case.traits}, key=repr)
    position = {trait: i for i, trait in enumerate(traits, start=1)}
    design = np.zeros((len(cases), len(traits) + 1))
    design[:, 0] = 1
    for row, case in enumerate(cases):
        design[row, [position[trait] for trait in case.traits]] = 1
    found = _newton(design, bad, rated, np.array([0.0] + [ridge] * len(traits)), float(special.logit(general)))
    return CaseModel(float(found[0]), {trait: float(found[i]) for trait, i in position.items()})


def _newton(design: np.ndarray, bad: np.ndarray, rated: np.ndarray, penalty: np.ndarray, start: float) -> np.ndarray:
    found = np.zeros(design.shape[1])
    found[0] = start
    for _ in range(MOST_STEPS):
        p = special.expit(design @ found)
        slope = design.T @ (bad - rated * p) - penalty * found
        curvature = (design.T * (rated * p * (1 - p))) @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        found += step
        if np.max(np.abs(step)) < 1e-10:
            break
    return found


def standardise_cases(cases: Sequence[Cases], model: CaseModel, confidence: float = 0.95) -> CaseMix:
    """Return one servant's or unit's bad ratings against those that ``model`` expects of its cases."""
    groups = [(case.rated, model.expect(case)) for case in cases]
    return standardise(sum(case.bad for case in cases), groups, confidence)
