"""The worker as a process: it says that it lives, does what waits, and takes its leave."""

from flask import Flask
from sqlalchemy import select

from models.batch import Worker
from tests.support.browser import database_of


def test_a_worker_ends_when_nothing_is_left_to_do(any_app: Flask) -> None:
    result = any_app.test_cli_runner().invoke(args=["worker", "--once"])

    assert (result.exit_code, result.output) == (0, "")
    with database_of(any_app) as session:
        assert session.scalars(select(Worker)).all() == []
