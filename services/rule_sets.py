"""Which rules a dossier lives under, by its day of intake: rows of the table, and the law where there are none."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.rule_set import RuleTerms, SupplementRule
from models.states import RuleSet

FIRST_DATE = date(1990, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a rule set says; the columns of ``models.rule_set.RuleTerms`` under the same names."""

    valid_from_date: date
    code: RuleSet
    supplement_rule: SupplementRule
    supplement_requests: int | None
    supplement_days: int | None
    extensions: int
    extension_lead_days: int
    source: str


LAW = (
    Terms(
        valid_from_date=FIRST_DATE,
        code=RuleSet.BEFORE_2018,
        supplement_rule=SupplementRule.CONTINUE,
        supplement_requests=None,
        supplement_days=None,
        extensions=1,
        extension_lead_days=0,
        source="Quyết định 09/2015/QĐ-TTg",
    ),
    Terms(
        valid_from_date=date(2018, 6, 21),
        code=RuleSet.DECREE_61,
        supplement_rule=SupplementRule.RESTART,
        supplement_requests=1,
        supplement_days=3,
        extensions=1,
        extension_lead_days=1,
        source="Nghị định 61/2018/NĐ-CP, Thông tư 01/2018/TT-VPCP",
    ),
    Terms(
        valid_from_date=date(2025, 7, 1),
        code=RuleSet.DECREE_118,
        supplement_rule=SupplementRule.RESTART,
        supplement_requests=1,
        supplement_days=3,
        extensions=1,
        extension_lead_days=1,
        source="Nghị định 118/2025/NĐ-CP, Thông tư 03/2025/TT-VPCP",
    ),
)
"""The rules in force since those days. Source: domain.md 2.1 and 2.4."""


def rule_set_on(day: date) -> RuleSet:
    """Return the rules that the law gives a dossier received on ``day``."""
    return _latest(LAW, day).code


def seed_rule_sets(session: Session) -> int:
    """Enter the rules of the law where the table holds none at all; return how many rows were added."""
    if session.scalar(select(RuleTerms.id).limit(1)) is not None:
        return 0
    for terms in LAW:
        session.add(RuleTerms(**{name: getattr(terms, name) for name in Terms.__dataclass_fields__}))
    session.flush()  # an intake in the same transaction is to find them
    return len(LAW)


def find_rule_terms(session: Session, day: date) -> RuleTerms | None:
    """Return the row that holds for a dossier received on ``day``; None before anything was entered."""
    return session.scalars(
        select(RuleTerms).where(RuleTerms.valid_from_date <= day).order_by(RuleTerms.valid_from_date.desc()).limit(1)
    ).first()


def terms_of(session: Session, dossier: Dossier) -> Terms | RuleTerms:
    """Return the rules ``dossier`` was received under, whatever was entered since."""
    if dossier.rule_terms_id is not None:
        return session.get_one(RuleTerms, dossier.rule_terms_id)
    return next(terms for terms in LAW if terms.code is dossier.rule_set)


def _latest(terms: tuple[Terms, ...], day: date) -> Terms:
    return [each for each in terms if each.valid_from_date <= max(day, FIRST_DATE)][-1]
