"""Who may sign in and what they may do: users, roles and permissions as data, and sessions on the server."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import append_only, searchable
from models.organisation import Counter, Department
from models.search import Searchable
from models.staff import Staff
from models.text import normalise


class Scope(Choice):
    """How far a permission reaches, as it is stored and shown."""

    OWN = "OWN", _("Own rows")
    COUNTER = "COUNTER", _("Own counter")
    DEPARTMENT = "DEPARTMENT", _("Own department")
    TREE = "TREE", _("Department with those below it")
    ALL = "ALL", _("Everything")

    @property
    def scope_level(self) -> ScopeLevel:
        return ScopeLevel[self.value]


def normalise_user_name(text: str) -> str:
    """Return the one form in which a user name is stored and compared: NFC, case folded, no blanks around."""
    return normalise(text).casefold()


class User(Searchable, SoftDeleted, Versioned, Base):
    """A login. Its roles say what it may do; its person and department say on which rows."""

    __tablename__ = "user_account"
    __screen__: ClassVar = Screen(
        title=_("Users"),
        singular=_("User"),
        group=_("Access"),
        icon="person-badge",
        order="user_name",
        grants={"ADMIN": grant("manage reset_password end_access explain", level=1), "AUDITOR": grant("oversee")},
        scopes={ScopeLevel.OWN: lambda m, a: m.id == a.user_id},
    )

    id: Mapped[Key]
    user_name: Mapped[str] = mapped_column(
        String(60),
        unique=True,
        info=ui(
            _("User name"),
            list=1,
            search=True,
            create_only=True,
            example="khai.ntm",
            help=_("Small letters, digits, dot and hyphen; compared without case."),
        ),
    )
    display_name: Mapped[str] = mapped_column(String(120), info=ui(_("Name"), list=2, search=True))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), unique=True)
    staff: Mapped[Staff | None] = relationship(info=ui(_("Staff member"), list=3))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id", ondelete="RESTRICT"), index=True)
    department: Mapped[Department | None] = relationship(
        info=ui(_("Department"), list=4, filter=True, help=_("Decides which rows department permissions reach."))
    )
    roles: Mapped[list["Role"]] = relationship(secondary="user_role", info=ui(_("Roles"), list=5, level=1))
    password_hash: Mapped[str | None] = mapped_column(
        String(200), info=ui(_("Password"), secret=True, form=False, detail=False)
    )
    must_change_password: Mapped[bool] = mapped_column(
        default=True, info=ui(_("Must choose a new password"), read_only=True)
    )
    password_changed_at: Mapped[datetime | None] = mapped_column(info=ui(_("Password changed"), read_only=True))
    password_expires_at: Mapped[datetime | None] = mapped_column(
        info=ui(_("One-time password valid until"), read_only=True)
    )
    access_epoch: Mapped[int] = mapped_column(default=1)
    """Raised whenever the person's rights, password or activity change; a session of an older epoch is over."""
    language: Mapped[str] = mapped_column(String(5), default="vi", info=ui(_("Language"), form=False))
    is_active: Mapped[bool] = mapped_column(
        default=True,
        info=ui(_("Active"), list=6, filter=True, help=_("Switching it off ends the person's sessions at once.")),
    )

    @validates("user_name")
    def _store_one_form(self, key: str, value: str) -> str:
        return normalise_user_name(value)

    def __str__(self) -> str:
        return self.display_name


searchable(User)


class UserRole(Base):
    """Which user holds which role."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="RESTRICT"), primary_key=True, index=True)


class Role(Searchable, SoftDeleted, Versioned, Base):
    """A named set of permissions."""

    __tablename__ = "role"
    __screen__: ClassVar = Screen(
        title=_("Roles"),
        singular=_("Role"),
        group=_("Access"),
        icon="shield",
        order="code",
        grants={"ADMIN": grant("manage delete", level=1), "AUDITOR": grant("oversee")},
        delete=True,
        children=("permissions",),
        grid=("permissions",),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(40),
        unique=True,
        info=ui(_("Code"), list=1, search=True, create_only=True, format="code", example="ARCHIVIST"),
    )
    name: Mapped[str] = mapped_column(String(120), info=ui(_("Name"), list=2, search=True))
    description: Mapped[str | None] = mapped_column(info=ui(_("Description"), list=3, multiline=True))
    permissions: Mapped[list["Permission"]] = relationship(back_populates="role", info=ui(_("Permissions"), form=False))

    def __str__(self) -> str:
        return self.name


searchable(Role)


class Permission(Versioned, Base):
    """What one role may do with one entity: an action, the rows it reaches and the field level."""

    __tablename__ = "permission"
    __table_args__ = (
        UniqueConstraint("role_id", "entity", "action"),
        CheckConstraint("level >= 0", name="level_not_negative"),
    )
    __screen__: ClassVar = Screen(
        title=_("Permissions"),
        singular=_("Permission"),
        group=_("Access"),
        icon="key",
        order="entity",
        grants={"ADMIN": grant("manage delete"), "AUDITOR": grant("oversee")},
        delete=True,
    )

    id: Mapped[Key]
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = relationship(back_populates="permissions", info=ui(_("Role"), list=1, filter=True))
    entity: Mapped[str] = mapped_column(
        String(60), index=True, info=ui(_("Entity"), list=2, filter=True, example="dossier")
    )
    action: Mapped[str] = mapped_column(
        String(40),
        info=ui(
            _("Action"),
            list=3,
            filter=True,
            example="read",
            help=_("read, create, edit, delete, export, or a verb such as receive."),
        ),
    )
    scope: Mapped[Scope] = mapped_column(info=ui(_("Reach"), list=4, filter=True))
    level: Mapped[int] = mapped_column(default=0, info=ui(_("Field level"), list=5))

    @validates("entity", "action")
    def _store_as_code(self, key: str, value: str) -> str:
        return normalise(value).casefold()

    def __str__(self) -> str:
        return f"{self.entity}.{self.action}"


class SeededGrant(Base):
    """An (entity, action) whose default permissions were seeded: later runs leave it to whoever edits roles."""

    __tablename__ = "seeded_grant"

    entity: Mapped[str] = mapped_column(String(60), primary_key=True)
    action: Mapped[str] = mapped_column(String(40), primary_key=True)


class LoginSession(Base):
    """A sign-in, kept on the server: ending the row ends the session, whatever cookie is shown.

    ``access_epoch`` is the user's at sign-in. ``seen_at`` moves with use (coarsely), ``locked_at`` says that
    the person must give the password again before anything else is answered.
    """

    __tablename__ = "login_session"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    user: Mapped[User] = relationship()
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id", ondelete="SET NULL"), index=True)
    counter: Mapped[Counter | None] = relationship()
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    access_epoch: Mapped[int]
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id", ondelete="SET NULL"))
    """The delegation the person chose to act under; without effect once that is over."""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(60), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")


class LoginAttempt(Base):
    """One try to sign in or to take over a counter; what the brake on guessing counts.

    ``name_hash`` hides what was typed (people type passwords into the wrong box); ``device`` is the hash of the
    mark a browser keeps once this name has signed in there, "" without one.
    """

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_name_at", "name_hash", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    name_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(60))
    device: Mapped[str] = mapped_column(String(64), default="")
    succeeded: Mapped[bool]


append_only(LoginAttempt)
