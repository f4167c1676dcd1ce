"""The life of a dossier: its closed lists of codes and the one table of what may follow what."""

from collections.abc import Mapping

from models.base import Choice, _


class DossierState(Choice):
    """Business state by the national code list, as the National Portal exchanges it (domain.md 2.3)."""

    NEW = "1", _("Newly submitted")
    ACCEPTED = "2", _("Accepted")
    REFUSED = "3", _("Not accepted")
    PROCESSING = "4", _("In process")
    SUPPLEMENT = "5", _("Supplement required")
    PAYMENT = "6", _("Payment obligation pending")
    WITHDRAWAL = "7", _("Withdrawal requested")
    STOPPED = "8", _("Stopped")
    DECIDED = "9", _("Processed")
    RETURNED = "10", _("Result returned")

    @property
    def tone(self) -> str:
        """Green is done, amber waits for the applicant, blue is under way."""
        return _STATE_TONES.get(self.value, "")


_STATE_TONES = {
    **dict.fromkeys(("1", "2", "4"), "info"),
    **dict.fromkeys(("5", "6", "7"), "warning"),
    **dict.fromkeys(("9", "10"), "success"),
}


class Channel(Choice):
    """How the dossier came in."""

    COUNTER = "COUNTER", _("At the counter")
    ONLINE = "ONLINE", _("Online")
    POST = "POST", _("By public post")


class ReturnMethod(Choice):
    """How the applicant wants the result."""

    COUNTER = "COUNTER", _("Collected at the counter")
    POST = "POST", _("Sent to the address by public post")
    ONLINE = "ONLINE", _("Electronic result")


class DeliveryState(Choice):
    """Where the result is on its way to the applicant; beside the business state."""

    NOT_READY = "NOT_READY", _("No result yet")
    READY = "READY", _("Ready for collection")
    IN_POST = "IN_POST", _("Handed to the post")
    DELIVERED = "DELIVERED", _("Delivered")


class RuleSet(Choice):
    """Which texts a dossier lives under, by its intake date (domain.md 2.1)."""

    BEFORE_2018 = "BEFORE_2018", _("Before Decree 61/2018")
    DECREE_61 = "2018", _("Decree 61/2018")
    DECREE_118 = "2025", _("Decree 118/2025")


class ApplicantKind(Choice):
    """Whom the dossier concerns."""

    CITIZEN = "CITIZEN", _("Citizen")
    ENTERPRISE = "ENTERPRISE", _("Enterprise")
    ORGANISATION = "ORGANISATION", _("Organisation")


class ProofKind(Choice):
    """What shows that somebody may hand a dossier in for the applicant."""

    MESSENGER = "MESSENGER", _("Only brings it, no proof needed")
    AUTHORISATION = "AUTHORISATION", _("Letter of authorisation")
    INTRODUCTION = "INTRODUCTION", _("Letter of introduction")
    CONTRACT = "CONTRACT", _("Service contract")
    FAMILY = "FAMILY", _("Proof of kinship")
    GUARDIAN = "GUARDIAN", _("Decision on guardianship")

    @property
    def has_number(self) -> bool:
        """Whether the proof is a document that has a number."""
        return self is not ProofKind.MESSENGER


class ResultKind(Choice):
    """Approval and refusal on the merits both end in state 9."""

    GRANTED = "GRANTED", _("Granted")
    REFUSED_ON_MERITS = "REFUSED_ON_MERITS", _("Refused with reasons")


class EventKind(Choice):
    """What happened to a dossier; one event per verb."""

    SUBMITTED = "SUBMITTED", _("Submitted online")
    RECEIVED = "RECEIVED", _("Dossier received")
    REFUSED = "REFUSED", _("Refused at intake")
    STARTED = "STARTED", _("Work started")
    ASSIGNED = "ASSIGNED", _("Given to a person")
    STEP_TAKEN = "STEP_TAKEN", _("Passed on to the next step")
    TRANSFER_SENT = "TRANSFER_SENT", _("Sent to another agency")
    TRANSFER_ACKNOWLEDGED = "TRANSFER_ACKNOWLEDGED", _("Receipt confirmed by that agency")
    TRANSFER_RETURNED = "TRANSFER_RETURNED", _("Came back from that agency")
    OPINION_ASKED = "OPINION_ASKED", _("Opinion asked")
    OPINION_ANSWERED = "OPINION_ANSWERED", _("Opinion given")
    OPINION_WITHDRAWN = "OPINION_WITHDRAWN", _("Opinion no longer needed")
    SUPPLEMENT_ASKED = "SUPPLEMENT_ASKED", _("Supplement requested")
    SUPPLEMENT_RECEIVED = "SUPPLEMENT_RECEIVED", _("Supplement received")
    PAYMENT_ASKED = "PAYMENT_ASKED", _("Payment requested")
    PAYMENT_SETTLED = "PAYMENT_SETTLED", _("Payment settled")
    WITHDRAWAL_ASKED = "WITHDRAWAL_ASKED", _("Withdrawal requested")
    WITHDRAWAL_REVOKED = "WITHDRAWAL_REVOKED", _("Withdrawal revoked")
    STOPPED = "STOPPED", _("Stopped")
    DECIDED = "DECIDED", _("Decided")
    SHELVED = "SHELVED", _("Result put on the shelf")
    POSTED = "POSTED", _("Handed to the post")
    POST_FAILED = "POST_FAILED", _("Delivery failed")
    RETURNED = "RETURNED", _("Result returned")
    TAKEN_BACK = "TAKEN_BACK", _("Replaced result taken back")
    NOT_TAKEN_BACK = "NOT_TAKEN_BACK", _("Replaced result not taken back")
    REOPENED = "REOPENED", _("Reopened")
    ANNULMENT_ASKED = "ANNULMENT_ASKED", _("Annulment requested")
    ANNULLED = "ANNULLED", _("Annulled")
    EXTENDED = "EXTENDED", _("Due time extended")
    DUE_MOVED = "DUE_MOVED", _("Due time computed again")
    IMPORTED = "IMPORTED", _("Step in an earlier system")
    PAPERS_SENT = "PAPERS_SENT", _("Papers sent with a list")
    PAPERS_RECEIVED = "PAPERS_RECEIVED", _("Papers taken over")
    PAPERS_MISSING = "PAPERS_MISSING", _("Papers missing on arrival")
    TAKEN_UP = "TAKEN_UP", _("Taken up after the import")


_S = DossierState

TRANSITIONS: Mapping[DossierState | None, frozenset[DossierState]] = {
    None: frozenset({_S.NEW, _S.ACCEPTED, _S.REFUSED, _S.SUPPLEMENT}),
    _S.NEW: frozenset({_S.ACCEPTED, _S.REFUSED, _S.SUPPLEMENT}),
    _S.ACCEPTED: frozenset({_S.PROCESSING, _S.SUPPLEMENT, _S.PAYMENT, _S.WITHDRAWAL, _S.STOPPED}),
    _S.REFUSED: frozenset(),
    _S.PROCESSING: frozenset({_S.PROCESSING, _S.SUPPLEMENT, _S.PAYMENT, _S.WITHDRAWAL, _S.STOPPED, _S.DECIDED}),
    _S.SUPPLEMENT: frozenset({_S.ACCEPTED, _S.PROCESSING, _S.WITHDRAWAL, _S.STOPPED}),
    _S.PAYMENT: frozenset({_S.PROCESSING, _S.WITHDRAWAL, _S.STOPPED}),
    _S.WITHDRAWAL: frozenset({_S.PROCESSING, _S.STOPPED}),
    _S.STOPPED: frozenset(),
    _S.DECIDED: frozenset({_S.RETURNED, _S.PROCESSING}),
    _S.RETURNED: frozenset({_S.PROCESSING}),
}
"""What may follow a state; ``None`` is a dossier that does not exist yet. Source: domain.md 2.3.

From ``DECIDED`` and ``RETURNED`` back to ``PROCESSING`` leads only a leader's reasoned reopening.
"""

OPEN_STATES = frozenset({_S.ACCEPTED, _S.PROCESSING, _S.SUPPLEMENT, _S.PAYMENT, _S.WITHDRAWAL})
"""Somebody still owes the applicant an answer."""

RUNNING_STATES = frozenset({_S.ACCEPTED, _S.PROCESSING})
"""The clock runs; it stands still in the other open states."""

FINAL_STATES = frozenset({_S.REFUSED, _S.STOPPED, _S.RETURNED})
"""Nothing more is due."""
