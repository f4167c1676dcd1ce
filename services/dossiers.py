"""Every verb on a dossier, by the place it is written: intake, work, return, corrections."""

from services.collectors import Collector
from services.dossier_corrections import annul_dossier, reopen_dossier
from services.dossier_events import rebuild_dossier_facts
from services.dossier_intake import Intake, Paper, receive_dossier, refuse_at_intake
from services.dossier_return import (
    Chosen,
    Parcel,
    collect_results,
    confirm_delivery,
    fail_delivery,
    post_result,
    send_result,
)
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
from services.shelves import shelve_result

__all__ = [
    "Chosen",
    "Collector",
    "Intake",
    "Paper",
    "Parcel",
    "annul_dossier",
    "assign_dossier",
    "collect_results",
    "confirm_delivery",
    "current_result",
    "extend_dossier",
    "fail_delivery",
    "finish_dossier",
    "post_result",
    "rebuild_dossier_facts",
    "receive_dossier",
    "receive_supplement",
    "refuse_at_intake",
    "reopen_dossier",
    "request_payment",
    "request_supplement",
    "request_withdrawal",
    "revoke_withdrawal",
    "send_result",
    "settle_payment",
    "shelve_result",
    "start_work",
    "stop_dossier",
]
