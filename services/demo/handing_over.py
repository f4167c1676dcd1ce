"""How results reach people at the demonstration centre: who comes for them, and what the post takes."""

from dataclasses import replace
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from models.collection import CollectorKind
from models.dossier import Dossier
from models.organisation import Counter
from models.postal_list import PostagePayer, PostalList
from services.collectors import PROOFS, Collector, usual_collector
from services.demo.people import make_citizen
from services.demo.texts import CARRIER, LOST_NOTE
from services.dossiers import Parcel
from services.postal_lists import add_to_postal_list, begin_postal_list

POSTAGE = (22_000, 26_500, 30_000, 41_000)
"""What a letter costs, in đồng."""


def make_collector(rng: Random, dossier: Dossier) -> Collector:
    """Return who comes: mostly whom the dossier names, now and then without the receipt, or somebody with a letter.

    Whoever was given a wrong result before brings it back.
    """
    fate = rng.random()
    if fate > 0.06:
        lost = fate > 0.98
        return replace(usual_collector(dossier), has_lost_receipt=lost, lost_note=LOST_NOTE, brings_earlier=True)
    proxy = make_citizen(rng)
    return Collector(
        name=proxy.full_name,
        id_number=proxy.id_number,
        kind=CollectorKind.PROXY,
        proof_kind=rng.choice(PROOFS),
        proof_number=f"{rng.randint(10, 990)}/UQ",
        brings_earlier=True,
    )


def put_on_postal_list(
    session: Session, rng: Random, postal: PostalList | None, *, counter: Counter, dossier: Dossier, at: datetime
) -> PostalList:
    """Put a result on ``postal``, or on a new list of ``counter``; return that list."""
    postal = postal or begin_postal_list(session, counter=counter, carrier=CARRIER, at=at)
    parcel = Parcel(
        waybill=f"BN{rng.randrange(10**9):09d}VN",
        postage_amount=rng.choice(POSTAGE),
        postage_payer=rng.choice(list(PostagePayer)),
    )
    add_to_postal_list(session, postal, code=dossier.code, parcel=parcel, at=at)
    return postal
