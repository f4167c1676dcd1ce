"""Departments and fields that records name: found by their code, made where they are missing."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.organisation import Department, DepartmentKind
from models.procedure import ProcedureField
from models.procedure_terms import AgencyRole
from models.text import fold
from services.procedure_import.content import Agency, SubjectArea

MAIN_ROLES = (AgencyRole.EXECUTING, AgencyRole.COMPETENT, AgencyRole.PUBLISHING)
"""Whose agency dossiers go to: who carries the procedure out, else the competent one, else who published it."""

KINDS_BY_WORDS = (
    (DepartmentKind.OTHER, ("bo phan ", "so phan ")),
    (DepartmentKind.CENTRE, ("trung tam phuc vu hanh chinh cong",)),
    (DepartmentKind.COMMUNE, ("ubnd phuong", "ubnd xa", "uy ban nhan dan xa", "uy ban nhan dan phuong")),
    (DepartmentKind.PROVINCE, ("ubnd tinh", "ubnd thanh pho", "uy ban nhan dan cap tinh", "uy ban nhan dan tinh")),
    (DepartmentKind.BOARD, ("ban quan ly", "ban ql")),
    (DepartmentKind.DEPARTMENT, ("so ",)),
    (DepartmentKind.VERTICAL, (
        "cuc ", "chi cuc ", "tong cuc ", "vu ", "thue ", "co quan thue", "hai quan", "cong an", "co quan cong an",
        "canh sat", "phong canh sat", "phong quan ly xuat nhap canh", "phong xuat nhap canh", "kho bac", "toa an",
        "bao hiem xa hoi", "bien phong", "doi thu tuc", "cang vu", "thi hanh an", "phong thi hanh an", "bo chi huy",
        "bo tu lenh", "bo tong tham muu", "tu lenh", "ngan hang nha nuoc khu vuc", "ngan hang nha nuoc chi nhanh",
    )),
    (DepartmentKind.MINISTRY, ("bo ", "ngan hang nha nuoc viet nam", "van phong chinh phu", "thanh tra chinh phu")),
)  # fmt: skip
"""What the first words of a folded name say about its kind; the first entry that fits counts."""


def kind_of(name: str) -> DepartmentKind:
    """Return the kind of an agency as its name tells it; OTHER where it tells nothing."""
    folded = f"{fold(name)} "
    for title in ("chu tich ", "giam doc ", "bo truong "):
        folded = folded.removeprefix(title)
    for kind, words in ((DepartmentKind.COMMUNE, " cap xa"), (DepartmentKind.DISTRICT, " cap huyen")):
        if words in folded:
            return kind
    return next((kind for kind, words in KINDS_BY_WORDS if folded.startswith(words)), DepartmentKind.OTHER)


class Directory:
    """The departments and fields an import needs, looked up once per chunk and made where they are missing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[type, str], int] = {}
        self._own: list[tuple[str, int]] | None = None

    def load(self, agencies: Iterable[Agency], areas: Iterable[SubjectArea]) -> None:
        """Look all of them up at once."""
        self._look_up(Department, {code for agency in agencies for code in _with_parents(agency.code)})
        self._look_up(ProcedureField, {area.code for area in areas})

    def _look_up(self, model: type[Department] | type[ProcedureField], codes: set[str]) -> None:
        if codes:
            found = self._session.execute(select(model.code, model.id).where(model.code.in_(codes)))
            self._known.update(((model, code), key) for code, key in found)

    def department_id(self, agency: Agency) -> int:
        """Return the key of the agency's department, made and marked as imported if it is new."""
        known = self._find(Department, agency.code)
        if known is None:
            parents = (self._find(Department, code) for code in _with_parents(agency.code)[1:])
            department = Department(
                code=agency.code,
                name=agency.name,
                kind=kind_of(agency.name),
                parent_id=next((parent for parent in parents if parent is not None), None),
                is_imported=True,
            )
            known = self._make(department)
        return known

    def field_id(self, area: SubjectArea) -> int:
        """Return the key of the field, made if it is new."""
        known = self._find(ProcedureField, area.code)
        return self._make(ProcedureField(code=area.code, name=area.name)) if known is None else known

    def _find(self, model: type[Department] | type[ProcedureField], code: str) -> int | None:
        if (model, code) not in self._known:
            self._look_up(model, {code})
        return self._known.get((model, code))

    def _make(self, row: Department | ProcedureField) -> int:
        self._session.add(row)
        self._session.flush()  # its key is needed by the rows that name it
        self._known[type(row), row.code] = row.id
        return row.id

    def responsible_id(self, agencies: Sequence[Agency]) -> int | None:
        """Return the key of the department that dossiers go to; None where the record names no agency.

        The catalogue says "Sở Xây dựng" and means that of every province: a department that the centre entered
        itself under that name, with or without the name of its province behind, is the one.
        """
        in_order = [agency for role in MAIN_ROLES for agency in agencies if agency.role is role]
        own = (self._own_id(agency.name) for agency in in_order if agency.role is not AgencyRole.PUBLISHING)
        found = next((key for key in own if key is not None), None)
        return self.department_id(in_order[0]) if found is None and in_order else found

    def _own_id(self, name: str) -> int | None:
        """Return the key of the centre's own department of that name; None if there is none, or more than one."""
        if self._own is None:
            rows = self._session.execute(select(Department.name, Department.id).where(~Department.is_imported))
            self._own = [(fold(own), key) for own, key in rows]
        wanted = fold(name)
        places = tuple(f"{wanted} {place}" for place in ("tinh ", "thanh pho ", "tp", "- "))
        exact = [key for own, key in self._own if own == wanted]
        found = exact or [key for own, key in self._own if own.startswith(places)]
        return found[0] if len(found) == 1 else None

    def forget(self) -> None:
        """Drop what was looked up: after a savepoint was rolled back, keys made in it are void."""
        self._known.clear()


def _with_parents(code: str) -> list[str]:
    """Return ``code`` and the codes above it, nearest first: H05.34.44, H05.34, H05."""
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(len(parts), 0, -1)] if parts[0][:1].isalpha() else [code]


def main_agencies(agencies: Iterable[Agency]) -> list[Agency]:
    """Return those of the first role of ``MAIN_ROLES`` that anybody has: who dossiers go to, as the record says it."""
    named = list(agencies)
    for role in MAIN_ROLES:
        found = [agency for agency in named if agency.role is role]
        if found:
            return found
    return []
