"""The export of a whole list as CSV: time to the first byte and the last, and the memory it takes."""

import http.client
import tempfile
import time
from dataclasses import dataclass

from benchmarks.data import ADMINISTRATOR
from benchmarks.measure import own_environment
from benchmarks.scenarios import LIST
from benchmarks.servers import Client, memory_mib, serving, sign_in

OWN_EXPORT = f"{LIST}export/?format=csv"


@dataclass(frozen=True, slots=True)
class Export:
    """Seconds to the first and the last byte, lines without the heading, and MiB above what the server had before."""

    first_byte_seconds: float
    seconds: float
    lines: int
    extra_mib: float


def measure_exports(url: str) -> dict[str, Export]:
    """Return the figures of our export and of the raw driver writing the same text, each by a fresh server."""
    with tempfile.TemporaryDirectory() as folder:
        with serving("app:create_app", "--factory", **own_environment(url, folder)) as (port, process_id):
            client = Client(port)
            sign_in(client, ADMINISTRATOR)
            client.get(LIST)
            own = _fetch(port, OWN_EXPORT, process_id, client.cookies)
    with serving("benchmarks.peer_raw:application", PEER_DATABASE=url) as (port, process_id):
        Client(port).get("/list")
        raw = _fetch(port, "/export", process_id, {})
    return {"own": own, "raw": raw}


def _fetch(port: int, path: str, process_id: int, headers: dict[str, str]) -> Export:
    before = memory_mib(process_id)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3600)
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"{path}: answered {response.status}")
    first, lines = 0.0, -1
    while block := response.read1(1 << 20):
        first = first or time.perf_counter() - began
        lines += block.count(b"\n")
    seconds = time.perf_counter() - began
    connection.close()
    return Export(first, seconds, lines, memory_mib(process_id) - before)
