"""Whether something stands out beyond chance, and how many such findings to believe."""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

DISCOVERY_RATE = 0.1


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


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One test of one subject: whom, what for, and how rare it would be by chance alone."""

    subject: Hashable
    kind: str
    p: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspicion to believe; ``q`` is the rate of false ones among all findings down to this one."""

    suspicion: Suspicion
    q: float


def discoveries(suspicions: Iterable[Suspicion], rate: float = DISCOVERY_RATE) -> list[Finding]:
    """Return what stands out when every test of every subject is judged together, the surest first.

    All that were tested belong in, also what looked harmless: who leaves those out finds too much. At most ``rate``
    of the findings are false in the long run.
    Source: Benjamini and Hochberg 1995; Benjamini and Yekutieli 2001, Annals of Statistics 29:1165 for tests that
    rise and fall together, as those of one subject do.
    """
    tested = list(suspicions)
    q_values = benjamini_hochberg([suspicion.p for suspicion in tested])
    found = [Finding(suspicion, q) for suspicion, q in zip(tested, q_values, strict=True) if q <= rate]
    return sorted(found, key=lambda finding: (finding.q, finding.suspicion.p))


@dataclass(frozen=True, slots=True)
class Association:
    """How many times the odds of one row are those of the other, and how rare that would be by chance (two-sided)."""

    odds_ratio: float
    p: float


Table = tuple[tuple[int, int], tuple[int, int]]


def fisher_exact(table: Table) -> Association:
    """Return the odds ratio and exact p of ((a, b), (c, d)): on time and late, rated and not, for prompting.

    The odds ratio is infinite where only the cross counts hold a zero, and 1 where both sides do.
    Source: Fisher 1935, JRSS 98:39; two-sided as the sum of all tables no likelier than the one seen.
    """
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d
    x = np.arange(max(0, row + column - n), min(row, column) + 1)
    mass = np.exp(_log_choose(column, x) + _log_choose(n - column, row - x) - _log_choose(n, np.array(row)))
    seen = mass[a - int(x[0])]
    return Association(_ratio(a * d, b * c), min(1.0, float(mass[mass <= seen * (1 + 1e-7)].sum())))


def mantel_haenszel(tables: Sequence[Table]) -> Association:
    """Return the common odds ratio over strata (servants, procedures) and its p, without continuity correction.

    Source: Mantel and Haenszel 1959, J. National Cancer Institute 22:719.
    """
    across = along = excess = variance = 0.0
    for (a, b), (c, d) in tables:
        n = a + b + c + d
        if n < 2:
            continue
        across, along = across + a * d / n, along + b * c / n
        excess += a - (a + b) * (a + c) / n
        variance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1))
    p = math.erfc(abs(excess) / math.sqrt(2 * variance)) if variance else 1.0
    return Association(_ratio(across, along), p)


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


def _ratio(across: float, along: float) -> float:
    if along == 0:
        return math.inf if across else 1.0
    return across / along


def robust_z(values: Sequence[float]) -> list[float]:
    """Return how far each value's logarithm lies from the median, in robust deviations (1.4826 MAD).

    For seconds between finishing and tapping: below -3.5 a tap is implausibly quick. Source: Iglewicz and Hoaglin 1993.
    """
    logs = np.log(np.asarray(values, dtype=float))
    centre = np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(logs - centre)))
    return [0.0] * len(logs) if spread == 0 else [float(z) for z in (logs - centre) / spread]
