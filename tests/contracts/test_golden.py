"""What screens show to whom, as one readable file: a change of a model shows up in review as what it means.

``make golden`` writes the file again after a wanted change.
"""

import json
import os
from pathlib import Path
from typing import Any

from models import screens
from models.base import Base, Grant
from models.describe import attributes, screen_of

GOLDEN = Path(__file__).parents[1] / "golden" / "screens.json"


def described(model: type[Base]) -> dict[str, Any]:
    screen = screen_of(model)
    fields = attributes(model)
    listed = sorted(
        (key for key, a in fields.items() if a.field.list is not None), key=lambda k: fields[k].field.list or 0
    )
    return {
        "title": screen.title,
        "acts": [act for act in ("create", "edit", "delete") if getattr(screen, act)],
        "list": listed,
        "orders": [screen.order, *screen.orders],
        "filters": [key for key, a in fields.items() if a.field.filter],
        "search": [key for key, a in fields.items() if a.field.search],
        "personal": [key for key, a in fields.items() if a.field.personal],
        "needs a level": {key: a.field.level for key, a in fields.items() if a.field.level},
        "secret": [key for key, a in fields.items() if a.field.secret],
        "roles": {role: granted(grants) for role, grants in sorted(screen.grants.items())},
    }


def granted(grants: Grant | tuple[Grant, ...]) -> list[str]:
    several = (grants,) if isinstance(grants, Grant) else grants
    return [f"{' '.join(grant.actions)} · {grant.scope.name.lower()} · level {grant.level}" for grant in several]


def test_screens_are_as_agreed() -> None:
    found = {model.__tablename__: described(model) for model in screens()}
    if os.environ.get("MOTCUA_GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")

    assert found == json.loads(GOLDEN.read_text()), "if the change is wanted, run `make golden` and read the difference"
