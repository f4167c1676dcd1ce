"""What tablets and phones show: the servant, the questionnaire and all words, in three languages at once."""

from flask import url_for
from flask_babel import force_locale, gettext

from models.base import _
from models.rating_scale import LANGUAGES, RatingScale, ReasonIcon
from models.staff import Staff
from web.formats import initials

TABLET_WORDS = {
    "rate": _("Rate the service"),
    "counter": _("Counter"),
    "training": _("Training"),
    "not_this_person": _("Not this person?"),
    "privacy": _("One tap sends your answer. The public servant does not see it."),
    "decline": _("I do not want to rate"),
    "what_was_wrong": _("What was not good?"),
    "choose_many": _("Choose as many as you like. Only the leaders see it."),
    "own_words": _("In your own words"),
    "no_numbers": _("Please do not write identity or telephone numbers."),
    "change": _("Change my rating"),
    "other": _("Something else"),
    "skip": _("Skip"),
    "send": _("Send"),
    "still_there": _("Are you still there?"),
    "more_time": _("I need more time"),
    "thanks": _("Thank you!"),
    "thanks_text": _("Only the leaders see your answer. The public servant sees neither your name nor the time."),
    "wrong_question": _("Did somebody else serve you?"),
    "wrong_text": _("Then nobody is rated, and the centre looks into it."),
    "wrong_yes": _("Yes, somebody else"),
    "wrong_thanks": _("Thank you for telling us"),
    "wrong_thanks_text": _("Nobody was rated. The centre looks into it."),
    "back": _("Back"),
    "offline": _("No network. Your answer is kept and sent later."),
}

REASON_ICONS = {
    ReasonIcon.SPEECH: "chat-dots",
    ReasonIcon.DOCUMENT: "file-text",
    ReasonIcon.ARROWS: "arrow-left-right",
    ReasonIcon.PAPERS: "files",
    ReasonIcon.CLOCK: "clock",
    ReasonIcon.MONEY: "cash-stack",
    ReasonIcon.PERSON: "person",
    ReasonIcon.HALL: "building",
    ReasonIcon.HEART: "heart",
    ReasonIcon.DOTS: "question-circle",
}


def describe_servant(servant: Staff | None) -> dict[str, str]:
    """Return how a servant is shown to citizens: name, title and portrait, drawn or as initials."""
    if servant is None:
        return {"name": "", "title": "", "portrait": "", "initials": ""}
    portrait = url_for("static", filename=f"portraits/{servant.portrait}.svg") if servant.portrait else ""
    return {
        "name": servant.full_name,
        "title": servant.job_title or "",
        "portrait": portrait,
        "initials": initials(servant.full_name),
    }


def tablet_words() -> dict[str, dict[str, str]]:
    """Return ``{language: {name: text}}`` of everything the tablet says."""
    words = {}
    for language in LANGUAGES:
        with force_locale(language):
            words[language] = {name: gettext(text) for name, text in TABLET_WORDS.items()}
    return words


def describe_scale(scale: RatingScale) -> dict[str, object]:
    """Return a questionnaire as the tablet reads it: question, levels from worst to best, reasons in their order."""
    return {
        "scale": {
            "id": scale.id,
            "question": {language: scale.wording(language) for language in LANGUAGES},
            "levels": [
                {
                    "value": level.value,
                    "face": level.face.value,
                    "polarity": level.polarity.value,
                    "words": {language: level.wording(language) for language in LANGUAGES},
                }
                for level in scale.levels
            ],
        },
        "reasons": [
            {
                "code": reason.code,
                "polarity": reason.polarity.value,
                "icon": REASON_ICONS[reason.icon],
                "words": {language: reason.wording(language) for language in LANGUAGES},
            }
            for reason in scale.reasons
        ],
    }
