"""The vocabulary of rights: everything a permission can let somebody do, in one place.

A kind of page asks for one of the ``GENERIC`` actions, a verb for an action of its own. What can be granted on an
entity is what its screen allows plus the verbs that default permissions name (``services.roles.known_actions``).
"""

from models.base import Screen, _

GENERIC = ("read", "history", "export", "create", "edit", "import", "bulk", "delete")
"""What generated screens do, in the order in which rights are shown."""

ACTIONS: dict[str, str] = {
    "read": _("Read"),
    "history": _("Read the history"),
    "export": _("Export"),
    "create": _("Add"),
    "edit": _("Change"),
    "import": _("Import"),
    "bulk": _("Act on many rows"),
    "delete": _("Delete"),
    "annul": _("Annul"),
    "answer": _("Answer"),
    "ask": _("Ask for opinions"),
    "carry": _("Hand papers over"),
    "call": _("Call visitors"),
    "confirm_late": _("Confirm late entries of others"),
    "clear_pin": _("Take PINs away"),
    "close": _("Close the day"),
    "counsel": _("Counsel"),
    "delegate": _("Delegate"),
    "end_access": _("End and return access"),
    "handle": _("Deal with it"),
    "enter_late": _("Enter what happened while the line was down"),
    "explain": _("Explain the rights of others"),
    "extend": _("Extend due times, approve further supplements"),
    "finish": _("Finish"),
    "freeze": _("Freeze figures"),
    "import_legacy": _("Import from earlier systems"),
    "pair": _("Pair"),
    "post": _("Hand results to the post"),
    "prepare": _("Prepare emergency receipts"),
    "publish": _("Publish"),
    "receive": _("Receive"),
    "refuse": _("Refuse"),
    "register": _("Register visitors"),
    "reopen": _("Reopen"),
    "reproject": _("Compute due times again"),
    "reset_password": _("Give one-time passwords"),
    "return": _("Hand results back"),
    "revoke": _("Revoke"),
    "seed": _("Fill in holidays"),
    "send": _("Send to another agency"),
    "serve": _("Serve"),
    "share": _("Share views of lists"),
    "start": _("Start and assign work"),
    "stop": _("Stop"),
    "supplement": _("Ask for supplements"),
    "take_over": _("Take over a counter"),
    "undo": _("Take back as a whole"),
    "void": _("Take receipts back"),
    "withdraw": _("Record withdrawals"),
    "write": _("Write letters"),
}
"""The label (a message id) of every action; one that is not here can be neither granted nor asked for."""

FIELD_ACTIONS = ("read", "create", "edit")
"""The actions whose permission says up to which level fields are shown or written."""


def is_offered(screen: Screen, action: str) -> bool:
    """Return whether a screen offers ``action`` at all, whoever asks: a model may exclude the generic ones."""
    if action in ("create", "edit", "delete"):
        return getattr(screen, action)
    if action == "import":
        return screen.create or screen.edit
    if action == "bulk":
        return screen.edit or screen.delete
    return True
