"""One line of a legacy file, read and checked: what it says about a dossier, or the reason why it cannot be taken."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any

from models.base import Choice, _
from models.states import Channel, DossierState, ReturnMethod
from models.text import normalise
from services.codes import parse_code
from services.errors import UserError
from services.legacy.mapping import DOSSIER_COLUMNS
from services.session import audit_value
from services.tables.dates import read_instant
from services.tables.spool import Value
from services.tables.values import read_text

LENGTHS = {
    "code": 60, "legacy_code": 60, "procedure_code": 40, "department_code": 300, "site_code": 300,
    "applicant_name": 300, "applicant_id_number": 20, "phone": 20, "responsible": 120, "event": 500, "person": 120,
    "reference": 200, "note": 10_000,
}  # fmt: skip
START_OF_DAY, END_OF_DAY = time(0, 0), time(23, 59, 59)
"""Where a file gives days only: received as the day begins, in time until it ends."""

ENDED = (DossierState.STOPPED, DossierState.DECIDED, DossierState.RETURNED)


class RowRefusedError(UserError):
    """A line that cannot be taken; it is listed with the reason."""


class CellMissingError(RowRefusedError):
    message = _("%(column)s is empty. Enter it.")


class CellTooLongError(RowRefusedError):
    message = _("%(column)s is longer than %(most)s characters. Shorten it.")


class CellUnknownError(RowRefusedError):
    message = _("%(value)s is no value of %(column)s. Write one of: %(choices)s.")


class TimeAheadError(RowRefusedError):
    message = _("%(column)s lies in the future. Correct it.")


class EndMissingError(RowRefusedError):
    message = _("State %(state)s says that it has ended, but finished_at is empty. Enter when it ended.")


class StateContradictsError(RowRefusedError):
    message = _("State %(state)s does not go with %(column)s: correct one of the two.")


@dataclass(frozen=True, kw_only=True)
class LegacyDossier:
    """A dossier as an earlier system knew it; times are aware UTC, texts in NFC, "" for what it does not say."""

    code: str = ""
    legacy_code: str = ""
    procedure_code: str
    department_code: str = ""
    site_code: str = ""
    applicant_name: str = ""
    applicant_id_number: str = ""
    phone: str = ""
    channel: Channel = Channel.COUNTER
    received_at: datetime
    due_at: datetime | None = None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    return_method: ReturnMethod = ReturnMethod.COUNTER
    state: DossierState
    responsible: str = ""
    note: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """The same for every line that says the same, however it is written."""
        return fingerprint_of(vars(self))

    @property
    def name(self) -> str:
        """What people call it: one of its codes, "" without."""
        return self.code or self.legacy_code

    @property
    def ended_at(self) -> datetime | None:
        """When it ended: never before it was received, whatever a day without a time says."""
        return None if self.finished_at is None else max(self.finished_at, self.received_at)


@dataclass(frozen=True, kw_only=True)
class LegacyStep:
    """One event of a dossier's history in an earlier system; ``reference`` tells two equal ones apart."""

    code: str = ""
    legacy_code: str = ""
    event: str
    occurred_at: datetime
    person: str = ""
    note: str = ""
    reference: str = ""


def read_dossier(cells: Mapping[str, Value], *, at: datetime) -> LegacyDossier:
    """Return the dossier that a line tells of; ``at`` is now, after which nothing can have happened.

    Raises: RowRefusedError, CodeInvalidError, InstantUnreadableError.
    """
    given: dict[str, Any] = {name: _text(cells, name) for name in LENGTHS if name in DOSSIER_COLUMNS}
    if given["code"]:
        parse_code(given["code"])
    if not given["procedure_code"]:
        raise CellMissingError(column="procedure_code")
    given["channel"] = _choice(cells, "channel", Channel) or Channel.COUNTER
    given["return_method"] = _choice(cells, "return_method", ReturnMethod) or ReturnMethod.COUNTER
    received_at = _instant(cells, "received_at", START_OF_DAY, until=at)
    if received_at is None:
        raise CellMissingError(column="received_at")
    times = {
        "received_at": received_at,
        "due_at": _instant(cells, "due_at", END_OF_DAY),
        "finished_at": _instant(cells, "finished_at", START_OF_DAY, until=at),
        "returned_at": _instant(cells, "returned_at", START_OF_DAY, until=at),
    }
    return LegacyDossier(**given, **_course(times, _choice(cells, "state", DossierState)))


def read_step(cells: Mapping[str, Value], *, at: datetime) -> LegacyStep:
    """Return the event that a line tells of. Raises: RowRefusedError, InstantUnreadableError."""
    given = {name: _text(cells, name) for name in ("code", "legacy_code", "event", "person", "note", "reference")}
    if not (given["code"] or given["legacy_code"]):
        raise CellMissingError(column="legacy_code")
    if not given["event"]:
        raise CellMissingError(column="event")
    occurred_at = _instant(cells, "occurred_at", START_OF_DAY, until=at)
    if occurred_at is None:
        raise CellMissingError(column="occurred_at")
    return LegacyStep(**given, occurred_at=occurred_at)


def fingerprint_of(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of facts, whatever their order."""
    body = {name: audit_value(value) for name, value in facts.items()}
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _course(times: dict[str, Any], state: DossierState | None) -> dict[str, Any]:
    """Return times and state as they belong together; what is not said follows from the rest."""
    finished_at, returned_at = times["finished_at"], times["returned_at"]
    if state is None:
        ended = DossierState.RETURNED if returned_at else DossierState.DECIDED
        state = ended if finished_at or returned_at else DossierState.ACCEPTED
    if state not in ENDED and state is not DossierState.REFUSED and (finished_at or returned_at):
        raise StateContradictsError(state=state.value, column="finished_at" if finished_at else "returned_at")
    if returned_at and state is not DossierState.RETURNED:
        raise StateContradictsError(state=state.value, column="returned_at")
    if state is DossierState.RETURNED:
        finished_at, returned_at = finished_at or returned_at, returned_at or finished_at
    if state in ENDED and finished_at is None:
        raise EndMissingError(state=state.value)
    return {**times, "finished_at": finished_at, "returned_at": returned_at, "state": state}


def _text(cells: Mapping[str, Value], name: str) -> str:
    text = normalise(read_text(cells.get(name)) or "")
    if len(text) > LENGTHS[name]:
        raise CellTooLongError(column=name, most=LENGTHS[name])
    return text


def _choice(cells: Mapping[str, Value], name: str, choices: type[Choice]) -> Any:
    text = normalise(read_text(cells.get(name)) or "")
    if not text:
        return None
    try:
        return choices(text.upper())
    except ValueError:
        known = ", ".join(choice.value.lower() for choice in choices)
        raise CellUnknownError(value=text[:60], column=name, choices=known) from None


def _instant(
    cells: Mapping[str, Value], name: str, day_time: time, *, until: datetime | None = None
) -> datetime | None:
    """Return an instant in UTC, where a file has a day only at ``day_time``; none after ``until``."""
    value = cells.get(name)
    found = _iso(value)
    if found is None:
        reading = read_instant(value, day_time=day_time)
        if reading is None:
            return None
        found = reading.value.astimezone(UTC)
    if until is not None and found > until:
        raise TimeAheadError(column=name)
    return found


def _iso(value: Value) -> datetime | None:
    """Return an instant written with its offset, which leaves nothing to guess and is the quickest to read."""
    if not isinstance(value, str) or len(value) < 20:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None
