"""Two units or two periods side by side."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import special

from evaluation.statistics.basics import ENOUGH_FROM, Interval, _
from evaluation.statistics.shares import wilson_interval


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


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id with the numbers that belong into it; translated and formatted where it is shown."""

    message: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two satisfied shares side by side; ``interval`` is of the first less the second, None where too few rated."""

    interval: Interval | None

    @property
    def sentence(self) -> Sentence:
        """What the difference says in plain words; ``low`` and ``high`` are shares, for points of a hundred.

        The place for names is the reader's: %(one)s and %(two)s.
        """
        if self.interval is None:
            few = _("Too few ratings to compare %(one)s with %(two)s: each side needs %(least)s.")
            return Sentence(few, {"least": ENOUGH_FROM})
        low, high = self.interval.low, self.interval.high
        if low > 0:
            more = _("More satisfied in %(one)s than in %(two)s, by %(low)s to %(high)s percentage points.")
            return Sentence(more, {"low": low, "high": high})
        if high < 0:
            less = _("Less satisfied in %(one)s than in %(two)s, by %(low)s to %(high)s percentage points.")
            return Sentence(less, {"low": -high, "high": -low})
        open_ = _(
            "No sufficient evidence that %(one)s differs from %(two)s: "
            "from %(low)s percentage points less to %(high)s more is possible."
        )
        return Sentence(open_, {"low": -low, "high": high})


def compare(k1: int, n1: int, k2: int, n2: int, confidence: float = 0.95) -> Difference:
    """Return how the satisfied share of the first unit or period differs from that of the second.

    Nothing is said where either has fewer than 30 ratings. Said is what the interval says, not a test: the two can
    disagree at the edge. Source: Newcombe 1998, method 10; evaluation rules 5.4 and 5.8.
    """
    if min(n1, n2) < ENOUGH_FROM:
        return Difference(None)
    return Difference(newcombe_difference(k1, n1, k2, n2, confidence))
