"""The real server under fifty people at once, and killed while they write: what it acknowledged is there."""

import re
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.organisation import Department
from services.audit import verify_chain
from services.database import make_engine
from services.login_sessions import Limits, start_session
from services.session import unscoped
from tests.support.people import make_user, seed_hall
from tests.support.server import Server, serving, start_server

pytestmark = pytest.mark.timeout(300)

CLIENTS = 50
ROUNDS = 2
FORM = "/admin/department/new/"
ACKNOWLEDGED = 302  # the answer to a form that was stored
RESTART_SECONDS = 30


@contextmanager
def opened(url: str) -> Iterator[Session]:
    """Give a session on the server's database, committed at the end."""
    engine = make_engine(url)
    with Session(engine) as session, unscoped(session, "test"):
        yield session
        session.commit()
    engine.dispose()


@pytest.fixture
def tokens(sqlite_url: str) -> list[str]:
    """The sign-ins of fifty windows of an administrator."""
    now = datetime.now(UTC)
    with opened(sqlite_url) as session:
        seed_hall(session)
        user = make_user(session, "admin", "ADMIN", at=now)
        return [start_session(session, user=user, limits=Limits(), at=now)[1] for _client in range(CLIENTS)]


class Client:
    """One browser window: its connection and cookies, and the form it fills in."""

    def __init__(self, server: Server, token: str) -> None:
        self.connection = HTTPConnection(urlsplit(server.address).netloc, timeout=60)
        self.cookies = {"motcua": token}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self.connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(header).items()}
        return answer.status, answer.read().decode()

    def close(self) -> None:
        self.connection.close()

    def create(self, code: str) -> int:
        """Fill in the generated form for a department and send it; return the status of the answer."""
        status, page = self.ask("GET", FORM)
        if status != 200:
            return status
        hidden = {
            name: unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1])  # type: ignore[index]
            for name in ("csrf_token", "nonce")
        }
        fields = {"code": code, "name": f"Sở {code}", "kind": "DEPARTMENT", "is_active": "y"}
        return self.ask("POST", FORM, hidden | fields)[0]


def at_once(acts: Sequence[Callable[[], None]]) -> None:
    """Run ``acts`` in threads that start together, and wait for all."""
    start = threading.Barrier(len(acts))

    def _run(act: Callable[[], None]) -> None:
        start.wait(60)
        act()

    threads = [threading.Thread(target=_run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def read_back(url: str) -> tuple[Tally[str], str]:
    """Return how often each code made here is stored, and the fault of the audit chain, "" where it is whole."""
    with opened(url) as session:
        codes = session.scalars(select(Department.code).where(Department.code.startswith("N")))
        return Tally(codes), verify_chain(session).fault


def test_fifty_people_at_once_lose_nothing_and_see_no_lock(
    sqlite_url: str, tokens: list[str], tmp_path: Path
) -> None:  # fmt: skip
    answers: dict[str, int] = {}

    with serving(sqlite_url, tmp_path / "instance") as server:

        def _work(number: int) -> Callable[[], None]:
            client = Client(server, tokens[number])

            def _act() -> None:
                with closing(client):
                    for turn in range(ROUNDS):
                        code = f"N{number}-{turn}"
                        answers[code] = client.create(code)

            return _act

        at_once([_work(number) for number in range(CLIENTS)])
        said = server.log()

    assert Tally(answers.values()) == {ACKNOWLEDGED: CLIENTS * ROUNDS}
    assert read_back(sqlite_url) == (Tally(dict.fromkeys(answers, 1)), "")
    assert '"level": "error"' not in said
    assert "locked" not in said


def test_a_killed_server_loses_nothing_it_acknowledged(sqlite_url: str, tokens: list[str], tmp_path: Path) -> None:
    server = start_server(sqlite_url, tmp_path / "instance")
    writers, enough = 10, 40
    acknowledged: list[str] = []
    refused: list[int] = []

    def _write(number: int) -> Callable[[], None]:
        client = Client(server, tokens[number])

        def _act() -> None:
            for turn in range(10_000):
                try:
                    status = client.create(f"N{number}-{turn}")
                except (OSError, HTTPException):
                    client.close()  # the server is gone: nobody knows whether this one was taken
                    return
                (acknowledged if status == ACKNOWLEDGED else refused).append(f"N{number}-{turn}")  # type: ignore[arg-type]

        return _act

    def _kill() -> None:
        deadline = time.monotonic() + 120
        while len(acknowledged) < enough and time.monotonic() < deadline:
            time.sleep(0.005)
        server.kill()

    at_once([_kill, *(_write(number) for number in range(writers))])
    started = time.monotonic()
    with serving(sqlite_url, tmp_path / "instance") as again:
        seconds = time.monotonic() - started
        with closing(Client(again, tokens[0])) as client:
            assert client.create("N-after") == ACKNOWLEDGED
    stored, fault = read_back(sqlite_url)

    assert refused == []
    assert len(acknowledged) >= enough
    assert set(acknowledged) | {"N-after"} <= set(stored)
    assert set(stored.values()) == {1}
    assert len(stored) - len(acknowledged) - 1 <= writers  # at most what was on its way to each of them
    assert fault == ""
    assert seconds < RESTART_SECONDS
