"""What states of a dossier say about themselves."""

from models.states import Channel, DossierState


def test_states_are_toned_by_whether_they_run_wait_or_are_done():
    tones: dict[str, str] = {}
    for state in DossierState:
        tones[state.tone] = f"{tones.get(state.tone, '')} {state.name}".strip()

    assert tones == {
        "info": "NEW ACCEPTED PROCESSING",
        "warning": "SUPPLEMENT PAYMENT WITHDRAWAL",
        "success": "DECIDED RETURNED",
        "": "REFUSED STOPPED",
    }


def test_other_choices_do_not_stand_out():
    assert {channel.tone for channel in Channel} == {""}
