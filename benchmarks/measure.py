"""One run over one database: every server gets every request in turn, round after round; medians are kept."""

import re
import secrets
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.data import ADMINISTRATOR, CLERK
from benchmarks.scenarios import LIST, SCENARIOS, Scenario
from benchmarks.servers import Answer, Client, form_values, serving, sign_in, sign_in_django

SLOW_MILLISECONDS = 400
"""What takes longer is asked in every third round only."""
Request = Callable[[], Answer]


@dataclass(slots=True)
class Result:
    """Medians in milliseconds by scenario and server, sizes of pages in KiB, and the figures of the export."""

    milliseconds: dict[tuple[str, str], float] = field(default_factory=dict)
    kibibytes: dict[str, float] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)


def own_environment(url: str, folder: str) -> dict[str, str]:
    """Return the settings under which Motcua is measured: as in production, on loopback."""
    return {
        "DATABASE_URL": url,
        "MOTCUA_ENVIRONMENT": "production",
        "MOTCUA_SECRET_KEY": secrets.token_hex(32),
        "MOTCUA_INSTANCE_PATH": folder,
        "MOTCUA_BASE_URL": "http://127.0.0.1",
        "MOTCUA_IDLE_MINUTES": "120",
    }


@contextmanager
def people(url: str) -> Iterator[dict[str, Client]]:
    """Start the servers over the database at ``url``; give whoever asks, signed in, by name."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        own, _ = stack.enter_context(serving("app:create_app", "--factory", **own_environment(url, folder)))
        peer = {"PEER_DATABASE": url}
        django, _ = stack.enter_context(serving("benchmarks.peer_django.site:application", **peer))
        raw, _ = stack.enter_context(serving("benchmarks.peer_raw:application", **peer))
        found = {"administrator": Client(own), "clerk": Client(own), "django": Client(django), "raw": Client(raw)}
        sign_in(found["administrator"], ADMINISTRATOR)
        sign_in(found["clerk"], CLERK)
        sign_in_django(found["django"])
        yield found


def measure(url: str, *, rounds: int, keys: dict[str, int]) -> Result:
    """Return the medians over ``rounds``; ``keys`` are the dossiers that are edited, by whoever edits."""
    result = Result()
    with people(url) as clients:
        for scenario in SCENARIOS:
            wanted = {name: _request(scenario, name, client, keys) for name, client in clients.items()}
            requests = {name: request for name, request in wanted.items() if request is not None}
            for name, request in requests.items():  # once to warm up, and to look at what comes back
                answer = _checked(request(), scenario, name)
                result.rows[scenario.name, name] = _rows(answer)
                if name in ("administrator", "django") and answer.status == 200:
                    result.kibibytes.setdefault(f"{scenario.name}, {name}", len(answer.body.encode()) / 1024)
            times = _rounds(requests, rounds)
            result.milliseconds |= {(scenario.name, name): statistics.median(taken) for name, taken in times.items()}
    return result


def _rounds(requests: dict[str, Request], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in requests}
    names = list(requests)
    for number in range(rounds):
        for place in range(len(names)):
            name = names[(place + number) % len(names)]
            taken = times[name]
            if taken and taken[-1] > SLOW_MILLISECONDS and number % 3:
                continue
            taken.append(requests[name]().milliseconds)
    return times


def _request(scenario: Scenario, name: str, client: Client, keys: dict[str, int]) -> Request | None:
    address = {"django": scenario.django, "raw": scenario.raw}.get(name, scenario.own)
    if not address or (name == "clerk" and not scenario.goals.get("django", 0)):
        return None
    address = address.replace("{key}", str(keys[name])).replace("{page}", str(keys["page"]))
    if scenario.name == "save" and name != "raw":
        return _save(client, address)
    if scenario.own == "next" and name == "administrator":
        return _next_page(client, keys["page"])
    return lambda: client.get(address)


def _save(client: Client, address: str) -> Request:
    """Return a request that opens the form and saves it with another note; only the save counts."""

    def save() -> Answer:
        values = form_values(client.get(address).body, "")
        return client.post(address, values | {"note": secrets.token_hex(8)})

    return save


def _next_page(client: Client, number: int) -> Request:
    """Return a request for the page that the link of page ``number`` leads to."""
    page = client.get(f"{LIST}?page={number}").body
    link = re.search(r'href="([^"]*)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*)"', page)
    if link is None:
        raise SystemExit("the page leads to no other")
    address = (link[1] or link[2]).replace("&amp;", "&")
    return lambda: client.get(address)


def _checked(answer: Answer, scenario: Scenario, name: str) -> Answer:
    wanted = (302, 303) if scenario.name == "save" else (200,)
    if answer.status not in wanted:
        raise SystemExit(f"{scenario.name}, {name}: answered {answer.status}\n{answer.body[:2000]}")
    return answer


def _rows(answer: Answer) -> int:
    """Return how many rows a list shows."""
    body = answer.body.partition("<tbody")[2].partition("</tbody>")[0]
    return len(re.findall(r"<tr[\s>]", body or answer.body))
