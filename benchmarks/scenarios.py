"""What is measured: one request per scenario and server, and the goal it has to meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.data import RARE

LIST = "/admin/dossier/"
PEER_LIST = "/admin/peer_django/dossier/"
DEEP_PAGE = 10_000
"""Of a million dossiers, the page half way; of fewer, the one half way there."""
COMMON = "Nguyễn"
FILTER = "f.state=4&f.received_at.from=2026-06-01"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One request: its address at each server ("" where it has none), and the most it may take of another.

    goals  largest ratio allowed to another measurement of the same run, by its name: a server ("django"), or a
           scenario of our own ("list")
    """

    name: str
    own: str
    django: str = ""
    raw: str = ""
    goals: Mapping[str, float] = field(default_factory=dict)


def _search(words: str) -> tuple[str, str]:
    return f"{LIST}?q={quote(words)}", f"{PEER_LIST}?q={quote(words)}"


def _searches() -> list[Scenario]:
    spellings = {"as written": RARE, "in lower case": RARE.lower(), "without accents": "dang quynh nhu"}
    found = []
    for name, words in spellings.items():
        own, django = _search(words)
        found.append(Scenario(name=f"search, rare, {name}", own=own, django=django, goals={"django": 0.05}))
    own, django = _search(COMMON)
    return [*found, Scenario(name="search, common", own=own, django=django, goals={"django": 0.08})]


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="list", own=LIST, django=PEER_LIST, raw="/list", goals={"django": 0.35}),
    Scenario(
        name="filter",
        own=f"{LIST}?{FILTER}",
        django=f"{PEER_LIST}?state__exact=4&received_at__gte=2026-06-01+00:00:00%2B07:00",
        raw="/filter",
        goals={"django": 0.35},
    ),
    Scenario(
        name="order by code", own=f"{LIST}?order=code", django=f"{PEER_LIST}?o=1", raw="/order", goals={"django": 0.35}
    ),
    Scenario(
        name="order by due time", own=f"{LIST}?order=due_at", django=f"{PEER_LIST}?o=5", goals={"django": 0.35}
    ),
    *_searches(),
    Scenario(name="search, common, filtered", own=f"{LIST}?q={quote(COMMON)}&{FILTER}", goals={"list": 3}),
    Scenario(name="search, common, ordered", own=f"{LIST}?q={quote(COMMON)}&order=due_at", goals={"list": 3}),
    Scenario(
        name="deep page by number",
        own=f"{LIST}?page={{page}}",
        django=f"{PEER_LIST}?p={{page}}",
        goals={"django": 0.15},
    ),
    Scenario(name="deep page by link", own="next", goals={"list": 1.2}),
    Scenario(
        name="edit form",
        own=f"{LIST}edit/?id={{key}}",
        django=f"{PEER_LIST}{{key}}/change/",
        goals={"django": 0.10},
    ),
    Scenario(
        name="save", own=f"{LIST}edit/?id={{key}}", django=f"{PEER_LIST}{{key}}/change/", raw="/save?id={key}",
        goals={"django": 1.3},
    ),
)  # fmt: skip
FLAT = ("list", "filter", "order by code", "order by due time", "search, common", "edit form", "save")
FLAT_LIMIT = 1.2
"""How much longer these may take at the largest size than at the smallest."""
FLAT_RARE_LIMIT = 2.5
"""The same for a rare search, from the middle size to the largest."""
