"""Errors that a person can mend, and the one that says no."""

from typing import Any, ClassVar

from models.base import _


class UserError(Exception):
    """Something a person can put right; ``message`` is a message id that says what to do next.

    Raise a subclass with the values of the message by keyword; the edge translates it and answers ``status``.
    """

    message: ClassVar[str] = _("This cannot be done as entered. Check the form and try again.")
    status: ClassVar[int] = 422

    def __init__(self, **values: Any) -> None:
        super().__init__(self.message % values if values else self.message)
        self.values = values

    @property
    def message_id(self) -> str:
        """The untranslated message."""
        return self.message


class ConflictError(UserError):
    """The row is no longer as the person saw it, or the request was already carried out differently."""

    message = _("Somebody else changed this meanwhile. Look at it again before you go on.")
    status = 409


class DeniedError(Exception):
    """The actor lacks a right; answered like an address that one may not open."""

    def __init__(self, entity: str, action: str) -> None:
        super().__init__(f"{action} {entity}")
        self.entity = entity
        self.action = action
