"""Finding a procedure, and what holds for it now: what a clerk must know and tell the citizen."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from models.base import _
from models.dossier import Dossier
from models.organisation import Department
from models.procedure import Procedure, ProcedureAgency, ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule, ProcedureCase, RequiredDocument
from models.procedure_terms import AgencyRole, ProcedureState
from models.states import Channel
from models.text import fold
from services.errors import ConflictError
from services.limits import Limit

MOST_WORDS = 8
LATELY = 200
"""So many of the dossiers somebody received last say what is usual for them."""
EVERYDAY_WORDS = (
    ("bang lai", "giay phep lai"),
    ("so do", "giay chung nhan quyen su dung dat"),
    ("so hong", "giay chung nhan quyen su dung dat"),
    ("chung minh nhan dan", "can cuoc"),
    ("can cuoc cong dan", "can cuoc"),
    ("cmnd", "can cuoc"),
    ("cccd", "can cuoc"),
    ("ho khau", "thuong tru"),
    ("doc than", "tinh trang hon nhan"),
    ("passport", "ho chieu"),
    ("gpxd", "giay phep xay dung"),
    ("dkkd", "dang ky kinh doanh"),
    ("bhxh", "bao hiem xa hoi"),
    ("bhyt", "bao hiem y te"),
    ("bhtn", "bao hiem that nghiep"),
)
"""What people say, folded, and what the catalogue calls it."""
FILLERS = frozenset({"lam", "xin", "thu", "tuc", "giay", "to", "cho", "di", "muon", "cai"})
BEGINNING_LETTERS = 25
"""Shorter case names ("Giấy tờ phải nộp") head a list of papers and single nothing out."""


class NoVersionInForceError(ConflictError):
    """Nothing is published of the procedure, so nobody can say what it asks for."""

    message = _("%(code)s has no version in force. Import the national catalogue or publish a version first.")


def find_procedures(session: Session, words: str, limit: int = 20) -> Sequence[Procedure]:
    """Return the procedures in force that have all of ``words``, without regard to accents and case.

    Those taken at the centre come first, then an exact code, then the shortest names: they say least else.
    Where nothing has all the words, everyday ones are put as the catalogue puts them ("bằng lái" is its "giấy
    phép lái xe").
    """
    terms = fold(words[:200]).split()[:MOST_WORDS]
    if not terms:
        return []
    return _having(session, terms, limit) or _having(session, _official(terms), limit)


def _having(session: Session, terms: Sequence[str], limit: int) -> Sequence[Procedure]:
    if not terms:
        return []
    patterns = [f" {term} " if len(term) < 3 else term for term in terms]
    statement = (
        select(Procedure)
        .where(
            Procedure.state == ProcedureState.IN_FORCE,
            *(Procedure.search_text.contains(pattern, autoescape=True) for pattern in patterns),
        )
        .order_by(
            Procedure.is_at_centre.desc(),
            case((Procedure.code == " ".join(terms), 0), else_=1),
            func.length(Procedure.name),
            Procedure.code,
        )
        .limit(limit)
    )
    return session.scalars(statement).all()


def _official(terms: Sequence[str]) -> list[str]:
    said = f" {' '.join(terms)} "
    for everyday, official in EVERYDAY_WORDS:
        if f" {everyday} " in said:
            said = said.replace(f" {everyday} ", f" {official} ")
            return said.split()[: MOST_WORDS + 4]
    return [term for term in terms if term not in FILLERS]


def list_usual_procedures(
    session: Session, *, staff_id: int | None, department_id: int, limit: int = 20
) -> Sequence[Procedure]:
    """Return what somebody receives: what they received lately, most often first, then what their department decides.

    Only procedures in force that are taken at the centre.
    """
    lately = (
        select(Dossier.procedure_id)
        .where(Dossier.received_by_id == staff_id)
        .order_by(Dossier.received_at.desc())
        .limit(LATELY)
        .subquery()
    )
    often = select(lately.c.procedure_id, func.count().label("times")).group_by(lately.c.procedure_id).subquery()
    times = func.coalesce(often.c.times, 0)
    statement = (
        select(Procedure)
        .outerjoin(often, often.c.procedure_id == Procedure.id)
        .where(
            Procedure.state == ProcedureState.IN_FORCE,
            Procedure.is_at_centre,
            or_(often.c.times.is_not(None), Procedure.department_id == department_id),
        )
        .order_by(times.desc(), Procedure.name_sort, Procedure.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def get_current_version(session: Session, procedure: Procedure) -> ProcedureVersion:
    """Return the version in force; raise NoVersionInForceError where nothing is published."""
    if procedure.current_version_id is None:
        raise NoVersionInForceError(code=procedure.code)
    return session.get_one(ProcedureVersion, procedure.current_version_id)


def methods_for(
    version: ProcedureVersion, channel: Channel, chosen: ProcedureCase | None = None
) -> Sequence[ExecutionMethod]:
    """Return the ways to apply through ``channel``; only those meant for the case, where their words say so."""
    methods = [method for method in version.methods if method.channel == channel]
    if chosen is None or len(methods) < 2:
        return methods
    fitting = [method for method in methods if _begins_alike(method.description, chosen.name)]
    return fitting or methods


def choose_method(
    version: ProcedureVersion, channel: Channel, case: ProcedureCase | None = None
) -> ExecutionMethod | None:
    """Return the way to apply through ``channel``, for the case where one is given.

    None where the channel is not offered, and where several ways with different limits remain (69 of 1,148
    real procedures): then nobody but the clerk can choose, from ``methods_for``.
    """
    methods = methods_for(version, channel, case)
    limits = {(method.limit_quantity, method.limit_unit, method.limit_text) for method in methods}
    return methods[0] if len(limits) == 1 else None


def _begins_alike(description: str | None, name: str | None) -> bool:
    """Return whether a description opens with the words of a case, whatever number stands before either."""
    said, asked = _words(description), _words(name)
    shared = min(len(said), len(asked))
    return shared >= BEGINNING_LETTERS and said[:shared] == asked[:shared]


def _words(text: str | None) -> str:
    """Return the folded words of ``text``, without the number, letter or bullet it begins with."""
    words = fold(text or "").split()
    while words and (not words[0].isalpha() or len(words[0]) == 1):
        words = words[1:]
    return " ".join(words)


def limit_of(method: ExecutionMethod) -> Limit | None:
    """Return the time limit; None where it cannot be computed and only words say it."""
    if method.limit_unit is None or method.limit_quantity is None:
        return None
    return Limit(method.limit_quantity, method.limit_unit)


def fees_of(method: ExecutionMethod) -> Sequence[FeeRule]:
    """Return the charges in the order of the catalogue; ``amount_vnd`` is None where only words say how much."""
    return method.fees


@dataclass(frozen=True, slots=True)
class Way:
    """A way to apply and every channel it is the same in: limit, fees and words."""

    channels: Sequence[Channel]
    method: ExecutionMethod


@dataclass(frozen=True, kw_only=True, slots=True)
class ClerkSheet:
    """Everything a clerk must tell a citizen about a version of a procedure."""

    procedure: Procedure
    version: ProcedureVersion
    ways: Sequence[Way]
    agencies: Sequence[tuple[AgencyRole, Sequence[Department]]]
    has_documents: bool

    @property
    def is_in_force(self) -> bool:
        return self.procedure.current_version_id == self.version.id


def ways_of(version: ProcedureVersion) -> Sequence[Way]:
    """Return the ways to apply, those that say the same in several channels as one, in the order of the catalogue."""
    alike: dict[tuple[object, ...], list[ExecutionMethod]] = {}
    for method in version.methods:
        said = (method.limit_quantity, method.limit_unit, method.limit_text, method.description)
        fees = [
            (fee.kind, fee.amount_vnd, fee.foreign_amount, fee.foreign_currency, fee.description, fee.attachment)
            for fee in method.fees
        ]
        alike.setdefault((said, tuple(fees)), []).append(method)
    return [Way([c for c in Channel if any(m.channel is c for m in found)], found[0]) for found in alike.values()]


def clerk_sheet(session: Session, version: ProcedureVersion) -> ClerkSheet:
    """Return what the page of ``version`` shows, loaded in a fixed number of queries."""
    version = session.scalars(
        select(ProcedureVersion)
        .where(ProcedureVersion.id == version.id)
        .options(
            selectinload(ProcedureVersion.procedure).selectinload(Procedure.field),
            selectinload(ProcedureVersion.agencies).selectinload(ProcedureAgency.department),
            selectinload(ProcedureVersion.methods).selectinload(ExecutionMethod.fees),
            selectinload(ProcedureVersion.cases)
            .selectinload(ProcedureCase.documents)
            .selectinload(RequiredDocument.forms),
            selectinload(ProcedureVersion.legal_bases),
            selectinload(ProcedureVersion.results),
        )
    ).one()
    agencies = [(role, [a.department for a in version.agencies if a.role is role]) for role in AgencyRole]
    return ClerkSheet(
        procedure=version.procedure,
        version=version,
        ways=ways_of(version),
        agencies=[(role, departments) for role, departments in agencies if departments],
        has_documents=any(case.documents for case in version.cases),
    )
