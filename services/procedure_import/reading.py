"""Files of records, one JSON object a line, plain or gzip: read as a stream, within bounds."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from models.base import _
from services.errors import UserError
from services.procedure_import.values import RecordRefusedError, describe

MOST_BYTES = 1024 * 1024 * 1024
"""The whole national catalogue is about 80 MB unpacked; more than this is a mistake or an attack."""
MOST_LINE_BYTES = 4 * 1024 * 1024
"""The longest real record has 114,439 bytes."""
BOM = b"\xef\xbb\xbf"


class FileUnusableError(UserError):
    """The file as a whole cannot be imported."""


class FileEmptyError(FileUnusableError):
    message = _("The file holds no records. Choose a file with one JSON record a line (.jsonl or .jsonl.gz).")


class FileNotRecordsError(FileUnusableError):
    message = _("The file is not one JSON record a line. Choose a .jsonl or .jsonl.gz file of the national catalogue.")


class FileDamagedError(FileUnusableError):
    message = _("The compressed file is damaged or incomplete. Fetch it again.")


class FileTooLargeError(FileUnusableError):
    message = _("The file unpacks to more than %(most)s MB. Split it into smaller files.")


class LineTooLongError(RecordRefusedError):
    message = _("The line is longer than %(most)s MB.")


class LineNotTextError(RecordRefusedError):
    message = _("The line is not UTF-8 text (byte %(position)s).")


class LineNotJsonError(RecordRefusedError):
    message = _("The line is not valid JSON: %(fault)s.")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read through once: ``fingerprint`` is SHA-256 of the unpacked bytes, ``records`` their number."""

    path: Path
    fingerprint: str
    size_bytes: int
    records: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something on it; ``is_cut`` if it was too long to be kept whole."""

    number: int
    data: bytes
    is_cut: bool = False

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def inspect_file(path: Path) -> SourceFile:
    """Read the file through once; raise FileUnusableError where it holds nothing that could be imported.

    Memory is bounded by one block, whatever the file unpacks to.
    """
    digest = hashlib.sha256()
    size = 0
    records = objects = 0
    for data, is_start in _pieces(path):
        digest.update(data)
        size += len(data)
        if is_start and data.strip(b" \t\r\n" + BOM):
            records += 1
            objects += data.lstrip(b" \t" + BOM).startswith(b"{")
    if not records:
        raise FileEmptyError
    if not objects:
        raise FileNotRecordsError
    return SourceFile(path, digest.hexdigest(), size, records)


def read_lines(path: Path, *, after: int = 0) -> Iterator[Line]:
    """Yield the lines numbered above ``after`` that hold something; an overlong one comes cut."""
    number = 0
    for data, is_start in _pieces(path):
        if not is_start:
            continue
        number += 1
        text = data.removeprefix(BOM) if number == 1 else data
        if number > after and text.strip():
            yield Line(number, text.rstrip(b"\r\n"), is_cut=len(data) > MOST_LINE_BYTES)


def unpack(path: Path, target: Path) -> SourceFile:
    """Write the unpacked bytes of ``path`` to ``target`` within bounds; return what it holds."""
    with target.open("wb") as output:
        for data, _is_start in _pieces(path):
            output.write(data)
    return inspect_file(target)


def parse_line(line: Line) -> Any:
    """Return the value of a line, fractions as Decimal; raise RecordRefusedError where it is no JSON."""
    if line.is_cut:
        raise LineTooLongError(most=MOST_LINE_BYTES // 1024 // 1024)
    try:
        return json.loads(line.data.decode(), parse_float=Decimal, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise LineNotTextError(position=error.start + 1) from None
    except json.JSONDecodeError as error:
        raise LineNotJsonError(fault=f"{error.msg}, {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise LineNotJsonError(fault=describe(error)) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _pieces(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield (bytes, begins a line) until the end; a line longer than the bound comes in several pieces."""
    size = 0
    is_start = True
    try:
        with path.open("rb") as plain, _opened(plain) as stream:
            while data := stream.readline(MOST_LINE_BYTES + 1):
                size += len(data)
                if size > MOST_BYTES:
                    raise FileTooLargeError(most=MOST_BYTES // 1024 // 1024)
                yield data, is_start
                is_start = data.endswith(b"\n")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FileDamagedError from None


def _opened(plain: IO[bytes]) -> IO[bytes]:
    """Return the stream unpacked if its first bytes say gzip, whatever the file is called."""
    packed = plain.read(2) == b"\x1f\x8b"
    plain.seek(0)
    return gzip.open(plain) if packed else plain  # type: ignore[return-value]
