"""Versions of the questionnaire: presets, freezing, new versions."""

import pytest
from sqlalchemy import select

from models.rating_scale import Polarity, RatingLevel, RatingReason, RatingScale, ReasonAbout, ScaleState
from services.scales import (
    ScaleFrozenError,
    ScaleNotDraftError,
    ScaleUnbalancedError,
    create_scale_version,
    find_default_scale,
    find_shown_scale,
    publish_scale,
    seed_rating_scales,
)


@pytest.fixture
def scale(session, now):
    seed_rating_scales(session, at=now)
    return find_default_scale(session)


def test_presets_are_seeded_once_and_five_is_shown(session, scale, now):
    seed_rating_scales(session, at=now)

    scales = session.scalars(select(RatingScale).order_by(RatingScale.code)).all()
    assert [(s.code, len(s.levels), s.is_default) for s in scales] == [
        ("FIVE", 5, True),
        ("FOUR", 4, False),
        ("THREE", 3, False),
    ]
    assert [level.wording("vi") for level in scale.levels] == [
        "Rất không hài lòng",
        "Không hài lòng",
        "Bình thường",
        "Hài lòng",
        "Rất hài lòng",
    ]


def test_every_preset_is_symmetrical_and_worded_in_three_languages(session, scale):
    for preset in session.scalars(select(RatingScale)):
        signs = [level.polarity for level in preset.levels]
        assert signs.count(Polarity.POSITIVE) == signs.count(Polarity.NEGATIVE)
        assert all(
            row.wording(lang) for row in [preset, *preset.levels, *preset.reasons] for lang in ("vi", "en", "zh")
        )


def test_only_the_demand_for_money_goes_outside_the_unit(scale):
    assert [reason.code for reason in scale.reasons if reason.is_sensitive] == ["MONEY"]


@pytest.mark.parametrize("attribute", ["wording_vi", "name"])
def test_the_wording_of_a_shown_version_cannot_be_changed(session, scale, attribute):
    setattr(scale, attribute, "Khác")

    with pytest.raises(ScaleFrozenError):
        session.flush()


def test_levels_and_reasons_of_a_shown_version_cannot_be_changed_added_or_deleted(session, scale, now):
    def attempt(change):
        change()
        with pytest.raises(ScaleFrozenError):
            session.flush()
        session.rollback()
        seed_rating_scales(session, at=now)
        return find_default_scale(session)

    scale = attempt(lambda: setattr(scale.levels[0], "polarity", Polarity.POSITIVE))
    scale = attempt(lambda: session.delete(scale.reasons[0]))
    attempt(
        lambda: session.add(
            RatingReason(scale=scale, code="X", about=ReasonAbout.HALL, wording_vi="x", wording_en="x", wording_zh="x")
        )
    )


def test_a_new_version_is_a_draft_that_can_be_edited_and_put_in_use(session, scale, now):
    draft = create_scale_version(session, scale=scale)
    draft.levels[2].wording_vi = "Tạm được"
    session.flush()

    assert (draft.version, draft.state, len(draft.reasons)) == (2, ScaleState.DRAFT, len(scale.reasons))
    assert find_shown_scale(session, draft.id) is None
    publish_scale(session, scale=draft, at=now)
    assert find_default_scale(session) is draft
    assert (scale.state, scale.is_default, scale.retired_at) == (ScaleState.RETIRED, False, now)
    assert find_shown_scale(session, scale.id) is scale


def test_another_preset_can_be_shown_and_the_first_one_again(session, scale, now):
    three = session.scalar(select(RatingScale).where(RatingScale.code == "THREE"))

    publish_scale(session, scale=three, at=now)
    publish_scale(session, scale=scale, at=now)

    assert (three.state, three.is_default, scale.is_default) == (ScaleState.IN_USE, False, True)


def test_a_retired_version_is_not_shown_again(session, scale, now):
    publish_scale(session, scale=create_scale_version(session, scale=scale), at=now)

    with pytest.raises(ScaleNotDraftError):
        publish_scale(session, scale=scale, at=now)


def test_a_lopsided_scale_is_refused(session, scale, now):
    draft = create_scale_version(session, scale=scale)
    draft.levels[1].polarity = Polarity.NEUTRAL
    session.flush()

    with pytest.raises(ScaleUnbalancedError):
        publish_scale(session, scale=draft, at=now)


def test_levels_that_skip_a_number_are_refused(session, scale, now):
    draft = create_scale_version(session, scale=scale)
    session.delete(session.scalar(select(RatingLevel).where(RatingLevel.scale == draft, RatingLevel.value == 3)))
    session.flush()
    session.expire(draft)

    with pytest.raises(ScaleUnbalancedError):
        publish_scale(session, scale=draft, at=now)
