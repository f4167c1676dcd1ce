"""Shares drawn towards the group: empirical Bayes, ranks with their uncertainty, reliability."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import minimize

from evaluation.statistics.basics import Interval, check_counts

RELIABLE_FROM = 0.7
FEWEST_FOR_PRIOR = 8
FLAT_PRIOR_SIZE = 1e4


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(alpha, beta): how the true shares of a group's servants spread.

    ``is_pooled`` says that no difference can be told apart, so that everybody is taken for the general share.
    """

    alpha: float
    beta: float
    is_pooled: bool = False

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def size(self) -> float:
        """How many ratings the prior weighs: large where servants hardly differ."""
        return self.alpha + self.beta


def fit_prior(counts: Sequence[tuple[int, int]]) -> Prior:
    """Return the beta prior of ``[(k, n), ...]`` by maximum likelihood of the beta-binomial.

    Fewer than eight people, or shares that do not differ detectably, give a pooled prior of weight 10,000.
    Source: Efron and Morris 1975, JASA 70:311; Kleinman 1973, JASA 68:46; Zaslavsky 2001 for small units.
    """
    rated = [(k, n) for k, n in counts if n > 0]
    for k, n in rated:
        check_counts(k, n)
    total_k, total_n = sum(k for k, _ in rated), sum(n for _, n in rated)
    overall = (total_k + 0.5) / (total_n + 1)
    pooled = Prior(overall * FLAT_PRIOR_SIZE, (1 - overall) * FLAT_PRIOR_SIZE, is_pooled=True)
    if len(rated) < FEWEST_FOR_PRIOR or total_k in (0, total_n):
        return pooled
    k, n = (np.array(column, dtype=float) for column in zip(*rated, strict=True))

    def loss(logs: np.ndarray) -> float:
        a, b = np.exp(np.clip(logs, -20, 20))
        return -float(np.sum(special.betaln(a + k, b + n - k) - special.betaln(a, b)))

    start = np.log(_moments(k, n))
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000})
    alpha, beta = (float(value) for value in np.exp(found.x))
    return pooled if alpha + beta > FLAT_PRIOR_SIZE else Prior(alpha, beta)


def beta_binomial_log_likelihood(counts: Sequence[tuple[int, int]], prior: Prior) -> float:
    """Return the log likelihood of ``[(k, n), ...]`` under ``prior``, binomial coefficients included."""
    k, n = (np.array(column, dtype=float) for column in zip(*counts, strict=True))
    choose = -np.log1p(n) - special.betaln(n - k + 1, k + 1)
    fits = special.betaln(prior.alpha + k, prior.beta + n - k) - special.betaln(prior.alpha, prior.beta)
    return float(np.sum(choose + fits))


def moments_prior(counts: Sequence[tuple[int, int]]) -> Prior:
    """Return the prior by the method of moments, the start of ``fit_prior``. Source: Kleinman 1973."""
    k, n = (np.array(column, dtype=float) for column in zip(*counts, strict=True))
    alpha, beta = _moments(k, n)
    return Prior(float(alpha), float(beta))


def _moments(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    p = k.sum() / n.sum()
    weighted = float(np.sum(n * (k / n - p) ** 2))
    groups = len(n)
    spread = p * (1 - p)
    numerator = weighted - spread * (groups - 1)
    denominator = spread * (n.sum() - np.sum(n**2) / n.sum() - (groups - 1))
    rho = min(max(numerator / denominator if denominator > 0 else 0.0, 1e-3), 0.9)
    size = (1 - rho) / rho
    return np.array([p * size, (1 - p) * size])


@dataclass(frozen=True, slots=True)
class Estimate:
    """A servant's share drawn towards the group: mean, 95 % interval, and the chance to lie below the group's mean."""

    mean: float
    interval: Interval
    below_mean: float


def estimate_share(k: int, n: int, prior: Prior, confidence: float = 0.95) -> Estimate:
    """Return the posterior Beta(alpha + k, beta + n - k) in three numbers. Source: Efron and Morris 1975."""
    check_counts(k, n)
    a, b = prior.alpha + k, prior.beta + n - k
    tail = (1 - confidence) / 2
    low, high = (float(special.betaincinv(a, b, q)) for q in (tail, 1 - tail))
    return Estimate(a / (a + b), Interval(low, high), float(special.betainc(a, b, prior.mean)))


def expected_ranks(counts: Sequence[tuple[int, int]], prior: Prior) -> list[float]:
    """Return 1 + the sum of P(another's share is higher) for each of ``[(k, n), ...]``; 1 is the highest.

    Source: Goldstein and Spiegelhalter 1996, JRSS A 159:385 (ranks need their uncertainty). 1-D quadrature on a
    grid of 20,001 points, error below 1e-3.
    """
    grid = np.linspace(0, 1, 20_001)[1:-1]
    shapes = [(prior.alpha + k, prior.beta + n - k) for k, n in counts]
    cdf = np.array([special.betainc(a, b, grid) for a, b in shapes])
    density = np.array(
        [np.exp((a - 1) * np.log(grid) + (b - 1) * np.log1p(-grid) - special.betaln(a, b)) for a, b in shapes]
    )
    above = density @ (1 - cdf).T * (grid[1] - grid[0])
    return [1 + float(row.sum() - row[i]) for i, row in enumerate(above)]


def rank_intervals(
    counts: Sequence[tuple[int, int]], prior: Prior, confidence: float = 0.9, draws: int = 20_000
) -> list[tuple[int, int]]:
    """Return the ranks between which each of ``[(k, n), ...]`` lies with ``confidence``; 1 is the highest share.

    Drawn from the posteriors with a fixed seed: the same counts always give the same ranks.
    Source: Goldstein and Spiegelhalter 1996, JRSS A 159:385.
    """
    k, n = (np.array(column, dtype=float) for column in zip(*counts, strict=True))
    shares = np.random.default_rng(1996).beta(prior.alpha + k, prior.beta + n - k, size=(draws, len(counts)))
    ranks = 1 + np.argsort(np.argsort(-shares, axis=1), axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="nearest")
    return [(int(first), int(last)) for first, last in zip(low, high, strict=True)]


def reliability(n: int, prior: Prior) -> float:
    """Return n / (n + alpha + beta): the part of the variation between servants that is real. Source: Adams 2009."""
    return n / (n + prior.size)


def sample_for_reliability(prior: Prior, wanted: float = RELIABLE_FROM) -> float:
    """Return how many ratings bring ``reliability`` to ``wanted``; round up to use it."""
    return wanted / (1 - wanted) * prior.size
