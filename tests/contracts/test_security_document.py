"""docs/security.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_named_in_the_security_document_is_there() -> None:
    missing = []
    for row in (ROOT / "docs/security.md").read_text().splitlines():
        path = ""
        for named in re.findall(r"`((?:tests/[\w/]+\.py)?(?:::\w+)?)`", row):
            path, _, name = named.partition("::") if named.startswith("tests") else (path, "", named[2:])
            file = ROOT / path
            if not file.is_file() or (name and f"def {name}(" not in file.read_text()):
                missing.append(named)

    assert missing == []
