"""A test client that behaves like a browser: it sends the token of the page it is on, and has a clock to turn."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from services.session import unscoped
from tests.support.people import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Clock:
    """The time an application lives in."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> datetime:
        """Let time pass: ``forward(minutes=5)``."""
        self.now += timedelta(**parts)
        return self.now


def set_clock(app: Flask, now: datetime) -> Clock:
    """Have ``app`` live at ``now``; give the hand."""
    clock = Clock(now)
    app.config["CLOCK"] = clock
    return clock


@contextmanager
def database_of(app: Flask) -> Iterator[Session]:
    """Give a session of a system actor on the application's database, committed at the end."""
    with app.app_context(), Session(app.extensions["sqlalchemy"].engine) as session, unscoped(session, "test"):
        yield session
        session.commit()


class Browser:
    """One browser of one person, at one address; ``page`` is the last answer."""

    def __init__(self, app: Flask, address: str = "10.1.1.1") -> None:
        self.client = app.test_client()
        self.address = address
        self.page: TestResponse | None = None
        self.token = ""

    def get(self, url: str, **options: Any) -> TestResponse:
        return self._keep(self.client.get(url, environ_base={"REMOTE_ADDR": self.address}, **options))

    def post(self, url: str, *, with_token: bool = True, **fields: Any) -> TestResponse:
        """Send a form; the token is that of the last page that had one."""
        headers = fields.pop("headers", None)
        if with_token:
            fields["csrf_token"] = self.token
        answer = self.client.post(url, data=fields, headers=headers, environ_base={"REMOTE_ADDR": self.address})
        return self._keep(answer)

    def sign_in(self, user_name: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", user_name=user_name, password=password, **fields)
        if answer.status_code == 303:
            self.get("/account")  # a page with the new token
        return answer

    def cookie(self, name: str = "motcua") -> str:
        found = self.client.get_cookie(name)
        return found.value if found is not None else ""

    def _keep(self, answer: TestResponse) -> TestResponse:
        self.page = answer
        found = _TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        if found:
            self.token = found.group(1)
        return answer
