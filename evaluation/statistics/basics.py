"""What every figure rests on: minimum numbers, intervals and checks of counts."""

from dataclasses import dataclass

from scipy import special

HIDDEN_BELOW = 5
COMMENTS_FROM = 8
ENOUGH_FROM = 30
ALERT_TAIL = 0.025
ALARM_TAIL = 0.001
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of probabilities or of ratios."""

    low: float
    high: float


def check_counts(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: need 0 <= k <= n")


def z_of(confidence: float) -> float:
    return float(special.ndtri(0.5 + confidence / 2))


def _(text: str) -> str:
    """Mark a message id for the catalogues; it is translated where it is shown."""
    return text
