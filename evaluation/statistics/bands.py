"""Where somebody stands against the group, and from how many ratings on that may be said."""

from enum import Enum

from evaluation.statistics.basics import ALARM_TAIL, ALERT_TAIL, ENOUGH_FROM, HIDDEN_BELOW
from evaluation.statistics.case_mix import CaseMix
from evaluation.statistics.estimates import RELIABLE_FROM, Prior, estimate_share, reliability
from evaluation.statistics.tails import exact_tails


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


def band_of_mix(mix: CaseMix) -> Band:
    """Return the band of bad ratings against those expected of what somebody dealt with; BELOW has too many.

    Hidden below 5 ratings, "not enough" below 30; else by the exact tails of the Poisson-binomial at 0.001.
    Source: evaluation rules 5.4 and 5.6.
    """
    if mix.rated < HIDDEN_BELOW:
        return Band.HIDDEN
    if mix.rated < ENOUGH_FROM:
        return Band.NOT_ENOUGH
    if mix.tails.high < ALARM_TAIL:
        return Band.BELOW
    return Band.ABOVE if mix.tails.low < ALARM_TAIL else Band.TYPICAL
