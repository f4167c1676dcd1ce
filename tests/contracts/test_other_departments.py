"""Every road to another department's row: none shows it, changes it, or tells it from one that does not exist."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Rule

from models import screens
from models.actor import ScopeLevel
from models.base import Base
from models.describe import attributes, form_attributes, screen_of
from models.dossier import DossierAccess, DossierEvent
from models.exchange import ImportDraft
from models.organisation import Department
from models.saved_view import SavedView
from models.states import DossierState, EventKind
from services.bulk import verbs_for_many
from services.roles import default_grants
from services.session import unscoped
from services.settlement_slices import Dimension
from tests.contracts.test_census import csrf_token
from tests.factories import make_row
from tests.support.clients import client_as, make_department, make_user
from tests.support.screens import send
from web.access import rule_of
from web.database import database

MARKER = "Bí mật của sở khác"
ABSENT = 999_999_999
DRAFT = "somebodys-draft"
PERIOD = "from=2017-01-01&to=2017-12-31"
ROLES = ("RECEIVING_OFFICER", "PROCESSING_OFFICER", "DEPARTMENT_HEAD")
ROADS = (
    ("GET", "details"),
    ("GET", "look"),
    ("GET", "edit"),
    ("POST", "edit"),
    ("POST", "delete"),
    ("GET", "history"),
    ("GET", "revert"),
    ("POST", "revert"),
    ("POST", "restore"),
)
QUIET = {"audit_event", "audit_payload", "audit_head", "login_session", "login_attempt"}


@dataclass(frozen=True)
class World:
    """An application with two departments and a row of every entity that belongs to the other one."""

    app: Flask
    clients: dict[str, FlaskClient]
    rows: dict[str, Any]  # entity -> (id, public_id or "", code or "")


def scoped_entities(role: str) -> list[type[Base]]:
    """Return the entities of which ``role`` may read some rows but not all: those with something to leak."""
    narrow = {g[1] for g in default_grants() if g[0] == role and g[2] == "read" and g[3] is not ScopeLevel.ALL}
    return [model for model in screens() if model.__tablename__ in narrow]


@pytest.fixture(scope="module")
def world(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from tests.conftest import running_app  # noqa: PLC0415 -- conftest is loaded by pytest first
    from tests.support.databases import copy_sqlite  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("world")
    with running_app(copy_sqlite(sqlite_template, folder / "world.db"), folder) as app:
        clients = {role: client_as(app, role, department_code="H19.A") for role in ROLES}
        with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
            rows = make_foreign_rows(session)
            session.commit()
        yield World(app, clients, rows)


def make_foreign_rows(session: Session) -> dict[str, Any]:
    """Make a row of every entity for the other department, its texts marked; return the keys by entity."""
    other = make_department(session, "H19.B", "Sở khác")
    make_user(session, "DEPARTMENT_HEAD", department=other, name="foreigner")  # the newest: others' batches are theirs
    rows: dict[str, Any] = {"saved_view": make_row(session, SavedView, entity="dossier", name=MARKER)}
    narrow = {model for role in ROLES for model in scoped_entities(role)}
    for model in screens():
        values = {"department_id": other.id} if "department_id" in model.__table__.c else {}
        marked = marks(model) if model in narrow else {}
        rows[model.__tablename__] = make_row(session, model, **values, **marked)
    dossier = rows["dossier"]
    dossier.applicant = rows["applicant"]
    session.add(
        DossierAccess(dossier_id=dossier.id, department_id=other.id, received_at=dossier.received_at, is_direct=True)
    )
    dossier.state, at = DossierState.PROCESSING, dossier.received_at
    facts = {"dossier_id": dossier.id, "department_id": other.id, "occurred_at": at, "recorded_at": at, "sequence": 1}
    make_row(session, DossierEvent, kind=EventKind.RECEIVED, state_to=dossier.state, **facts)
    make_row(
        session, ImportDraft, public_id=DRAFT, entity="dossier", title=MARKER, sheets=[], notices=[], headers=[],
        columns={}, month_first={}, words={}, unknown={},
    )  # fmt: skip
    session.flush()
    return {entity: (row.id, getattr(row, "public_id", ""), getattr(row, "code", "")) for entity, row in rows.items()}


def marks(model: type[Base]) -> dict[str, str]:
    """Return the marker for every free text of a row that a page could show."""
    ruled, texts = model.__mapper__.validators, {}
    for column in model.__table__.columns:
        described = column.info.get("ui")
        if described is None or described.secret or described.format or column.unique or column.key in ruled:
            continue
        is_text = isinstance(column.type, String | Text) and not hasattr(column.type, "enum_class")
        if is_text and len(MARKER) <= (getattr(column.type, "length", None) or len(MARKER)):
            texts[column.key] = MARKER
    return texts


def snapshot(app: Flask) -> str:
    """Return a hash of everything in the database but its trails of who asked for what."""
    digest = hashlib.sha256()
    with app.app_context(), database().engine.connect() as connection:
        for name, table in sorted(Base.metadata.tables.items()):
            if name not in QUIET:
                digest.update(repr(connection.execute(select(table).order_by(*table.primary_key)).all()).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("role", ROLES)
def test_generated_screens_tell_a_foreign_row_from_an_absent_one_by_nothing(world: World, role: str) -> None:
    client = world.clients[role]
    token = csrf_token(client)
    before = snapshot(world.app)
    differing = {}
    for model in scoped_entities(role):
        entity = model.__tablename__
        for method, road in ROADS:
            answers = []
            for key in (world.rows[entity][0], ABSENT):
                answer = client.open(
                    f"/admin/{entity}/{road}/?id={key}&event=1",
                    method=method,
                    data={"csrf_token": token, "row_version": "1"},
                )
                answers.append((answer.status_code, MARKER in answer.text))
            if answers[0] != answers[1] or answers[0][1] or answers[0][0] not in (403, 404):
                differing[entity, road, method] = answers

    assert differing == {}
    assert snapshot(world.app) == before
    assert scoped_entities(role)


@pytest.mark.parametrize("role", ROLES)
def test_no_list_search_filter_order_or_lookup_shows_a_foreign_row(world: World, role: str) -> None:
    client = world.clients[role]
    leaks = []
    for model in scoped_entities(role):
        entity = model.__tablename__
        key, _public, code = world.rows[entity]
        asked = ["", "?q=bi+mat", f"?q={code}", "?order=-code", f"lookup/?q=bi+mat&id={key}", f"?id={key}"]
        asked += [f"?v={quick.name}" for quick in screen_of(model).quick]
        asked += [f"?f.is={quick.name}&f2.is={quick.name}" for quick in screen_of(model).quick]
        asked += ["?cols=note&cols=search_text&size=200&n=1", "filters/?more=1", "arrange/", "?v=deleted"]
        asked += ["export/?format=csv", "export/?format=csv&cols=note&n=1", f"export/?format=csv&q={code}"]
        asked += [f"new/?copy={key}", "import/", f"?s={world.rows['saved_view'][0]}"]
        for name, attribute in attributes(model).items():
            if attribute.field.filter and attribute.target is not None:
                other = world.rows.get(attribute.target.__tablename__, (1,))[0]
                asked += [f"?f.{name}={other}", f"?f.{name}={other}&f2.{name}={other}&f2.{name}.how=none"]
        for address in asked:
            answer = client.get(f"/admin/{entity}/{address}")
            page = re.sub(r"<input[^>]*>", "", answer.text)  # what was asked for may stand in the search box
            if MARKER in page or f'id={key}"' in page or (code and code in page and code not in address):
                leaks.append((entity, address))

    assert leaks == []


@pytest.mark.parametrize("role", ROLES)
def test_no_act_on_many_reaches_a_foreign_row(world: World, role: str) -> None:
    client = world.clients[role]
    before = snapshot(world.app)
    differing = {}
    for model in scoped_entities(role):
        entity = model.__tablename__
        field = next(iter(form_attributes(model, is_new=False, level=9)), "")
        for act in ("set", "delete", "restore", *(verb.name for verb in verbs_for_many(entity))):
            for listed in ("", "v=deleted"):
                answers = []
                for key in (world.rows[entity][0], ABSENT):
                    chosen = {"act": act, "key": f"{key}.1", "listed": listed, "field": field, field: "x"}
                    said = [
                        send(client, f"/admin/{entity}/bulk/", chosen | {"step": step, "nonce": f"{act}{key}"})
                        for step in ("", "preview")
                    ]
                    answers.append([(answer.status_code, MARKER in answer.text) for answer in said])
                if answers[0] != answers[1] or any(leaks for _status, leaks in answers[0]):
                    differing[entity, act, listed] = answers

    assert differing == {}
    assert snapshot(world.app) == before


@pytest.mark.parametrize("role", ROLES)
def test_figures_count_no_foreign_dossier_and_name_none(world: World, role: str) -> None:
    client = world.clients[role]
    asked = {}
    for by in Dimension:
        for road in ("", ".json"):
            asked[by, road] = client.get(f"/admin/report/settlement{road}?{PERIOD}&by={by.value}")
        for figure in ("received", "open"):
            place = f"/admin/report/settlement/rows?{PERIOD}&by={by.value}&figure={figure}"
            asked[by, figure] = client.get(place)
            asked[by, figure, "key"] = client.get(f"{place}&key={world.rows['department'][0]}")
    leaks = [key for key, answer in asked.items() if MARKER in answer.text or world.rows["dossier"][2] in answer.text]

    assert leaks == []
    assert {answer.status_code for answer in asked.values()} <= {200, 403, 404}
    told = asked[Dimension.DEPARTMENT, ".json"]
    assert told.status_code == 403 or told.json["total"]["received"] == 0


@pytest.mark.parametrize("role", ROLES)
def test_no_file_and_no_view_of_somebody_else_opens(world: World, role: str) -> None:
    client = world.clients[role]
    before = snapshot(world.app)
    for model in scoped_entities(role):
        entity = model.__tablename__
        for step in ("columns", "words", "check"):
            for method in ("GET", "POST"):
                answers = [
                    client.open(f"/admin/{entity}/import/{step}/?draft={draft}", method=method).status_code
                    for draft in (DRAFT, "x")
                ]
                assert answers[0] == answers[1], (entity, step, method)
        for act in ({"id": world.rows["saved_view"][0]}, {"id": ABSENT}):
            deleted = send(client, f"/admin/{entity}/views/delete/", act)
            saved = send(client, f"/admin/{entity}/views/save/", act | {"name": "x"})
            assert {deleted.status_code, saved.status_code} <= {403, 404}, (entity, act)
    assert snapshot(world.app) == before


@pytest.mark.parametrize("role", ROLES)
def test_every_other_route_hides_and_spares_a_foreign_dossier(world: World, role: str) -> None:
    client = world.clients[role]
    token = csrf_token(client)
    before = snapshot(world.app)
    differing = {}
    for rule in world.app.url_map.iter_rules():
        access = rule_of(world.app, rule.endpoint)
        if not rule.arguments or rule.endpoint == "static" or access is None or access.kind in ("public", "device"):
            continue
        for method in sorted({"GET", "POST"} & set(rule.methods or ())):
            answers = []
            for is_foreign in (True, False):
                place = built(world, rule, is_foreign=is_foreign)
                answer = client.open(place, method=method, data={"csrf_token": token} if method == "POST" else None)
                answers.append((answer.status_code, MARKER in answer.text))
            if answers[0] != answers[1] or answers[0][1] or answers[0][0] >= 500:
                differing[rule.endpoint, method] = answers

    assert differing == {}
    assert snapshot(world.app) == before


def built(world: World, rule: Rule, *, is_foreign: bool) -> str:
    """Return the address of ``rule`` for the foreign row of the entity it is about, or for none."""
    place = rule.rule.replace("/servants/", "/staff/").replace("/imports/", "/batch/")
    entity = next((name for name in world.rows if f"/{name}/" in place or f"/{name}s/" in place), "dossier")
    key, public, code = world.rows[entity] if is_foreign else (ABSENT, "0" * 8 + "-0000-7000-8000-" + "0" * 12, "H0-1")
    values: dict[str, Any] = {}
    for name in rule.arguments:
        if isinstance(rule._converters[name], IntegerConverter):
            values[name] = key
        else:
            values[name] = code if name == "code" else public or code or "nobody"
    method = next(iter(sorted({"GET", "POST"} & set(rule.methods or ()))))
    with world.app.test_request_context():
        return world.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def test_there_is_something_to_leak(world: World) -> None:
    client = client_as(world.app, "DEPARTMENT_HEAD", department_code="H19.B")

    with world.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        assert session.scalar(select(Department).where(Department.code == "H19.B")) is not None
    told = client.get(f"/admin/report/settlement.json?{PERIOD}")
    assert told.json["total"]["received"] == 1
    for entity in ("dossier", "applicant"):
        assert MARKER in client.get(f"/admin/{entity}/").text
        assert MARKER in client.get(f"/admin/{entity}/details/?id={world.rows[entity][0]}").text
