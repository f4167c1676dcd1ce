"""What becomes of one line, and writing many of them so that a refusal of the database costs only its own line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from models.base import _
from models.batch import RowOutcome
from services.errors import UserError
from services.legacy.rows import LegacyDossier, LegacyStep, RowRefusedError
from services.legacy.source import Record


class RowUnwritableError(RowRefusedError):
    message = _("The database refused the row: %(fault)s.")


@dataclass(slots=True)
class Judged:
    """A line with what is to become of it; ``row`` is what it says, where it could be read."""

    record: Record
    entity: str
    outcome: RowOutcome = RowOutcome.CREATED
    row: LegacyDossier | LegacyStep | None = field(default=None)
    code: str | None = None
    fingerprint: str = ""
    entity_id: int | None = None
    error: UserError | None = None

    def refuse(self, error: UserError) -> None:
        self.outcome, self.error, self.entity_id = RowOutcome.REFUSED, error, None


class Writer(Protocol):
    """Writes what a chunk's lines say; ``begin`` looks up what they name, again after a savepoint was rolled back."""

    def begin(self, items: Sequence[Judged]) -> None: ...

    def write(self, items: Sequence[Judged]) -> None: ...


def write_or_refuse(session: Session, items: Sequence[Judged], writer: Writer, *, keeps: bool = True) -> None:
    """Write ``items`` at once in a savepoint; where the database refuses one, each again in a savepoint of its own.

    With ``keeps`` off everything is written and rolled back: a rehearsal meets what the act itself would meet.
    """
    try:
        _write_within(session, items, writer, keeps=keeps)
    except DBAPIError as error:
        _raise_unless_refused(error)
        for item in items:
            try:
                _write_within(session, [item], writer, keeps=keeps)
            except DBAPIError as refusal:
                _raise_unless_refused(refusal)
                item.refuse(RowUnwritableError(fault=str(refusal.orig).splitlines()[0][:200]))


class _RehearsedError(Exception):
    """Leaves the savepoint of a rehearsal."""


def _write_within(session: Session, items: Sequence[Judged], writer: Writer, *, keeps: bool) -> None:
    wanted = [item for item in items if item.outcome is RowOutcome.CREATED]
    if not wanted:
        return
    try:
        with session.begin_nested():
            writer.begin(wanted)
            writer.write(wanted)
            if not keeps:
                raise _RehearsedError
    except _RehearsedError:
        for item in wanted:
            item.entity_id = None


def _raise_unless_refused(error: DBAPIError) -> None:
    """Raise what is no fault of a row: a lock, a full disk, a server that stops."""
    if isinstance(error, OperationalError) or error.connection_invalidated:
        raise error
