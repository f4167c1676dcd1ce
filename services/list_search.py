"""The search of a list: words in every spelling, found by the trigram index, and which side drives the query.

Source: design decision 12; docs/adr/0003-lists.md.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal_column, or_, select, text
from sqlalchemy.orm import Session

from models.base import Base, key_names
from models.describe import attributes
from models.search import BAR, searched_attributes
from models.text import fold, normalise
from services.session import actor_of

COUNT_CAP = 1000
"""Rows are counted and fetched by their keys up to this number, beyond it a list says "1.000+"."""


def search_terms(typed: str) -> list[str]:
    """Return the folded words somebody searches for, each at most once; at most eight are used."""
    return list(dict.fromkeys(fold(typed[:200].replace("|", " ").replace("\0", " ")).split()))[:8]


def _pattern(term: str) -> str:
    """Return what is looked for: a word of one or two letters as a whole word, a longer one anywhere."""
    return f" {term} " if len(term) < 3 else term


def search_condition(
    session: Session, model: type[Base], terms: Sequence[str]
) -> tuple[ColumnElement[bool], list[int] | None]:
    """Return the condition of the search, and the hits where they are few.

    Few hits drive the query by their keys. Many hits would have to be sorted: there the order's index drives
    and each row's text is tested, which fills a page quickly because hits are many.
    """
    document: Any = getattr(model, "search_text", None)
    if document is None:
        return false(), None
    visible = _visible_part(session, model, document, terms)
    hits = find_hits(session, model, terms)
    if len(hits) <= COUNT_CAP:
        return and_(getattr(model, key_names(model)[0]).in_(hits), *visible), hits
    return and_(*(document.contains(_pattern(term), autoescape=True) for term in terms), *visible), None


def _visible_part(
    session: Session, model: type[Base], document: Any, terms: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Return conditions that keep a reader from finding rows by fields above the own level."""
    permit = actor_of(session).permit(model.__tablename__, "read")
    restricted = searched_attributes(model, restricted=True)
    if (
        permit is None
        or not restricted
        or permit.level >= max(attributes(model)[key].field.level for key in restricted)
    ):
        return []
    position = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    public = func.substr(
        document, 1, case((position(document, BAR) > 0, position(document, BAR)), else_=func.length(document))
    )
    return [position(public, _pattern(term)) > 0 for term in terms]


def find_hits(session: Session, model: type[Base], terms: Sequence[str]) -> list[int]:
    """Return at most ``COUNT_CAP + 1`` keys of rows whose text has all terms, whoever may see them."""
    table = model.__tablename__
    if session.get_bind().dialect.name == "sqlite":
        query = " AND ".join('"' + _pattern(term).replace('"', '""') + '"' for term in terms)
        statement = (
            select(literal_column("rowid")).select_from(text(f"{table}_fts")).where(text(f"{table}_fts MATCH :query"))
        )
        return list(session.connection().scalars(statement.limit(COUNT_CAP + 1), {"query": query}))
    columns = model.__table__.c
    conditions = [columns.search_text.contains(_pattern(term), autoescape=True) for term in terms]
    return list(session.connection().scalars(select(columns.id).where(*conditions).limit(COUNT_CAP + 1)))


def exactness(model: type[Base], typed: str) -> ColumnElement[int]:
    """Return 0 for rows that hold the text exactly as typed, accents included, 1 for the others."""
    exact = normalise(typed[:200])
    columns = [getattr(model, key) for key in searched_attributes(model, restricted=False)]
    return case((or_(false(), *(column.contains(exact, autoescape=True) for column in columns)), 0), else_=1)
