"""The small centre behind a running application, for tests of the counter's and the specialists' pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from models.access import User
from models.base import Base
from models.dossier import Dossier
from models.staff import CounterSession
from tests.support.browser import Browser, Clock, database_of, set_clock
from tests.support.centre import Centre
from tests.support.clients import sign_in


@dataclass
class Hall:
    """An application with a centre inside, its clock, and the keys that tests need."""

    app: Flask
    clock: Clock
    users: dict[str, int]
    counter_id: int
    licence_id: int
    case_id: int
    paper_id: int
    fee_id: int

    def browser(self, name: str, *, at_counter: bool = True) -> Browser:
        """Return a browser of somebody who is signed in, at the first counter unless said otherwise."""
        browser = Browser(self.app, address="127.0.0.1")
        browser.client = sign_in(self.app, self.users[name], counter_id=self.counter_id if at_counter else None)
        browser.get("/account")
        return browser

    def form(self, **changes: str) -> dict[str, str]:
        """Return a complete intake as the form sends it."""
        return {
            "nonce": "n1",
            "procedure": str(self.licence_id),
            "case_id": str(self.case_id),
            "channel": "COUNTER",
            "return_method": "COUNTER",
            "kind": "CITIZEN",
            "id_number": "075190000123",
            "full_name": "Nguyễn Thị Minh Khai",
            "phone": "0912 345 678",
            f"paper-{self.paper_id}": "1",
            f"original-{self.paper_id}": "1",
            f"fee-{self.fee_id}": "1",
            "act": "receive",
            **changes,
        }

    def all(self, model: type[Base]) -> list[Any]:
        """Return every row of ``model``, detached."""
        with database_of(self.app) as session:
            session.expire_on_commit = False
            return list(session.scalars(select(model)))

    def only_dossier(self) -> Dossier:
        (dossier,) = self.all(Dossier)
        return dossier


def make_hall(app: Flask, now: datetime) -> Hall:
    """Fill the application's database with a centre."""
    clock = set_clock(app, now)
    with database_of(app) as session:
        centre = Centre(session, now)
        session.add(CounterSession(counter=centre.counter, staff=centre.clerk.staff, started_at=now, recorded_at=now))
        version = centre.licence.current_version
        assert version is not None
        users: dict[str, User] = {
            "clerk": centre.clerk, "officer": centre.officer, "head": centre.head, "stranger": centre.stranger,
        }  # fmt: skip
        session.flush()
        return Hall(
            app=app,
            clock=clock,
            users={name: user.id for name, user in users.items()},
            counter_id=centre.counter.id,
            licence_id=centre.licence.id,
            case_id=version.cases[0].id,
            paper_id=version.cases[0].documents[0].id,
            fee_id=version.methods[0].fees[0].id,
        )
