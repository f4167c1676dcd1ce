"""Every verb on a dossier, by the place it is written: intake, work, return, corrections."""

from services.dossier_corrections import annul_dossier, reopen_dossier
from services.dossier_events import rebuild_dossier_facts
from services.dossier_intake import Intake, Paper, receive_dossier, refuse_at_intake
from services.dossier_return import confirm_delivery, fail_delivery, return_result
from services.dossier_work import (
    assign_dossier,
    current_result,
    finish_dossier,
    receive_supplement,
    request_payment,
    request_supplement,
    request_withdrawal,
    revoke_withdrawal,
    settle_payment,
    start_work,
    stop_dossier,
)
from services.extensions import extend_dossier

__all__ = [
    "Intake",
    "Paper",
    "annul_dossier",
    "assign_dossier",
    "confirm_delivery",
    "current_result",
    "extend_dossier",
    "fail_delivery",
    "finish_dossier",
    "rebuild_dossier_facts",
    "receive_dossier",
    "receive_supplement",
    "refuse_at_intake",
    "reopen_dossier",
    "request_payment",
    "request_supplement",
    "request_withdrawal",
    "return_result",
    "revoke_withdrawal",
    "settle_payment",
    "start_work",
    "stop_dossier",
]
