"""What words in a file mean: which row of another entity, or which choice of a list.

"Sở GTVT" is found by code, by name in any spelling, and by the initials of its name; a word that fits nothing or
several is left to the reader, once for the whole file.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.base import Base
from models.describe import Attribute, attributes
from models.text import fold
from services.session import actor_of

MOST_ROWS = 5_000
"""A relation of at most so many rows is compared in every way; a larger one by its codes and names only."""
MOST_TRIES = 500_000
"""Texts times rows up to which initials are tried ("Sở GTVT"): beyond it, they would take minutes."""

_SILENT = frozenset({"va"})


@dataclass(frozen=True, slots=True)
class Known:
    """A row that words may mean: its key, the texts it goes by, folded, and the words of its name."""

    key: int
    forms: frozenset[str]
    words: tuple[str, ...]


def split_words(text: str) -> list[str]:
    """Return the single texts of a cell that names several rows: separated by semicolon, or else by comma."""
    return [part.strip() for part in re.split(r"[;\n]" if ";" in text or "\n" in text else ",", text) if part.strip()]


def choice_words(attribute: Attribute, labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return by folded text the code it means: the code itself and every label of it."""
    words: dict[str, str] = {}
    for member in attribute.choices or ():
        for text in (member.value, *labels.get(member.value, (member.label,))):
            words.setdefault(fold(text), member.value)
    return words


def find_rows(session: Session, attribute: Attribute, texts: Collection[str]) -> dict[str, int]:
    """Return by folded text the key of the one row it means, as far as the session's actor may see it."""
    target: Any = attribute.target
    rows = list(session.scalars(select(target).limit(MOST_ROWS + 1)))
    is_whole = len(rows) <= MOST_ROWS
    if not is_whole:
        rows = _named(session, target, texts)
    known = [_known(session, target, row) for row in rows]
    by_form: dict[str, set[int]] = {}
    for row in known:
        for form in row.forms:
            by_form.setdefault(form, set()).add(row.key)
    tries_initials = is_whole and len(texts) * len(rows) <= MOST_TRIES
    found = {}
    for text in texts:
        folded = fold(text)
        keys = by_form.get(folded) or (_abbreviated(folded, known) if tries_initials else set())
        if len(keys) == 1:
            found[folded] = next(iter(keys))
    return found


def _text_attributes(session: Session, target: type[Base]) -> list[str]:
    """Return the texts that rows of ``target`` are found by and the actor may read."""
    permit = actor_of(session).permit(target.__tablename__, "read")
    level = permit.level if permit is not None else -1
    return [
        key
        for key, a in attributes(target).items()
        if a.kind == "text" and a.column is not None and not a.field.secret and a.field.level <= level
        if a.column.unique or (a.field.search and not a.field.personal) or key == "full_name"
    ]


def _named(session: Session, target: Any, texts: Collection[str]) -> list[Any]:
    """Return the rows of a large entity that have one of ``texts`` as it stands."""
    columns = [getattr(target, key) for key in _text_attributes(session, target)]
    rows: dict[int, Any] = {}
    wanted = sorted(set(texts))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        for row in session.scalars(select(target).where(or_(*(column.in_(part) for column in columns)))):
            rows[row.id] = row
    return list(rows.values())


def _known(session: Session, target: type[Base], row: Any) -> Known:
    texts = [str(row), *(getattr(row, key) for key in _text_attributes(session, target))]
    return Known(row.id, frozenset(fold(text) for text in texts if text), tuple(_plain(fold(str(row))).split()))


def _plain(folded: str) -> str:
    return re.sub(r"[^\w\s]", "", folded.replace("-", " "))


def _abbreviated(folded: str, known: Sequence[Known]) -> set[int]:
    short = _plain(folded).split()
    if not short or len("".join(short)) < 2:
        return set()
    return {row.key for row in known if _stands_for(short, list(row.words)) or _stands_for(short, list(row.words[1:]))}


def _stands_for(short: Sequence[str], full: Sequence[str]) -> bool:
    """Return whether ``short`` abbreviates ``full``: each of its words stands there, or is initials of some there."""
    if not short:
        return not full
    if full and full[0] == short[0]:
        return _stands_for(short[1:], full[1:])
    if full and full[0] in _SILENT:
        return _stands_for(short, full[1:])
    initials, used = "", 0
    for word in full:
        used += 1
        if word not in _SILENT:
            initials += word[0]
        if not short[0].startswith(initials):
            return False
        if initials == short[0] and len(initials) > 1 and _stands_for(short[1:], full[used:]):
            return True
    return False
