"""Which column of a foreign file is which of ours, and what its words mean: a small TOML file.

    [dossiers.columns]
    legacy_code = "case:concept:name"      # ours = the header in the file

    [dossiers.values.channel]
    Internet = "online"                    # what stands in the file = what it is here

    [dossiers.defaults]
    procedure_code = "PERMIT"              # where the file has no such column, or the cell is empty

``[events...]`` says the same for the history. Source: docs/importing-dossiers.md.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models.base import _
from models.batch import BatchKind
from models.text import fold
from services.errors import UserError
from services.tables.spool import Value

DOSSIER_COLUMNS = (
    "code", "legacy_code", "procedure_code", "department_code", "site_code", "applicant_name", "applicant_id_number",
    "phone", "channel", "received_at", "due_at", "finished_at", "returned_at", "return_method", "state", "responsible",
    "note",
)  # fmt: skip
STEP_COLUMNS = ("code", "legacy_code", "event", "occurred_at", "person", "note", "reference")

COLUMNS = {BatchKind.DOSSIERS: DOSSIER_COLUMNS, BatchKind.DOSSIER_EVENTS: STEP_COLUMNS}
REQUIRED = {BatchKind.DOSSIERS: ("procedure_code", "received_at"), BatchKind.DOSSIER_EVENTS: ("event", "occurred_at")}
SECTIONS = {BatchKind.DOSSIERS: "dossiers", BatchKind.DOSSIER_EVENTS: "events"}


class MappingUnreadableError(UserError):
    message = _("The mapping file cannot be read: %(fault)s. See docs/importing-dossiers.md for its form.")


class ColumnsMissingError(UserError):
    message = _(
        "The file has no column for: %(columns)s. Name the columns as documented, or give a mapping file that says "
        "which they are."
    )


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How to read one kind of file; without any content it reads files that use our own headers."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what ``ColumnMapping(**...)`` takes again."""
        return asdict(self)

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Return where each of our columns stands among the names of a file's columns, case and accents aside."""
        at = {fold(name): place for place, name in reversed(list(enumerate(names))) if name}
        wanted = self.columns or {name: name for name in (*DOSSIER_COLUMNS, *STEP_COLUMNS)}
        return {ours: at[fold(theirs)] for ours, theirs in wanted.items() if fold(theirs) in at}

    def knows(self, name: str) -> bool:
        """Return whether a folded header names one of our columns; how the header row is recognised."""
        return bool(self.places([name]))

    def read(self, places: Mapping[str, int], cells: Sequence[Value]) -> dict[str, Value]:
        """Return the cells of a row by our names, their words translated, empty ones filled with the defaults."""
        found: dict[str, Value] = {}
        for ours, place in places.items():
            value = cells[place] if place < len(cells) else None
            if isinstance(value, str):
                value = value.strip()
            words = self.values.get(ours)
            if words is not None and value is not None:
                value = words.get(fold(str(value)), value)
            if value not in (None, ""):
                found[ours] = value
        return {**self.defaults, **found}


def check_columns(mapping: ColumnMapping, kind: BatchKind, names: Sequence[str]) -> dict[str, int]:
    """Return the places of our columns; raise ColumnsMissingError where a needed one has neither column nor default."""
    places = {ours: place for ours, place in mapping.places(names).items() if ours in COLUMNS[kind]}
    present = {*places, *mapping.defaults}
    missing = [name for name in REQUIRED[kind] if name not in present]
    if kind is BatchKind.DOSSIER_EVENTS and not present & {"code", "legacy_code"}:
        missing.append("legacy_code")
    if missing:
        raise ColumnsMissingError(columns=", ".join(missing))
    return places


def parse_mapping(text: str, kind: BatchKind) -> ColumnMapping:
    """Return the part of a mapping file that concerns ``kind``. Raises: MappingUnreadableError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingUnreadableError(fault=str(error)) from None
    section = _table(document, SECTIONS[kind])
    unknown = [name for name in document if name not in SECTIONS.values()]
    unknown += [f"{SECTIONS[kind]}.{name}" for name in section if name not in ("columns", "values", "defaults")]
    parts = {name: _table(section, name) for name in ("columns", "values", "defaults")}
    unknown += [ours for part in parts.values() for ours in part if ours not in COLUMNS[kind]]
    if unknown:
        raise MappingUnreadableError(fault=f"{', '.join(unknown)}: no such name")
    values = {
        ours: {fold(word): str(meaning) for word, meaning in _table(parts["values"], ours).items()}
        for ours in parts["values"]
    }
    columns = {ours: str(theirs) for ours, theirs in parts["columns"].items()}
    return ColumnMapping(columns, values, {ours: str(value) for ours, value in parts["defaults"].items()})


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name, {})
    if not isinstance(found, Mapping):
        raise MappingUnreadableError(fault=f"{name} has to be a table")
    return found
