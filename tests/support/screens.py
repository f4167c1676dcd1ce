"""A client at a generated screen: forms sent with the token of the page, and the words of the page's main part."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

_tokens: WeakKeyDictionary[FlaskClient, str] = WeakKeyDictionary()


def words_of(answer: TestResponse) -> str:
    """Return what the main part of a page says, as one line of text."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def send(client: FlaskClient, address: str, fields: dict[str, Any]) -> TestResponse:
    """Send a form with the token that the start page gives; a client keeps it as long as it is signed in."""
    if client not in _tokens:
        _tokens[client] = re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/admin/").text)[0]
    return client.post(address, data={"csrf_token": _tokens[client], **fields})


def send_on(client: FlaskClient, page: TestResponse, action: str, **fields: Any) -> TestResponse:
    """Send the form of ``page`` whose address ends in ``action``, its hidden fields and ``fields``."""
    form = next(part for part in re.findall(r"<form.*?</form>", page.text, re.S) if f'action="{action}"' in part)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    values: MultiDict[str, Any] = MultiDict((name, unescape(value)) for name, value in hidden)
    for name, value in fields.items():
        values[name] = value
    return client.post(action, data=values)


def path_of(answer: TestResponse) -> str:
    """Return where an answer leads to."""
    return urlsplit(answer.headers["Location"]).path
