"""The least that a server could do: one query by the driver, one small template; a bound, not a product."""

import csv
import io
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

import psycopg
from jinja2 import Template

COLUMNS = """d.id, d.code, d.applicant_name, p.name, d.state, d.due_at, d.received_at, o.name, s.full_name"""
TABLES = """FROM dossier d JOIN procedure p ON p.id = d.procedure_id JOIN department o ON o.id = d.department_id
    LEFT JOIN staff s ON s.id = d.responsible_id"""
LIST = f"SELECT {COLUMNS} {TABLES} ORDER BY d.received_at DESC, d.id DESC LIMIT 50"
FILTER = (
    f"SELECT {COLUMNS} {TABLES} WHERE d.state = '4' AND d.received_at >= '2026-06-01'"
    " ORDER BY d.received_at DESC, d.id DESC LIMIT 50"
)
ORDER = f"SELECT {COLUMNS} {TABLES} ORDER BY d.code LIMIT 50"
EXPORT = f"SELECT {COLUMNS} {TABLES} ORDER BY d.received_at DESC, d.id DESC"
QUERIES = {"/list": LIST, "/filter": FILTER, "/order": ORDER}
PAGE = Template(
    "<!doctype html><table>"
    "{% for row in rows %}<tr>{% for value in row %}<td>{{ value|e }}{% endfor %}{% endfor %}</table>"
)


def connect(address: str) -> Any:
    """Return a connection of the driver to a database that SQLAlchemy would call ``address``."""
    if address.startswith("sqlite"):
        return sqlite3.connect(address.removeprefix("sqlite:///"), check_same_thread=False)
    return psycopg.connect(address.replace("postgresql+psycopg", "postgresql"), autocommit=True)


connection = connect(os.environ["PEER_DATABASE"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one of the lists, a save of a note, or the whole table as CSV."""
    path = environ["PATH_INFO"]
    if path == "/export":
        start_response("200 OK", [("Content-Type", "text/csv; charset=utf-8")])
        return export()
    if path == "/save":
        save(parse_qs(environ["QUERY_STRING"])["id"][0])
        start_response("303 See Other", [("Location", "/list")])
        return [b""]
    rows = connection.execute(QUERIES[path]).fetchall()
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [PAGE.render(rows=rows).encode()]


def save(key: str) -> None:
    """Write a note, durably."""
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    connection.execute(f"UPDATE dossier SET note = 'x' WHERE id = {mark}", (int(key),))  # noqa: S608
    connection.commit()


def export() -> Iterator[bytes]:
    """Yield the dossiers as CSV, a thousand at a time."""
    if isinstance(connection, sqlite3.Connection):
        cursor: Any = connection.execute(EXPORT)
        yield from _lines(cursor)
        return
    with connection.transaction(), connection.cursor("export") as named:
        named.execute(EXPORT)
        yield from _lines(named)


def _lines(cursor: Any) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    while rows := cursor.fetchmany(1000):
        writer.writerows(rows)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
