"""Versions of what citizens are asked: presets, a new version from an old one, and which one is in use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction, selectinload

from models.base import _
from models.rating_scale import (
    Face,
    Polarity,
    RatingLevel,
    RatingReason,
    RatingScale,
    ReasonAbout,
    ReasonIcon,
    ScaleState,
)
from services.session import ConflictError, UserError, require, unscoped

FEWEST_LEVELS = 2
_STATE_COLUMNS = {"state", "is_default", "published_at", "retired_at", "row_version", "search_text"}

_QUESTION = (
    "Ông/Bà có hài lòng với sự phục vụ hôm nay không?",
    "How satisfied are you with today's service?",
    "您对今天的服务满意吗？",
)
_LEVELS = {
    Face.VERY_BAD: (Polarity.NEGATIVE, "Rất không hài lòng", "Very dissatisfied", "非常不满意"),
    Face.BAD: (Polarity.NEGATIVE, "Không hài lòng", "Dissatisfied", "不满意"),
    Face.NEUTRAL: (Polarity.NEUTRAL, "Bình thường", "Neither good nor bad", "一般"),
    Face.GOOD: (Polarity.POSITIVE, "Hài lòng", "Satisfied", "满意"),
    Face.VERY_GOOD: (Polarity.POSITIVE, "Rất hài lòng", "Very satisfied", "非常满意"),
}
PRESETS: dict[str, tuple[str, tuple[Face, ...]]] = {
    "FIVE": ("Năm mức", (Face.VERY_BAD, Face.BAD, Face.NEUTRAL, Face.GOOD, Face.VERY_GOOD)),
    "FOUR": ("Bốn mức", (Face.VERY_BAD, Face.BAD, Face.GOOD, Face.VERY_GOOD)),
    "THREE": ("Ba mức", (Face.BAD, Face.NEUTRAL, Face.GOOD)),
}
_REASONS = (
    ("ATTITUDE", ReasonAbout.OFFICER, ReasonIcon.SPEECH, "Thái độ chưa tốt", "Unfriendly or impolite", "态度不好"),
    ("UNCLEAR", ReasonAbout.OFFICER, ReasonIcon.DOCUMENT, "Hướng dẫn không rõ", "Unclear guidance", "指引不清楚"),
    (
        "EXTRA_PAPERS",
        ReasonAbout.OFFICER,
        ReasonIcon.PAPERS,
        "Đòi giấy tờ ngoài quy định",
        "Asked for papers not on the list",
        "要求规定以外的材料",
    ),
    ("TRIPS", ReasonAbout.PROCESS, ReasonIcon.ARROWS, "Phải đi lại nhiều lần", "Had to come several times", "多次往返"),
    ("LATE", ReasonAbout.PROCESS, ReasonIcon.CLOCK, "Chờ lâu, trễ hẹn", "Long wait or late result", "等待太久或逾期"),
    ("MONEY", ReasonAbout.OFFICER, ReasonIcon.MONEY, "Gợi ý đưa thêm tiền", "Asked for extra money", "暗示额外给钱"),
    ("HALL", ReasonAbout.HALL, ReasonIcon.HALL, "Chỗ ngồi, thiết bị kém", "Poor seating or equipment", "设施设备差"),
)


class ScaleFrozenError(UserError):
    """Somebody tried to change what citizens were already shown."""

    message = _("This version has been shown to citizens and cannot be changed. Make a new version and edit that.")


class ScaleUnbalancedError(UserError):
    """A scale that would steer the answer."""

    message = _("Give the scale as many positive as negative levels, at least one of each, numbered 1, 2, 3 and so on.")


class ScaleNotDraftError(ConflictError):
    """The version is already in use or retired."""

    message = _("Only a draft can be put in use. Make a new version first.")


def seed_rating_scales(session: Session, *, at: datetime) -> None:
    """Add the presets of five, four and three levels where missing; five is shown where nothing else is."""
    known = set(session.scalars(select(RatingScale.code)))
    has_default = session.scalar(select(RatingScale.id).where(RatingScale.is_default)) is not None
    for code, (name, faces) in PRESETS.items():
        if code not in known:
            scale = _preset(code, name, faces)
            scale.state, scale.published_at = ScaleState.IN_USE, at
            scale.is_default = code == "FIVE" and not has_default
            session.add(scale)
    session.flush()


def _preset(code: str, name: str, faces: Sequence[Face]) -> RatingScale:
    vi, en, zh = _QUESTION
    scale = RatingScale(code=code, version=1, name=name, wording_vi=vi, wording_en=en, wording_zh=zh)
    for value, face in enumerate(faces, start=1):
        polarity, vi, en, zh = _LEVELS[face]
        scale.levels.append(
            RatingLevel(value=value, polarity=polarity, face=face, wording_vi=vi, wording_en=en, wording_zh=zh)
        )
    for position, (reason, about, icon, vi, en, zh) in enumerate(_REASONS, start=1):
        scale.reasons.append(
            RatingReason(
                code=reason,
                position=position,
                about=about,
                icon=icon,
                is_sensitive=reason == "MONEY",
                wording_vi=vi,
                wording_en=en,
                wording_zh=zh,
            )
        )
    return scale


def find_default_scale(session: Session) -> RatingScale | None:
    """Return the version that tablets and phones show now, with levels and reasons."""
    with unscoped(session, "what citizens are asked"):
        return session.scalar(_whole().where(RatingScale.is_default))


def find_shown_scale(session: Session, scale_id: int) -> RatingScale | None:
    """Return a version that may have been shown, in use or retired, with levels and reasons; None for drafts."""
    with unscoped(session, "what citizens are asked"):
        return session.scalar(_whole().where(RatingScale.id == scale_id, RatingScale.state != ScaleState.DRAFT))


def _whole() -> Any:
    return select(RatingScale).options(selectinload(RatingScale.levels), selectinload(RatingScale.reasons))


def create_scale_version(session: Session, *, scale: RatingScale) -> RatingScale:
    """Return a draft that copies ``scale`` with its levels and reasons under the next version number."""
    require(session, "rating_scale", "create")
    last = session.scalars(
        select(RatingScale.version).where(RatingScale.code == scale.code).order_by(RatingScale.version.desc()).limit(1)
    ).one()
    draft = _copy(scale, version=last + 1, state=ScaleState.DRAFT)
    draft.is_default, draft.published_at, draft.retired_at = False, None, None
    draft.levels = [_copy(level, scale_id=None) for level in scale.levels]
    draft.reasons = [_copy(reason, scale_id=None) for reason in scale.reasons]
    session.add(draft)
    session.flush()
    return draft


def _copy(row: Any, **changes: Any) -> Any:
    kept = {"id", "row_version", "search_text"}
    values = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return type(row)(**{key: value for key, value in (values | changes).items() if key not in kept})


def publish_scale(session: Session, *, scale: RatingScale, at: datetime) -> None:
    """Show ``scale`` on all tablets from now on; the version shown before is retired if it has the same code.

    Raises: ScaleNotDraftError, ScaleUnbalancedError
    """
    require(session, "rating_scale", "publish", scale)
    if scale.state is ScaleState.RETIRED or scale.is_default:
        raise ScaleNotDraftError
    if scale.state is ScaleState.DRAFT:
        _check_levels(scale)
    before = session.scalar(select(RatingScale).where(RatingScale.is_default))
    if before is not None:
        before.is_default = False
        if before.code == scale.code:
            before.state, before.retired_at = ScaleState.RETIRED, at
        session.flush()  # only one default may stand at a time
    scale.is_default, scale.state = True, ScaleState.IN_USE
    scale.published_at = scale.published_at or at
    session.flush()


def _check_levels(scale: RatingScale) -> None:
    signs = [level.polarity for level in scale.levels]
    balanced = signs.count(Polarity.POSITIVE) == signs.count(Polarity.NEGATIVE) >= 1
    numbered = [level.value for level in scale.levels] == list(range(1, len(signs) + 1))
    if len(signs) < FEWEST_LEVELS or not balanced or not numbered:
        raise ScaleUnbalancedError


@event.listens_for(Session, "before_flush")
def _keep_shown_wording(session: Session, context: UOWTransaction, instances: object) -> None:
    """Refuse changes to versions that citizens were shown, whichever screen, import or verb they come from."""
    for row in session.dirty | session.deleted:
        if isinstance(row, RatingScale) and _was_shown(row) and (row in session.deleted or _reworded(row)):
            raise ScaleFrozenError
    for row in session.new | session.dirty | session.deleted:
        if isinstance(row, RatingLevel | RatingReason) and (row in session.deleted or session.is_modified(row)):
            scale = row.scale or session.get(RatingScale, row.scale_id)
            if scale is not None and scale not in session.new and _was_shown(scale):
                raise ScaleFrozenError


def _was_shown(scale: RatingScale) -> bool:
    history = inspect(scale).attrs.state.history
    before = history.deleted[0] if history.deleted else scale.state
    return before is not ScaleState.DRAFT


def _reworded(scale: RatingScale) -> bool:
    state = inspect(scale)
    return any(
        state.attrs[attribute.key].history.has_changes()
        for attribute in state.mapper.column_attrs
        if attribute.key not in _STATE_COLUMNS
    )
