"""Departments, sites, procedures and people that legacy rows name: found by code or name, made where that is wanted."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.base import Base, _
from models.organisation import Department, DepartmentKind, Site
from models.procedure import Procedure, ProcedureField, ProcedureVersion
from models.staff import Staff
from services.dossier_access import departments_above
from services.legacy.rows import LegacyDossier, RowRefusedError
from services.procedure_import.agencies import kind_of

FIELD_CODE, FIELD_NAME = "IMPORT", "Chưa phân lĩnh vực (nhập từ hệ thống cũ)"
SITE_CODE, SITE_NAME, UNIT_CODE = "IMPORT", "Nơi tiếp nhận của hệ thống cũ", "H00"
"""What rows get that name no field or site, in a database that has none either; the data of a centre are Vietnamese."""

T = TypeVar("T", bound=Base)


class DepartmentUnknownError(RowRefusedError):
    message = _("No department has the code or name %(name)s. Correct it, or have what is unknown created.")


class DepartmentMissingError(RowRefusedError):
    message = _("department_code is empty, and the procedure belongs to no department. Enter it.")


class ProcedureUnknownError(RowRefusedError):
    message = _("No procedure has the code %(code)s. Correct it, or have what is unknown created.")


class SiteUnknownError(RowRefusedError):
    message = _("No site has the code or name %(name)s. Correct it, or have what is unknown created.")


class SiteMissingError(RowRefusedError):
    message = _("There is no site yet. Add one, or have what is unknown created.")


class PersonUnknownError(RowRefusedError):
    message = _("Nobody on the staff has the badge number or name %(name)s. Correct it, or have the unknown created.")


class NameSharedError(RowRefusedError):
    message = _("%(name)s is the name of several. Write the code or badge number instead.")


@dataclass(frozen=True, slots=True)
class Place:
    """Everything of the centre that a legacy dossier refers to."""

    department_id: int
    site: Site
    procedure_id: int
    version_id: int
    responsible_id: int | None


class Directory:
    """What the rows of one chunk name, looked up once; with ``creates``, what is unknown is made."""

    def __init__(self, session: Session, *, creates: bool, at: datetime) -> None:
        self._session, self._creates, self._at = session, creates, at
        self._known: dict[type[Base], dict[str, list[Any]]] = {}
        self._versions: dict[int, list[ProcedureVersion]] = {}
        self._above: dict[int, list[int]] = {}
        self._first_site: Site | None = None

    def load(self, rows: Sequence[LegacyDossier]) -> None:
        """Look up at once what ``rows`` name."""
        self._look_up(Department, {row.department_code for row in rows}, Department.code, Department.name)
        self._look_up(Site, {row.site_code for row in rows}, Site.code, Site.name)
        self._look_up(Procedure, {row.procedure_code for row in rows}, Procedure.code)
        self.load_people(row.responsible for row in rows)
        self._load_versions([found[0].id for found in self._known[Procedure].values()])
        self._first_site = self._session.scalars(select(Site).order_by(Site.id).limit(1)).first()

    def load_people(self, names: Iterable[str]) -> None:
        """Look up the people that are named."""
        self._look_up(Staff, set(names), Staff.badge_number, Staff.full_name)

    def place(self, row: LegacyDossier) -> Place:
        """Return what ``row`` refers to. Raises: RowRefusedError of the kind that says what is unknown."""
        procedure = self._procedure(row)
        department_id = self._department_id(row, procedure)
        return Place(
            department_id=department_id,
            site=self._site(row),
            procedure_id=procedure.id,
            version_id=self._version_id(procedure, row.received_at),
            responsible_id=self._responsible_id(row.responsible, department_id),
        )

    def person_id(self, name: str) -> int | None:
        """Return the key of the one person of that badge number or name; None for nobody, or more than one."""
        found = self._known[Staff].get(name, []) if name else []
        return found[0].id if len(found) == 1 else None

    def above(self, department_id: int) -> list[int]:
        """Return the departments above one."""
        if department_id not in self._above:
            self._above[department_id] = departments_above(self._session, department_id)
        return self._above[department_id]

    def _look_up(self, model: type[Any], texts: set[str], *columns: Any) -> None:
        known = self._known.setdefault(model, {})
        wanted = texts - {""}
        if not wanted:
            return
        condition: ColumnElement[bool] = or_(*(column.in_(wanted) for column in columns))
        rows = self._session.scalars(select(model).where(condition)).all()
        for column in reversed(columns):  # a code goes before a name
            by_text: dict[str, list[Any]] = {}
            for row in rows:
                by_text.setdefault(getattr(row, column.key), []).append(row)
            known.update({text: found for text, found in by_text.items() if text in wanted})

    def _load_versions(self, procedure_ids: Sequence[int]) -> None:
        versions = self._session.scalars(
            select(ProcedureVersion)
            .where(ProcedureVersion.procedure_id.in_(procedure_ids))
            .order_by(ProcedureVersion.number)
        )
        for version in versions:
            self._versions.setdefault(version.procedure_id, []).append(version)

    def _one(self, model: type[T], text: str, error: RowRefusedError, make: Callable[[], T]) -> T:
        found = self._known[model].get(text, [])
        if len(found) > 1:
            raise NameSharedError(name=text)
        if found:
            return found[0]
        if not self._creates:
            raise error
        return self._make(text, make())

    def _make(self, text: str, row: T) -> T:
        self._session.add(row)
        self._session.flush()  # rows that come next refer to its key
        self._known.setdefault(type(row), {})[text] = [row]
        return row

    def _procedure(self, row: LegacyDossier) -> Procedure:
        code = row.procedure_code
        return self._one(Procedure, code, ProcedureUnknownError(code=code), lambda: self._new_procedure(row))

    def _new_procedure(self, row: LegacyDossier) -> Procedure:
        field = (
            self._known.get(ProcedureField, {}).get(FIELD_CODE)
            or self._session.scalars(select(ProcedureField).where(ProcedureField.code == FIELD_CODE)).all()
        )
        area = field[0] if field else self._make(FIELD_CODE, ProcedureField(code=FIELD_CODE, name=FIELD_NAME))
        return Procedure(code=row.procedure_code, name=row.procedure_code, field_id=area.id, is_imported=True)

    def _version_id(self, procedure: Procedure, received_at: datetime) -> int:
        """Return the text that held when the dossier came in, else the oldest there is; made where there is none."""
        versions = self._versions.setdefault(procedure.id, [])
        if not versions:
            digest = hashlib.sha256(procedure.code.encode()).hexdigest()
            version = ProcedureVersion(
                procedure=procedure, number=1, name=procedure.name, content_hash=digest, recorded_at=self._at
            )
            versions.append(self._make(procedure.code, version))
        held = [version for version in versions if version.effective_at and version.effective_at <= received_at]
        return (held[-1] if held else versions[0]).id

    def _department_id(self, row: LegacyDossier, procedure: Procedure) -> int:
        name = row.department_code
        if name:
            found = self._one(Department, name, DepartmentUnknownError(name=name), lambda: _new_department(name))
            return found.id
        if procedure.department_id is not None:
            return procedure.department_id
        centre = self._centre()
        if centre is None:
            raise DepartmentMissingError
        return centre.id

    def _centre(self) -> Department | None:
        return self._session.scalars(
            select(Department).where(Department.kind == DepartmentKind.CENTRE).order_by(Department.id).limit(1)
        ).first()

    def _site(self, row: LegacyDossier) -> Site:
        if row.site_code:
            name = row.site_code
            return self._one(Site, name, SiteUnknownError(name=name), lambda: self._new_site(name, name))
        if self._first_site is None:
            if not self._creates:
                raise SiteMissingError
            self._first_site = self._make(SITE_CODE, self._new_site(SITE_CODE, SITE_NAME))
        return self._first_site

    def _new_site(self, code: str, name: str) -> Site:
        unit_code = self._first_site.unit_code if self._first_site else UNIT_CODE
        return Site(code=_short(code, 40), name=name, unit_code=unit_code, is_imported=True)

    def _responsible_id(self, name: str, department_id: int) -> int | None:
        if not name:
            return None
        found = self._one(Staff, name, PersonUnknownError(name=name), lambda: _new_person(name, department_id))
        return found.id


def _new_department(name: str) -> Department:
    return Department(code=_short(name, 40), name=name, kind=kind_of(name), is_imported=True)


def _new_person(name: str, department_id: int) -> Staff:
    """Return somebody known by name only, who may have left long ago: not active until an administrator says so."""
    badge_number = _short(name, 20)
    return Staff(
        badge_number=badge_number, full_name=name, department_id=department_id, is_active=False, is_imported=True
    )


def _short(text: str, most: int) -> str:
    """Return ``text`` as a code: itself where it is short enough, else the beginning of its hash."""
    return text if len(text) <= most else f"X{hashlib.sha256(text.encode()).hexdigest()[: most - 1]}"
