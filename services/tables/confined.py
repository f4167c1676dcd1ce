"""Reads a workbook in a process of its own (``python -m services.tables.confined``), its memory and time bounded.

A few kilobytes of XLSX or XLS can ask for hundreds of gigabytes: a compressed member that unpacks without end, one
cell in the last corner of the sheet, one long shared text referred to a million times. No check in advance knows
them all. So the parser works where it can only hurt itself. Formulas are never computed: a cell gives the value that
was saved with it, and the formula's text where none was.
"""

import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError, iterparse

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.tables.spool import Sheet, SpoolWriter

MOST_MEMORY = 1536 << 20
MOST_SECONDS = 60
MOST_OUTPUT = 1 << 30

LOCKED, DAMAGED, TOO_LARGE = 3, 4, 5

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FORMULA_OR_ERROR = re.compile(rb"<f[ />]|t=\"e\"")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def main(source: Path, target: Path) -> int:
    """Read ``source`` into the spool ``target``; return 0 or the code that says what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with target.open("wb") as output:
            _read(source, SpoolWriter(output))
    except PasswordError:
        return LOCKED
    except (MemoryError, OSError):
        return TOO_LARGE
    except (CalamineError, zipfile.BadZipFile, ParseError, KeyError, ValueError):
        return DAMAGED
    return 0


def _read(source: Path, writer: SpoolWriter) -> None:
    book = CalamineWorkbook.from_path(str(source))
    members = _sheet_members(source)
    for about in book.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        writer.begin(
            Sheet(about.name, about.visible is not SheetVisibleEnum.Visible, merged=[_flat(m) for m in _merged(sheet)])
        )
        bare = _cells_without_value(source, members.get(about.name))
        _read_sheet(sheet, writer, bare)
    writer.close()


def _read_sheet(sheet: CalamineSheet, writer: SpoolWriter, bare: dict[int, dict[int, str]]) -> None:
    rows: Iterator[list[Any]] = iter(()) if sheet.start is None else iter(sheet.iter_rows())
    left = 0 if sheet.start is None else sheet.start[1]
    number = 0
    for number, cells in enumerate(rows, 1):
        writer.add(number, _filled([None] * left + cells, bare.get(number)))
    for beyond in sorted(line for line in bare if line > number):
        writer.add(beyond, _filled([], bare[beyond]))


def _filled(cells: list[Any], texts: dict[int, str] | None) -> list[Any]:
    """Return ``cells`` with the texts of those that have no value of their own."""
    for column, text in (texts or {}).items():
        cells += [None] * (column - len(cells))
        cells[column - 1] = text
    return cells


def _merged(sheet: CalamineSheet) -> list[Any]:
    return sheet.merged_cell_ranges or []


def _flat(merged: Any) -> tuple[int, int, int, int]:
    """Return a merged range as first line, first column, last line, last column, counted from 1."""
    (top, left), (bottom, right) = merged
    return top + 1, left + 1, bottom + 1, right + 1


def _sheet_members(source: Path) -> dict[str, str]:
    """Return in which member of an XLSX file each sheet stands; nothing for other formats."""
    if not zipfile.is_zipfile(source):
        return {}
    with zipfile.ZipFile(source) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return {}
        with archive.open("xl/_rels/workbook.xml.rels") as stream:
            targets = {e.get("Id"): e.get("Target", "") for e in _elements(stream) if e.tag.endswith("Relationship")}
        with archive.open("xl/workbook.xml") as stream:
            sheets = [(e.get("name", ""), e.get(_RELATION)) for e in _elements(stream) if e.tag == f"{_MAIN}sheet"]
    return {name: posixpath.normpath(posixpath.join("/xl", targets.get(key, ""))).lstrip("/") for name, key in sheets}


def _cells_without_value(source: Path, member: str | None) -> dict[int, dict[int, str]]:
    """Return what calamine leaves out: formulas that were saved without a value, and errors such as #N/A.

    Shape: {line: {column: "=SUM(A1:A3)"}}, counted from 1. A blank in their place would be a silent loss.
    """
    found: dict[int, dict[int, str]] = {}
    if member is None or not _has_formulas(source, member):
        return found
    with zipfile.ZipFile(source) as archive, archive.open(member) as stream:
        for element in _elements(stream):
            if element.tag == f"{_MAIN}row":
                element.clear()
            elif element.tag == f"{_MAIN}c":
                text = _text_without_value(element)
                if text and element.get("r"):
                    line, column = _place(element.get("r", ""))
                    found.setdefault(line, {})[column] = text
    return found


def _elements(stream: IO[bytes]) -> Iterator[Any]:
    for _event, element in iterparse(stream):  # noqa: S314 -- confined, and expat fetches nothing
        yield element


def _has_formulas(source: Path, member: str) -> bool:
    """Return whether a sheet has formulas or errors at all: most have none, and need not be parsed twice."""
    before = b""
    with zipfile.ZipFile(source) as archive, archive.open(member) as stream:
        while block := stream.read(1 << 20):
            if _FORMULA_OR_ERROR.search(before + block):
                return True
            before = block[-8:]
    return False


def _text_without_value(cell: Any) -> str:
    value, formula = cell.findtext(f"{_MAIN}v"), cell.find(f"{_MAIN}f")
    if cell.get("t") == "e":
        return value or "#ERROR"
    if formula is not None and not value:
        return f"={formula.text}" if formula.text else ""
    return ""


def _place(reference: str) -> tuple[int, int]:
    """Return line and column of a reference such as ``AB12``."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - 64
    return int(reference[len(letters) :]), column


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
