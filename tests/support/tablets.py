"""A paired tablet at a counter of a running application, and an office whose dealings end."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.rating_scale import RatingScale
from models.tablet import Tablet
from services.asks import issue_ask
from services.session import unscoped
from services.tablets import create_pairing_code
from tests.support.evaluation import Hall
from web.database import database

DEVICE = {"X-Motcua-Device": "1"}


@dataclass
class Counter3:
    """Counter 3 of the test hall: its clock, its dealings and its tablet."""

    app: Flask
    at: datetime
    sequence: int = 0
    tablet_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.app.config["CLOCK"] = lambda: self.at
        with self.hall() as hall:
            self.tablet_id = hall.make_tablet().id

    @contextmanager
    def session(self):
        """Give a session of the system that commits at the end."""
        with self.app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
            yield session
            session.commit()

    @contextmanager
    def hall(self):
        """Give the hall, made the first time."""
        with self.session() as session:
            yield Hall(session, self.at)

    def pairing_code(self) -> str:
        with self.session() as session:
            return create_pairing_code(session, tablet=session.get_one(Tablet, self.tablet_id), at=self.at)

    def pair(self) -> FlaskClient:
        """Return the client of a device that has just been paired."""
        client = self.app.test_client()
        code = self.pairing_code()
        token = client.get("/tablet/").text.split('name="csrf_token" value="')[1].split('"')[0]
        answer = client.post("/tablet/pair", data={"code": code, "csrf_token": token})
        assert answer.status_code == 303, answer.text
        return client

    def finish_dealing(self, **values: Any) -> str:
        """End a dealing of a new visit; return the token of its ask."""
        with self.hall() as hall:
            ask = issue_ask(hall.session, transaction=hall.make_dealing(at=self.at, **values), at=self.at)
            assert ask is not None
            return ask.token

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def event(self, token: str, kind: str, **facts: Any) -> dict[str, Any]:
        self.sequence += 1
        return {
            "key": f"event-{self.sequence}",
            "ask": token,
            "kind": kind,
            "at": self.at.isoformat(),
            "sequence": self.sequence,
            **facts,
        }

    def score(self, token: str, level: int = 5, rating: str = "rating-1", **facts: Any) -> dict[str, Any]:
        return self.event(
            token,
            "SCORE",
            **{"rating": rating, "scale": self.scale_id(), "level": level, "order": [1, 2, 3, 4, 5], **facts},
        )

    def scale_id(self) -> int:
        with self.session() as session:
            return session.scalars(select(RatingScale.id).where(RatingScale.is_default)).one()


def send(client: FlaskClient, *events: Any) -> list[int]:
    """Return the status of each event after sending them in one batch."""
    answer = client.post("/tablet/events", json={"events": list(events)}, headers=DEVICE)
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json["results"]]
