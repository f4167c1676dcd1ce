"""What the frame around every office page is given: the menu and the person in front of it.

``layouts/office.html`` reads ``menu: Sequence[MenuGroup]``, ``viewer: Viewer | None`` and ``search_url: str``
(the address the search box in the top bar asks with ``?q=``; empty where the person may search nothing).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MenuEntry:
    label: str
    url: str
    icon: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class MenuGroup:
    label: str
    entries: Sequence[MenuEntry]


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """The signed-in person; addresses that do not apply to them are empty."""

    name: str
    roles: Sequence[str] = ()
    counter: str = ""
    sign_out_url: str
    account_url: str = ""
    counter_url: str = ""
    is_training: bool = False
