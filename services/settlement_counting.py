"""Figures summed per slice: one statement for the sums, one for what people call the slices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.settlement_figures import MEASURES
from services.settlement_query import Cut, classified
from services.settlement_slices import NOBODY, Dimension, name_slices


@dataclass(frozen=True, slots=True)
class CountedSlice:
    """One slice with a number per figure: it is filtered by ``key``, people know it by ``code`` and ``name``."""

    key: str
    code: str
    name: str
    values: Mapping[str, int]


def count_all(session: Session, cut: Cut, figures: Collection[str]) -> dict[str, int]:
    """Return each of ``figures`` over every dossier that the session's actor may read."""
    row = session.execute(select(*sums_of(classified(cut, None, _flags(figures)).subquery(), figures))).mappings().one()
    return {name: int(row[name]) for name in figures}


def count_slices(session: Session, cut: Cut, by: Dimension, figures: Collection[str]) -> list[CountedSlice]:
    """Return each of ``figures`` per slice, in the order of the slices' codes, what has no value last."""
    counted = classified(cut, by, _flags(figures)).subquery()
    found = session.execute(
        select(counted.c.key, *sums_of(counted, figures)).group_by(counted.c.key)
    ).mappings().all()  # fmt: skip
    names = name_slices(session, by, [row["key"] for row in found])
    slices = []
    for row in found:
        code, name = names[row["key"]]
        key = NOBODY if row["key"] is None else str(row["key"])
        slices.append(CountedSlice(key, code, name, {figure: int(row[figure]) for figure in figures}))
    return sorted(slices, key=lambda one: (one.key == NOBODY, one.code))


def sums_of(counted: Any, figures: Iterable[str]) -> list[Any]:
    """Return a sum per figure over the rows of ``counted``; 0 where there are none."""
    return [func.coalesce(func.sum(counted.c[name]), 0).label(name) for name in figures]


def add_up(slices: Sequence[CountedSlice], figures: Collection[str]) -> dict[str, int]:
    """Return the figures of several slices together; each dossier is in one of them."""
    return {name: sum(one.values[name] for one in slices) for name in figures}


def _flags(figures: Collection[str]) -> tuple[str, ...]:
    """Return which figures are flags of a dossier; measures come with those of the service."""
    return tuple(name for name in figures if name not in MEASURES)
