"""What a machine may lack: said loudly where somebody works, and no excuse where changes are judged."""

import os
from typing import NoReturn

import pytest


def miss(reason: str) -> NoReturn:
    """Skip the test, saying why; fail it where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
