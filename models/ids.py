"""Identifiers made in Python, so that a row has its key before it reaches the database."""

import itertools
import os
import secrets
import time
from datetime import datetime
from uuid import UUID

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_LOW_BITS = 22
_numbers = itertools.count(secrets.randbits(_LOW_BITS))


def _begin_elsewhere() -> None:
    """Let a forked process count from a number of its own."""
    global _numbers
    _numbers = itertools.count(secrets.randbits(_LOW_BITS))


os.register_at_fork(after_in_child=_begin_elsewhere)


def ordered_id() -> int:
    """Return a 63-bit key that sorts by the time of writing: 41 bits of milliseconds since 2020, 22 that count.

    Each process counts from a random number on: random bits alone met twice among a few hundred rows of one
    transaction. The row's own times, which may lie in the past, stand in its columns.
    """
    milliseconds = time.time_ns() // 1_000_000 - _EPOCH_MS
    return (milliseconds << _LOW_BITS) | (next(_numbers) & ((1 << _LOW_BITS) - 1))


def public_id(at: datetime) -> str:
    """Return a UUID version 7 as text (RFC 9562 section 5.7): what devices and files are known by outside."""
    milliseconds = max(0, int(at.timestamp() * 1000)) & ((1 << 48) - 1)
    value = (milliseconds << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    return str(UUID(int=value))


def opaque_token() -> str:
    """Return 160 random bits as URL-safe text: a secret that carries no meaning."""
    return secrets.token_urlsafe(20)
