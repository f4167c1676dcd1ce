"""Many users at once: pasted lines read, checked as a whole, and made in one transaction with one-time passwords."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.base import _
from models.organisation import Department
from models.staff import Staff
from models.text import fold, normalise
from services.errors import UserError
from services.explanations import Reason
from services.session import require, unscoped
from services.users import OneTimePassword, create_user

MOST = 200
COLUMNS = ("name", "badge", "department", "roles", "user_name")
_HEADINGS = {"name", "full name", "ho ten", "ho va ten", "ten"}


class DraftsNotValidError(UserError):
    """Nothing was made, because some lines are wrong."""

    message = _("Some lines are not right yet. Mend what is marked and check again; nobody was added.")


class TooManyLinesError(UserError):
    """More than one sheet of passwords can be handed out."""

    message = _("At most %(most)s people are added at once. Split the list.")


@dataclass(slots=True)
class Draft:
    """One line of the list: what it says, what was found for it, and what is wrong with it."""

    line: int
    name: str
    badge: str
    department: str
    roles: str
    user_name: str
    staff: Staff | None = None
    unit: Department | None = None
    role_codes: list[str] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)


def read_lines(text: str) -> list[Draft]:
    """Return the lines of a pasted table: name, badge, department, roles, user name, with tabs, semicolons or commas.

    A heading and empty lines are left out. Raises: TooManyLinesError.
    """
    drafts = []
    for number, line in enumerate(text.replace("\0", "").splitlines(), 1):
        mark = "\t" if "\t" in line else ";" if ";" in line else "|" if "|" in line else ","
        cells = [normalise(cell) for cell in line.split(mark)]
        if any(cells) and fold(cells[0]) not in _HEADINGS:
            name, badge, department, roles, user_name = [cell[:200] for cell in [*cells, "", "", "", "", ""][:5]]
            drafts.append(Draft(number, name, badge, department, roles, user_name))
    if len(drafts) > MOST:
        raise TooManyLinesError(most=MOST)
    return drafts


def check_drafts(session: Session, drafts: Sequence[Draft], *, role_names: Mapping[str, str]) -> bool:
    """Find department, staff and roles of each draft, give names to sign in with; return whether all are right.

    role_names  codes of roles by what people call them, folded, beside the codes and stored names
    """
    with unscoped(session, "check of many users"):
        units = list(session.scalars(select(Department)))
        known_units = {fold(unit.name): unit for unit in units} | {fold(unit.code): unit for unit in units}
        roles = {**role_names}
        for code, name in session.execute(select(Role.code, Role.name)):
            roles |= {fold(code): code, fold(name): code}
        badges = [draft.badge for draft in drafts if draft.badge]
        staff = {one.badge_number: one for one in session.scalars(select(Staff).where(Staff.badge_number.in_(badges)))}
        with_user = set(session.scalars(select(User.staff_id).where(User.staff_id.in_([s.id for s in staff.values()]))))
        taken = set(session.scalars(select(User.user_name)))
    seen: set[str] = set()
    for draft in drafts:
        draft.staff, draft.unit = staff.get(draft.badge), known_units.get(fold(draft.department))
        _check_person(draft, seen, is_taken=draft.staff is not None and draft.staff.id in with_user)
        _check_roles(draft, roles)
        _give_name(draft, taken)
    return not any(draft.problems for draft in drafts)


def _check_person(draft: Draft, seen: set[str], *, is_taken: bool) -> None:
    if not draft.name:
        draft.problems.append(Reason(_("The name is missing.")))
    if draft.badge and draft.badge in seen:
        draft.problems.append(Reason(_("Badge %(badge)s stands in two lines."), {"badge": draft.badge}))
    seen.add(draft.badge)
    if is_taken:
        draft.problems.append(Reason(_("Badge %(badge)s has a user already."), {"badge": draft.badge}))
    if draft.department and draft.unit is None:
        draft.problems.append(Reason(_("There is no department %(name)s."), {"name": draft.department}))
    if draft.badge and draft.staff is None and draft.unit is None and not draft.department:
        draft.problems.append(Reason(_("Somebody new with a badge needs a department.")))


def _check_roles(draft: Draft, known: Mapping[str, str]) -> None:
    asked = [part for part in (normalise(text) for text in re.split(r"[,;+/|]", draft.roles)) if part]
    draft.role_codes = [known[fold(text)] for text in asked if fold(text) in known]
    draft.problems += [
        Reason(_("There is no role %(name)s."), {"name": text}) for text in asked if fold(text) not in known
    ]
    if not asked:
        draft.problems.append(Reason(_("A role is missing.")))


def _give_name(draft: Draft, taken: set[str]) -> None:
    """Give a name to sign in with: as asked, or made from the person's name, told apart by a number."""
    if draft.user_name:
        if draft.user_name.casefold() in taken:
            draft.problems.append(Reason(_("The user name %(name)s is taken."), {"name": draft.user_name}))
    else:
        made = base = propose_user_name(draft.name)
        number = 2
        while made in taken:
            made, number = f"{base}{number}", number + 1
        draft.user_name = made
    taken.add(draft.user_name.casefold())


def propose_user_name(full_name: str) -> str:
    """Return the usual user name of a person: ``Nguyễn Thị Minh Khai`` becomes ``khai.ntm``."""
    words = re.findall(r"[a-z0-9]+", fold(full_name)) or ["user"]
    name = f"{words[-1]}.{''.join(word[0] for word in words[:-1])}".strip(".")
    return name if len(name) >= 3 else f"{name}.user"


def create_users(session: Session, drafts: Sequence[Draft], *, at: datetime) -> list[OneTimePassword]:
    """Make a user for each checked draft, and the staff record of a badge that is new.

    Raises: DraftsNotValidError where any is wrong; DeniedError; what ``create_user`` raises.
    """
    require(session, "user_account", "create")
    if not drafts or any(draft.problems for draft in drafts):
        raise DraftsNotValidError
    given = []
    for draft in drafts:
        staff = draft.staff
        if staff is None and draft.badge:
            require(session, "staff", "create")
            staff = Staff(badge_number=draft.badge, full_name=draft.name, department=draft.unit)
            session.add(staff)
            session.flush()
            require(session, "staff", "create", staff)
        given.append(
            create_user(
                session,
                user_name=draft.user_name,
                roles=draft.role_codes,
                display_name=draft.name,
                staff=staff,
                department=draft.unit,
                at=at,
            )
        )
        require(session, "user_account", "create", given[-1].user)
    return given
