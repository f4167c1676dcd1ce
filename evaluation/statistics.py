"""Fair figures: pure functions over counts, no database, no web. Each names the source of its formula.

Counts are of one scale version and one period: ``k`` satisfied (or bad) of ``n`` rated. Probabilities run from 0 to
1 and are never rounded here. ``scipy.special`` is used instead of ``scipy.stats``, which takes a second to import.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import special
from scipy.optimize import minimize

HIDDEN_BELOW = 5
COMMENTS_FROM = 8
ENOUGH_FROM = 30
ALERT_TAIL = 0.025
ALARM_TAIL = 0.001
RELIABLE_FROM = 0.7
FEWEST_FOR_PRIOR = 8
FLAT_PRIOR_SIZE = 1e4


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of probabilities or of ratios."""

    low: float
    high: float


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: need 0 <= k <= n")


def _z(confidence: float) -> float:
    return float(special.ndtri(0.5 + confidence / 2))


def wilson_interval(k: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Return the score interval of the share ``k / n``; None where ``n`` is 0.

    Source: Wilson 1927, JASA 22:209; recommended by Newcombe 1998 and Brown, Cai, DasGupta 2001.
    """
    _check(k, n)
    if n == 0:
        return None
    z = _z(confidence)
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


@dataclass(frozen=True, slots=True)
class Tails:
    """P(X <= k) and P(X >= k) of a count that follows the general share."""

    low: float
    high: float


def exact_tails(k: int, n: int, p: float) -> Tails:
    """Return both exact binomial tails of ``k`` of ``n`` at the general share ``p``.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185; flags go by the tail, never by a drawn curve.
    """
    _check(k, n)
    low = float(special.bdtr(k, n, p))
    high = 1.0 if k == 0 else float(special.bdtrc(k - 1, n, p))
    return Tails(low, high)


def fewest_perfect_for_alarm(p: float, tail: float = ALARM_TAIL) -> int:
    """Return how many ratings, all satisfied, it takes before their tail at share ``p`` is below ``tail``."""
    return math.ceil(math.log(tail) / math.log(p))


def funnel_limits(n: int, p: float, z: float = 1.959964) -> Interval:
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
        return (r - (float(cumulated[r]) - tail) / (float(cumulated[r]) - before)) / n

    return Interval(limit((1 - confidence) / 2), limit((1 + confidence) / 2))


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
        _check(k, n)
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
    _check(k, n)
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


def reliability(n: int, prior: Prior) -> float:
    """Return n / (n + alpha + beta): the part of the variation between servants that is real. Source: Adams 2009."""
    return n / (n + prior.size)


def sample_for_reliability(prior: Prior, wanted: float = RELIABLE_FROM) -> float:
    """Return how many ratings bring ``reliability`` to ``wanted``; round up to use it."""
    return wanted / (1 - wanted) * prior.size


class Band(Enum):
    """Where a servant stands against the group, or why nothing is said."""

    HIDDEN = "HIDDEN"
    NOT_ENOUGH = "NOT_ENOUGH"
    BELOW = "BELOW"
    TYPICAL = "TYPICAL"
    ABOVE = "ABOVE"


def band_of(k: int, n: int, prior: Prior) -> Band:
    """Return the band of ``k`` satisfied of ``n``.

    Hidden below 5 ratings, "not enough" below 30. An exact tail under 0.001 places somebody whatever the prior, for
    a pooled one tells nobody apart; otherwise the middle 95 % of the posterior does, where the figure is reliable
    (0.7). Source: evaluation rules 5.2 to 5.4.
    """
    if n < HIDDEN_BELOW:
        return Band.HIDDEN
    if n < ENOUGH_FROM:
        return Band.NOT_ENOUGH
    tails = exact_tails(k, n, prior.mean)
    below = estimate_share(k, n, prior).below_mean if reliability(n, prior) >= RELIABLE_FROM else 0.5
    if tails.low < ALARM_TAIL or below > 1 - ALERT_TAIL:
        return Band.BELOW
    return Band.ABOVE if tails.high < ALARM_TAIL or below < ALERT_TAIL else Band.TYPICAL


def newcombe_difference(k1: int, n1: int, k2: int, n2: int, confidence: float = 0.95) -> Interval:
    """Return the interval of ``k1 / n1 - k2 / n2``. Source: Newcombe 1998, Statistics in Medicine 17:873, method 10."""
    one, two = wilson_interval(k1, n1, confidence), wilson_interval(k2, n2, confidence)
    if one is None or two is None:
        raise ValueError("both groups need at least one rating")
    p1, p2 = k1 / n1, k2 / n2
    low = p1 - p2 - math.hypot(p1 - one.low, two.high - p2)
    return Interval(low, p1 - p2 + math.hypot(one.high - p1, p2 - two.low))


def score_test(k1: int, n1: int, k2: int, n2: int) -> tuple[float, float]:
    """Return z and the two-sided p of equal shares. Source: Miettinen and Nurminen 1985 (pooled, N / (N - 1))."""
    n = n1 + n2
    p = (k1 + k2) / n
    z = (k1 / n1 - k2 / n2) / math.sqrt(p * (1 - p) * (1 / n1 + 1 / n2) * n / (n - 1))
    return z, 2 * float(special.ndtr(-abs(z)))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted q of each p: reject those with q <= the false discovery rate one accepts.

    Source: Benjamini and Hochberg 1995, JRSS B 57:289.
    """
    m = len(p_values)
    adjusted, smallest = [1.0] * m, 1.0
    for rank, index in sorted(enumerate(sorted(range(m), key=lambda i: p_values[i]), start=1), reverse=True):
        smallest = min(smallest, p_values[index] * m / rank)
        adjusted[index] = smallest
    return adjusted


def largest_low_count(n: int, p: float, tail: float = ALARM_TAIL) -> int:
    """Return the largest count whose lower tail at ``p`` is under ``tail``; -1 where no count is so rare."""
    return int(np.searchsorted(special.bdtr(np.arange(n + 1), n, p), tail)) - 1


def smallest_high_count(n: int, p: float, tail: float = ALARM_TAIL) -> int:
    """Return the smallest count whose upper tail at ``p`` is under ``tail``, for rare bad ratings; maybe n + 1."""
    upper = np.concatenate([[1.0], special.bdtrc(np.arange(n), n, p)])
    return int(np.count_nonzero(upper >= tail))


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


def dispersed_limits(n: int, p: float, tau_squared: float, z: float = 1.959964) -> Interval:
    """Return funnel limits widened by over-dispersion; the angle is held within [0, pi / 2]. Source: as above."""
    centre, half = math.asin(math.sqrt(p)), z * math.sqrt(1 / (4 * n) + tau_squared)
    low, high = max(0.0, centre - half), min(math.pi / 2, centre + half)
    return Interval(math.sin(low) ** 2, math.sin(high) ** 2)


def byar_interval(observed: int, confidence: float = 0.95) -> Interval:
    """Return the interval of a Poisson count. Source: Breslow and Day 1987, Byar's approximation."""
    z = _z(confidence)
    upper = observed + 1
    high = upper * (1 - 1 / (9 * upper) + z / (3 * math.sqrt(upper))) ** 3
    if observed == 0:
        return Interval(0.0, high)
    return Interval(observed * (1 - 1 / (9 * observed) - z / (3 * math.sqrt(observed))) ** 3, high)


@dataclass(frozen=True, slots=True)
class CaseMix:
    """Observed against expected bad ratings given what the servant dealt with; a ratio of 1 is as expected."""

    observed: int
    expected: float
    ratio: float
    interval: Interval
    upper_tail: float


def standardise(observed: int, expected: Sequence[float], confidence: float = 0.95) -> CaseMix:
    """Return observed over expected bad ratings, ``expected`` giving each rating's probability to be bad.

    Source: indirect standardisation, Zaslavsky 2001; the tail is the exact Poisson-binomial one by convolution.
    """
    total = sum(expected)
    if total <= 0:
        raise ValueError("the expected number of bad ratings must be positive")
    _check(observed, len(expected))
    counts = np.array([1.0])
    for p in expected:
        counts = np.convolve(counts, [1 - p, p])
    bounds = byar_interval(observed, confidence)
    return CaseMix(
        observed,
        total,
        observed / total,
        Interval(bounds.low / total, bounds.high / total),
        float(counts[observed:].sum()),
    )


def cusum_weights(p0: float, p1: float) -> tuple[float, float]:
    """Return the weights of a bad and of a good rating in a Bernoulli CUSUM that looks for p0 -> p1.

    Source: Steiner, Cook, Farewell, Treasure 2000, Biostatistics 1:441.
    """
    return math.log(p1 / p0), math.log((1 - p1) / (1 - p0))


def cusum(bad: Sequence[bool], p0: float, p1: float) -> list[float]:
    """Return the running Bernoulli CUSUM max(0, s + w) after each rating, in time order."""
    worse, better = cusum_weights(p0, p1)
    path, level = [], 0.0
    for is_bad in bad:
        level = max(0.0, level + (worse if is_bad else better))
        path.append(level)
    return path


def robust_z(values: Sequence[float]) -> list[float]:
    """Return how far each value's logarithm lies from the median, in robust deviations (1.4826 MAD).

    For seconds between finishing and tapping: below -3.5 a tap is implausibly quick. Source: Iglewicz and Hoaglin 1993.
    """
    logs = np.log(np.asarray(values, dtype=float))
    centre = np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(logs - centre)))
    return [0.0] * len(logs) if spread == 0 else [float(z) for z in (logs - centre) / spread]
