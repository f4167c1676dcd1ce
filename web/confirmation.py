"""Asking for a password and comparing it without a transaction open: the three steps of signing in, at the edge."""

from flask import request
from flask_babel import format_time, gettext
from sqlalchemy.orm import Session

from services.database import transaction_mode
from services.session import acting
from services.sign_in import (
    Candidate,
    PasswordWrongError,
    SignIn,
    SignInBrakedError,
    SignInRefusedError,
    complete_sign_in,
    prepare_sign_in,
)
from web import sessions
from web.clock import request_time
from web.counter_cookie import device_mark
from web.database import database
from web.logs import log_event


def check_password_of(user_name: str, password: str, *, device: str) -> SignIn:
    """Return how a try with name and password ended; it is committed, for the brake counts it.

    Whatever the request had begun is given back first: hashing takes long, and others want to write.
    """
    session = database().session()
    session.rollback()
    candidate = _prepare(user_name)
    if candidate.retry_at is not None:
        log_event("sign_in_braked", user_id=candidate.user_id)
        return SignIn(retry_at=candidate.retry_at)
    verdict = candidate.verify(password)
    with acting(session, sessions.system_actor("sign-in"), at=request_time()):
        result = complete_sign_in(session, candidate, verdict, device=device, at=request_time())
        session.commit()
        if result.user is not None:
            session.refresh(result.user)
    event = "sign_in" if result.user else "sign_in_braked" if result.retry_at else "sign_in_refused"
    log_event(event, user_id=candidate.user_id)
    return result


def _prepare(user_name: str) -> Candidate:
    with transaction_mode("read"), Session(database().engine) as reader:
        with acting(reader, sessions.system_actor("sign-in")):
            return prepare_sign_in(
                reader,
                user_name=user_name,
                address=request.remote_addr or "",
                device=device_mark(),
                at=request_time(),
            )


def explain_refusal(result: SignIn, *, is_known: bool = False) -> tuple[str, int, dict[str, str]]:
    """Return what to tell somebody who was refused: text, status and headers; ``is_known``: the name was given."""
    if result.retry_at is None:
        error = PasswordWrongError if is_known else SignInRefusedError
        return gettext(error.message), error.status, {}
    seconds = max(1, round((result.retry_at - request_time()).total_seconds()))
    time = format_time(result.retry_at, "HH:mm:ss")
    return gettext(SignInBrakedError.message, time=time), SignInBrakedError.status, {"Retry-After": str(seconds)}
