"""The instant of a request: one for all that happens in it, and a hand to turn in tests."""

from datetime import UTC, datetime

from flask import current_app, g


def request_time() -> datetime:
    """Return the aware UTC instant at which this request is answered, the same each time it is asked.

    ``app.config["CLOCK"]`` may hold another clock: a function without arguments.
    """
    if "time" not in g:
        clock = current_app.config.get("CLOCK")
        g.time = clock() if clock is not None else datetime.now(UTC)
    return g.time
