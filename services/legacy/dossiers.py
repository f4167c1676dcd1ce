"""Legacy dossiers: what becomes of each line of a chunk, and the rows that are written for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.base import _
from models.batch import RowOutcome
from models.dossier import Dossier, DossierAccess, DossierEvent
from models.ids import opaque_token, public_id
from models.text import fold
from services.clock import KeptClock
from services.codes import allocate_code, note_imported_code
from services.dossier_access import access_rows
from services.errors import UserError
from services.identity import IdNumberError, PhoneError, normalise_id_number, normalise_phone
from services.legacy.course import make_clock, make_course
from services.legacy.directory import Directory, Place
from services.legacy.judging import Judged, write_or_refuse
from services.legacy.rows import LegacyDossier, RowRefusedError, read_dossier
from services.legacy.source import Record
from services.localtime import local_date
from services.rule_sets import rule_set_on

COMPARED = (
    "code", "legacy_code", "channel", "return_method", "state", "received_at", "due_at", "finished_at", "returned_at",
    "applicant_name", "note",
)  # fmt: skip
"""Columns whose names are the same on a dossier, so that what differs can be told."""

NAMELESS = "Không rõ"
"""Whom a dossier belongs to where the file names nobody: one applicant for all of them."""
NAMELESS_ID = "00000000-0000-7000-8000-000000000000"


class DossierOtherwiseError(RowRefusedError):
    message = _("%(name)s is already here and says something else in: %(columns)s. Correct the row or the dossier.")


class ApplicantOtherwiseError(RowRefusedError):
    message = _("The ID number %(number)s is known under another name. Correct one of the two.")


@dataclass(slots=True)
class Planned:
    """Everything that one new dossier consists of, before any of it is stored."""

    row: LegacyDossier
    place: Place
    dossier: Dossier
    events: list[DossierEvent]
    clock: KeptClock | None


def import_dossiers(
    session: Session,
    records: Sequence[Record],
    *,
    creates: bool,
    at: datetime,
    rehearsed: dict[tuple[str, str], str] | None = None,
) -> list[Judged]:
    """Take the dossiers of ``records`` in.

    With ``rehearsed`` nothing stays written: it holds what earlier chunks of the rehearsal would have brought.
    """
    judged = [_read(record, at) for record in records]
    known = _Known(session, [item.row for item in judged if isinstance(item.row, LegacyDossier)], rehearsed or {})
    new = [item for item in judged if isinstance(item.row, LegacyDossier) and not known.settle(item, item.row)]
    write_or_refuse(session, new, _Writer(session, creates=creates, at=at), keeps=rehearsed is None)
    if rehearsed is not None:
        rehearsed |= {
            key: item.fingerprint
            for item in new
            if isinstance(item.row, LegacyDossier) and item.outcome is RowOutcome.CREATED
            for key in _keys(item.row)
        }
    return judged


def _read(record: Record, at: datetime) -> Judged:
    item = Judged(record, Dossier.__tablename__)
    try:
        item.row = read_dossier(record.cells, at=at)
        item.code = item.row.name or None
        item.fingerprint = item.row.fingerprint
    except UserError as error:
        item.refuse(error)
    return item


class _Known:
    """The dossiers that are already here, by what a row can be recognised by; those of the same chunk join them."""

    def __init__(self, session: Session, rows: Sequence[LegacyDossier], rehearsed: dict[tuple[str, str], str]) -> None:
        self._by: dict[tuple[str, str], Dossier | LegacyDossier | str] = dict(rehearsed)
        keys = [key for row in rows for key in _keys(row)]
        conditions = [
            getattr(Dossier, name).in_([text for other, text in keys if other == name])
            for name in ("code", "legacy_code", "import_fingerprint")
        ]
        for dossier in session.scalars(select(Dossier).where(or_(*conditions))):
            for name in ("code", "legacy_code", "import_fingerprint"):
                self._by[name, getattr(dossier, name) or ""] = dossier

    def settle(self, item: Judged, row: LegacyDossier) -> bool:
        """Say of a row that is already here whether it is the same, and return whether it was."""
        found = next((self._by[key] for key in _keys(row) if key in self._by), None)
        if found is None:
            self._by.update(dict.fromkeys(_keys(row), row))
            return False
        if row.fingerprint == _fingerprint(found):
            item.outcome = RowOutcome.UNCHANGED
            item.entity_id = found.id if isinstance(found, Dossier) else None
        else:
            item.refuse(DossierOtherwiseError(name=row.name, columns=", ".join(_differences(row, found))))
        return True


def _fingerprint(found: Dossier | LegacyDossier | str) -> str | None:
    if isinstance(found, str):
        return found
    return found.import_fingerprint if isinstance(found, Dossier) else found.fingerprint


def _keys(row: LegacyDossier) -> list[tuple[str, str]]:
    keys = (("code", row.code), ("legacy_code", row.legacy_code), ("import_fingerprint", row.fingerprint))
    return [(name, text) for name, text in keys if text]


def _differences(row: LegacyDossier, found: Dossier | LegacyDossier | str) -> list[str]:
    """Return which columns differ, as far as a dossier that may have gone on since can tell."""
    same_names = () if isinstance(found, str) else COMPARED
    differing = [name for name in same_names if (getattr(row, name) or None) != (getattr(found, name) or None)]
    return differing or ["procedure_code", "department_code", "site_code", "responsible"]


class _Writer:
    """Writes new dossiers with everything that hangs on them, many in few statements."""

    def __init__(self, session: Session, *, creates: bool, at: datetime) -> None:
        self._session, self._creates, self._at = session, creates, at
        self._directory = Directory(session, creates=creates, at=at)

    def begin(self, items: Sequence[Judged]) -> None:
        """Look up what the rows name."""
        self._directory = Directory(self._session, creates=self._creates, at=self._at)
        self._directory.load([item.row for item in items if isinstance(item.row, LegacyDossier)])

    def write(self, items: Sequence[Judged]) -> None:
        """Store the dossiers of ``items``; an item that cannot be resolved is refused, the others are written."""
        planned: list[tuple[Judged, Planned]] = []
        applicants = self._applicants([item.row for item in items if isinstance(item.row, LegacyDossier)])
        for item in items:
            assert isinstance(item.row, LegacyDossier)  # noqa: S101 -- only rows that were read are written
            try:
                place = self._directory.place(item.row)
                planned.append((item, self._plan(item.row, place, applicants)))
            except UserError as error:
                item.refuse(error)
        self._store([plan for _item, plan in planned])
        for item, plan in planned:
            item.entity_id = plan.dossier.id

    def _plan(self, row: LegacyDossier, place: Place, applicants: dict[str, Applicant]) -> Planned:
        applicant = self._applicant(row, applicants)
        code = row.code or allocate_code(self._session, unit_code=place.site.unit_code, at=row.received_at)
        if row.code:
            note_imported_code(self._session, row.code)
        dossier = Dossier(
            code=code,
            legacy_code=row.legacy_code or None,
            import_fingerprint=row.fingerprint,
            public_id=public_id(self._at),
            slip_token=opaque_token(),
            procedure_id=place.procedure_id,
            procedure_version_id=place.version_id,
            rule_set=rule_set_on(local_date(row.received_at)),
            applicant=applicant,
            applicant_kind=applicant.kind,
            applicant_name=row.applicant_name or NAMELESS,
            applicant_id_number=row.applicant_id_number or None,
            applicant_phone=row.phone or None,
            department_id=place.department_id,
            site_id=place.site.id,
            channel=row.channel,
            return_method=row.return_method,
            received_at=row.received_at,
            recorded_at=self._at,
            note=row.note or None,
            is_imported=True,
            is_silent=True,
        )
        events = make_course(dossier, row, place, at=self._at)
        clock = make_clock(row, place, at=self._at)
        if clock is not None:
            dossier.due_at, dossier.statutory_due_at = clock.clock.due_at, clock.clock.statutory_due_at
        return Planned(row, place, dossier, events, clock)

    def _store(self, plans: Sequence[Planned]) -> None:
        session = self._session
        session.add_all(plan.dossier for plan in plans)
        session.flush()  # everything else refers to the dossiers' keys
        for plan in plans:
            for event in plan.events:
                event.dossier_id = plan.dossier.id
            if plan.clock is not None:
                plan.clock.clock.dossier_id = plan.dossier.id
        clocks = [plan.clock for plan in plans if plan.clock is not None]
        session.add_all(clock.clock for clock in clocks)
        session.flush()  # their events refer to the clocks' keys
        for clock in clocks:
            for event in clock.events:
                event.clock_id = clock.clock.id
        session.add_all(event for clock in clocks for event in clock.events)
        session.add_all(event for plan in plans for event in plan.events)
        session.flush()  # what the database refuses is told from this chunk
        access = [row for plan in plans for row in self._access(plan)]
        if access:
            session.execute(insert(DossierAccess), access)

    def _access(self, plan: Planned) -> list[dict[str, Any]]:
        """Return who finds the dossier: the department that decides, and those above it."""
        own = plan.place.department_id
        return access_rows(plan.dossier, dict.fromkeys(self._directory.above(own), False) | {own: True})

    def _applicants(self, rows: Sequence[LegacyDossier]) -> dict[str, Applicant]:
        """Return the applicants that are known by their number, and the one for dossiers that name nobody."""
        numbers = {number for row in rows if (number := self._id_number(row))}
        found = self._session.scalars(
            select(Applicant).where(or_(Applicant.id_number.in_(numbers), Applicant.public_id == NAMELESS_ID))
        )
        return {applicant.id_number or "": applicant for applicant in found}

    def _applicant(self, row: LegacyDossier, known: dict[str, Applicant]) -> Applicant:
        number = self._id_number(row)
        if number in known and (number or not row.applicant_name):
            applicant = known[number]
            if number and row.applicant_name and fold(applicant.full_name) != fold(row.applicant_name):
                raise ApplicantOtherwiseError(number=number)
            return applicant
        is_nameless = not number and not row.applicant_name
        applicant = Applicant(
            public_id=NAMELESS_ID if is_nameless else public_id(self._at),
            full_name=row.applicant_name or NAMELESS,
            id_number=number or None,
            phone=_phone(row.phone),
            created_at=self._at,
            is_imported=True,
        )
        if number or is_nameless:
            known[number] = applicant
        return applicant

    def _id_number(self, row: LegacyDossier) -> str:
        """Return the number if it identifies anybody; the dossier keeps what was given in any case."""
        try:
            return normalise_id_number(row.applicant_id_number, today=local_date(self._at))
        except IdNumberError:
            return ""


def _phone(text: str) -> str | None:
    try:
        return normalise_phone(text)
    except PhoneError:
        return None
