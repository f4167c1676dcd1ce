"""The real server in a process group of its own, as ``make serve`` starts it, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLOCK_FILE = "MOTCUA_TEST_CLOCK_FILE"
SECRET = "bốn mùa hoa nở trước sân trung tâm hành chính"


@dataclass
class Server:
    """A running server: where it is, what it serves, and the hands of its clock."""

    address: str
    database_url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def now(self) -> datetime:
        """The instant at which the server lives."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "clock").read_text()))

    def set_clock(self, at: datetime) -> None:
        """Have the server live at ``at``, and go on from there."""
        written = self.folder / "clock.new"
        written.write_text(str((at - datetime.now(UTC)).total_seconds()))
        written.replace(self.folder / "clock")

    def kill(self) -> None:
        """``kill -9`` of the server and all its workers: nothing is tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """End the server as an administrator would; what does not end in time is killed."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``flask --app app ...`` on the server's database, as its administrator would."""
        command = [sys.executable, "-m", "flask", "--app", "app", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment_of(self.database_url, self.folder), capture_output=True, text=True
        )

    def log(self) -> str:
        """Return what the server has said so far."""
        return (self.folder / "server.log").read_text()


def environment_of(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOTCUA_", "DATABASE_URL"))}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "MOTCUA_INSTANCE_PATH": str(folder),
        "MOTCUA_SECRET_KEY": SECRET,
        "COLUMNS": "200",
        **more,
    }


def free_port() -> int:
    """Return a port of this machine that nothing listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_server(database_url: str, folder: Path, *, at: datetime | None = None, threads: int = 8) -> Server:
    """Start granian on ``database_url`` and wait until it is ready; ``at`` turns its clock."""
    folder.mkdir(parents=True, exist_ok=True)
    address = f"http://127.0.0.1:{free_port()}"
    lead = (at - datetime.now(UTC)).total_seconds() if at else 0.0
    (folder / "clock").write_text(str(lead))
    environment = environment_of(
        database_url, folder, MOTCUA_BASE_URL=address, **{CLOCK_FILE: str(folder / "clock")}
    )  # fmt: skip
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--no-access-log"]
    command += ["--blocking-threads", str(threads), "--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--factory", "tests.support.served:create"],
            cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    server = Server(address, database_url, folder, process)
    try:
        _wait_until_ready(server)
    except BaseException:
        server.kill()
        raise
    return server


def _wait_until_ready(server: Server, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.address}/readyz", timeout=5) as answer:  # noqa: S310 -- our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not become ready:\n{server.log()}")


@contextmanager
def serving(
    database_url: str, folder: Path, *, at: datetime | None = None, threads: int = 8
) -> Iterator[Server]:  # fmt: skip
    """Give a running server, ended at the end."""
    server = start_server(database_url, folder, at=at, threads=threads)
    try:
        yield server
    finally:
        server.stop()
