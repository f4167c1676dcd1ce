"""The pages that ask for a password, also in the middle of other work: sign-in, unlock, and going on afterwards."""

from flask import render_template, url_for

from services.session import acting
from services.users import has_administrator
from web import held as held_forms
from web import sessions
from web.counter_cookie import find_counter_of_computer
from web.database import database


def render_sign_in(
    *, error: str = "", notice: str = "", user_name: str = "", next_url: str = "", held: str = ""
) -> str:
    """Return the sign-in page; an empty installation says there how the first administrator is made."""
    session = database().session()
    with acting(session, sessions.system_actor("sign-in page")):
        counter = find_counter_of_computer(session)
        is_empty = not has_administrator(session)
    return render_template(
        "access/login.html",
        action=url_for("access.sign_in"),
        error=error,
        notice=notice,
        user_name=user_name,
        next_url=next_url,
        held=held,
        counter=counter,
        is_empty=is_empty,
    )


def render_unlock(*, error: str = "", next_url: str = "", held: str = "") -> str:
    """Return the page of a locked screen: one field, and the way for a colleague to take over."""
    session = database().session()
    with acting(session, sessions.system_actor("lock page")):
        counter = find_counter_of_computer(session)
    return render_template(
        "access/unlock.html",
        action=url_for("access.unlock"),
        person=sessions.current().user,
        error=error,
        next_url=next_url,
        held=held,
        counter=counter,
    )


def render_held_form(form: held_forms.HeldForm) -> str:
    """Return the page on which what was typed before the lock, or on a page grown old, is sent."""
    return render_template("access/continue.html", form=form, person=sessions.current().user)
