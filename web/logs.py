"""Structured log lines: one JSON object an event, without secrets, and nothing typed can break a line."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, has_request_context, request

logger = logging.getLogger("motcua")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of ASCII JSON: control and direction characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=str)


def describe_error(error: BaseException) -> list[str]:
    """Return where an error came from: classes and lines of code, no messages, which quote what people typed."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)[-12:]
        where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__} at {' > '.join(where)}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return lines


class _NotTwice(logging.Filter):
    """Drops Flask's own line about an error: ours has the incident number, and no path with a token in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Exception on ")


def log_event(event: str, *, level: int = logging.INFO, exc_info: BaseException | None = None, **facts: Any) -> None:
    """Write down that ``event`` happened, with the request it happened in; ``facts`` hold no personal data."""
    if has_request_context():
        facts = {
            "request_id": g.get("request_id", ""),
            "address": request.remote_addr or "",
            "method": request.method,
            # The rule, not the path: a path can hold a token.
            "route": request.url_rule.rule if request.url_rule else "",
            **facts,
        }
    logger.log(level, event, extra={"facts": facts}, exc_info=exc_info)


def init_app(app: Flask) -> None:
    """Send the log to standard error, once however many applications are made."""
    logger.setLevel(logging.INFO)
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
    logger.propagate = app.testing
    app.logger.addFilter(_NotTwice())
