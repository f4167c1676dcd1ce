"""Papers for the narrow roll of a counter printer (80 mm): as long as what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.text import normalise
from services.slips.typesetting import Form, Letterhead, compile_pdf, head_values


@dataclass(frozen=True, kw_only=True, slots=True)
class RollFacts(Letterhead):
    """What a roll prints, from above: heading, what matters most, labelled values, items, and a last line.

    main    the one thing the citizen must find: label and value
    items   name and number or amount of each
    """

    form: Form
    heading: str
    issued_at: datetime
    main: tuple[str, str] = ("", "")
    rows: Sequence[tuple[str, str]] = ()
    items_title: str = ""
    items: Sequence[tuple[str, str]] = ()
    last: str = ""


def render_roll(facts: RollFacts) -> bytes:
    """Return the paper as a PDF/A-2a file, 80 mm wide."""
    return compile_pdf(
        "roll.typ",
        {
            **head_values(facts, facts.form, facts.heading, facts.issued_at),
            "paper": "roll",
            "heading": facts.heading.upper(),
            "main": [normalise(part) for part in facts.main],
            "rows": [[normalise(label), normalise(value)] for label, value in facts.rows if value],
            "items_title": facts.items_title,
            "items": [[normalise(name), normalise(value)] for name, value in facts.items],
            "last": normalise(facts.last),
        },
    )
