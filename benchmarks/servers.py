"""The three servers of a measurement, each one process with one worker, and a client that speaks to one of them."""

import html
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.data import PASSWORD

ROOT = Path(__file__).parents[1]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, body, address it leads on to, and the milliseconds until its last byte."""

    status: int
    body: str
    location: str
    milliseconds: float


class Client:
    """One person's browser without the pictures: a connection that is kept open, and cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection: http.client.HTTPConnection | None = None
        self._cookies: dict[str, str] = {}

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    @property
    def cookies(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, values: dict[str, str]) -> Answer:
        return self._send("POST", path, urlencode(values))

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = self.cookies | ({"Content-Type": FORM} if body is not None else {})
        headers |= {"Origin": f"http://127.0.0.1:{self.port}", "Referer": f"http://127.0.0.1:{self.port}{path}"}
        began = time.perf_counter()
        try:
            response, content = self._exchange(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection = None  # the server closes what was idle for long
            began = time.perf_counter()
            response, content = self._exchange(method, path, body, headers)
        milliseconds = (time.perf_counter() - began) * 1000
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        location = response.getheader("Location") or ""
        return Answer(response.status, content.decode(errors="replace"), location, milliseconds)

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = self._open()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read()


def form_values(page: str, address: str) -> dict[str, str]:
    """Return the values of the form in ``page`` that posts to ``address`` ("" for the largest), as a browser sends."""
    forms = re.findall(r'<form[^>]*method="?post.*?</form>', page, re.S | re.I)
    largest = max(forms, key=len)
    form = next((found for found in forms if address and address in found.partition(">")[0]), largest)
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form, re.S):
        name, value, kind = (_attribute(tag, key) for key in ("name", "value", "type"))
        if name and kind not in ("submit", "file") and (kind not in ("checkbox", "radio") or " checked" in tag):
            values[name] = value or ("on" if kind == "checkbox" else "")
    for name, text in re.findall(r'<textarea[^>]*?name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        values[name] = html.unescape(text).removeprefix("\r\n").removeprefix("\n")
    for name, options in re.findall(r'<select[^>]*?name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = [tag for tag in re.findall(r"<option[^>]*>", options) if " selected" in tag]
        if chosen:
            values[name] = _attribute(chosen[0], "value")
    return values


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag, re.S)
    return html.unescape(found[1]) if found else ""


def sign_in(client: Client, name: str) -> None:
    """Sign in to Motcua; leave the sign-in of the peer to ``sign_in_django``."""
    page = client.get("/login")
    values = form_values(page.body, "/login") | {"user_name": name, "password": PASSWORD}
    values.pop("open_counter", None)
    answer = client.post("/login", values)
    if answer.status != 303:
        raise SystemExit(f"{name} could not sign in: {answer.status}")


def sign_in_django(client: Client) -> None:
    """Sign in to Django's admin."""
    page = client.get("/admin/login/")
    token = form_values(page.body, "/admin/login/")["csrfmiddlewaretoken"]
    values = {"username": "bench", "password": "bench", "csrfmiddlewaretoken": token, "next": "/admin/"}
    answer = client.post("/admin/login/", values)
    if answer.status != 302:
        raise SystemExit(f"Django refused the sign-in: {answer.status}")


@contextmanager
def serving(target: str, *arguments: str, **environment: str) -> Iterator[tuple[int, int]]:
    """Serve ``target`` by granian while the block runs; give port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "2", "--no-access-log", "--log-level", "error", *arguments, target,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)  # noqa: S603 -- our own servers
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"a server ended with {process.returncode}") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit("a server did not come up")


def memory_mib(process_id: int) -> float:
    """Return the largest resident memory, in MiB, that the processes below ``process_id`` have had."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    peaks = [0.0]
    for child in (str(process_id), *children):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
        peaks.append(int(found[1]) / 1024 if found else 0.0)
    return max(peaks)
