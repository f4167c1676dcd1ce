"""The transaction of a request: reading for safe methods, writing for all others, reads audited afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from services.audit import pending
from services.database import set_transaction_mode, transaction_mode

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def database() -> SQLAlchemy:
    """Return the application's database extension."""
    return current_app.extensions["sqlalchemy"]


@contextmanager
def writing_session() -> Iterator[Session]:
    """Give a session of its own in a short writing transaction, committed at the end of the block.

    For what a reading request must still write: the audit of what it showed, the renewal of its sign-in.
    """
    with transaction_mode("write"), Session(database().engine) as session:
        yield session
        session.commit()


def init_app(app: Flask) -> None:
    """Choose each request's transaction mode and write the audit of reads before the answer leaves."""

    @app.before_request
    def _choose_mode() -> None:
        set_transaction_mode("read" if request.method in SAFE_METHODS else "write")

    @app.after_request
    def _write_reads(response: Response) -> Response:
        if request.method in SAFE_METHODS:
            session = database().session()
            records = list(pending(session))
            if records:
                session.info["audit_pending"] = []
                session.rollback()
                with writing_session() as writer:
                    pending(writer).extend(records)
        return response

    @app.teardown_request
    def _reset_mode(error: BaseException | None) -> None:
        set_transaction_mode("write")
