"""Questions that a screen asks before it saves a row: what else the change would do, shown while nothing is written.

A module that knows of such an effect adds it with ``ask_before_saving``; the generated forms ask.
"""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue

Question = Callable[[Any, str], ResponseReturnValue | None]
"""Given the flushed row and where its form leads back to: a page to answer first, or None to save.

What gives a page has rolled the session back; the page's form sends the same fields again, and its own.
"""

_QUESTIONS: dict[str, Question] = {}


def ask_before_saving(entity: str, question: Question) -> None:
    """Have ``question`` asked before a row of ``entity`` (its table name) made or changed in a form is committed."""
    _QUESTIONS[entity] = question


def question_before(entity: str, row: Any, cancel_url: str) -> ResponseReturnValue | None:
    """Return the page that has to be answered before ``row`` is saved; None where there is nothing to ask."""
    question = _QUESTIONS.get(entity)
    return None if question is None else question(row, cancel_url)
