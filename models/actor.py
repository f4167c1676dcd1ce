"""Who is acting: the facts about a person or device that decide which rows they may touch."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class ScopeLevel(enum.IntEnum):
    """How far a permission reaches; a larger one includes the smaller."""

    OWN = 1
    COUNTER = 2
    DEPARTMENT = 3
    TREE = 4
    ALL = 5


@dataclass(frozen=True, slots=True)
class Permit:
    """What one (entity, action) permission allows: the rows by scope, the fields by level."""

    scope: ScopeLevel
    level: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """The person, device or program on whose behalf a session works.

    ``system`` actors (commands, sign-in, imports) see everything and must say why in ``reason``;
    all others see what ``permits`` allows and nothing else. Who acts for somebody else (``acting_for_id``) stays the
    doer, ``user_id`` and ``staff_id``, with the other's reach: departments and, as ``served_staff_id``, own rows.
    """

    user_id: int | None = None
    staff_id: int | None = None
    counter_id: int | None = None
    site_id: int | None = None
    tablet_id: int | None = None
    department_ids: frozenset[int] = frozenset()
    tree_ids: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    permits: Mapping[tuple[str, str], Permit] = field(default_factory=dict)
    acting_for_id: int | None = None
    acting_for_staff_id: int | None = None
    acting_for_name: str = ""
    system: bool = False
    reason: str = ""
    name: str = ""
    request_id: str = ""
    address: str = ""

    @property
    def served_staff_id(self) -> int | None:
        """Whose rows are "own" ones: the person's, or those of whom the person acts for."""
        return self.staff_id if self.acting_for_id is None else self.acting_for_staff_id

    @property
    def interested_staff_ids(self) -> frozenset[int]:
        """Whose own case the actor may never look into or decide: the doer's, and of whom they act for."""
        return frozenset(key for key in (self.staff_id, self.acting_for_staff_id) if key is not None)

    def permit(self, entity: str, action: str) -> Permit | None:
        """Return what the actor may do, or None; a system actor may do everything."""
        if self.system:
            return Permit(ScopeLevel.ALL, 99)
        return self.permits.get((entity, action))

    def may(self, entity: str, action: str) -> bool:
        """Return whether the actor holds the permission on any row."""
        return self.permit(entity, action) is not None
