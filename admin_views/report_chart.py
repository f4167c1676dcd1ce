"""The chart of a report: a bar per slice, cut into the parts its dossiers fall into, from good to bad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

MOST_BARS = 20
"""How many slices the chart shows; the rest are one bar, and all of them stand in the table."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One slice: its parts as (figure, dossiers, where it begins, how wide it is), the latter of a hundred."""

    name: str
    whole: int
    shares: Sequence[tuple[str, int, float, float]]


def make_bars(slices: Sequence[tuple[str, Mapping[str, int]]], parts: Sequence[str]) -> list[Bar]:
    """Return a bar per slice with anything in it: the largest ones in their order, and what is left as one."""
    filled = [(name, values) for name, values in slices if any(values[part] for part in parts)]
    by_size = sorted(filled, key=lambda one: -sum(one[1][part] for part in parts))
    largest = [id(one) for one in by_size[:MOST_BARS]]
    bars = [_bar(name, values, parts) for one in filled if id(one) in largest for name, values in (one,)]
    rest = [values for one in filled if id(one) not in largest for values in (one[1],)]
    if rest:
        together = {part: sum(values[part] for values in rest) for part in parts}
        bars.append(_bar(gettext("%(count)s others", count=len(rest)), together, parts))
    return bars


def _bar(name: str, values: Mapping[str, int], parts: Sequence[str]) -> Bar:
    whole = sum(values[part] for part in parts)
    shares, start = [], 0.0
    for part in parts:
        width = values[part] * 100 / whole
        if values[part]:
            shares.append((part, values[part], start, width))
        start += width
    return Bar(name, whole, shares)
