"""What a new version says otherwise than the one before it, part by part, fit to be stored and read."""

from difflib import SequenceMatcher
from typing import Any

from models.base import _
from services.procedure_import.content import ProcedureContent, plain

LABELS = {
    "name": _("Name"),
    "field": _("Subject area"),
    "kind": _("Kind"),
    "online_service": _("Online service"),
    "levels": _("Carried out at"),
    "is_non_territorial": _("Anywhere in the country"),
    "keywords": _("Keywords"),
    "decision_number": _("Decision"),
    "decision_date": _("Decided on"),
    "publication_date": _("Made public on"),
    "steps": _("Steps"),
    "subjects": _("Who may apply"),
    "conditions": _("Requirements and conditions"),
    "receiving_address": _("Where dossiers are received"),
    "return_methods": _("How results are returned"),
    "note": _("Note"),
    "agencies": _("Agencies"),
    "methods": _("Ways to apply"),
    "documents": _("Required documents"),
    "national_cases": _("National case codes"),
    "legal_bases": _("Legal bases"),
    "results": _("Results"),
}
"""Every part that is compared, in the order it is shown."""

TEXTS = ("steps", "subjects", "conditions", "receiving_address", "return_methods", "note", "keywords")
LISTS = ("agencies", "methods", "national_cases", "legal_bases", "results")
LEVELS = ("is_ministry_level", "is_province_level", "is_commune_level", "is_vertical_level", "is_other_level")


def compare(before: ProcedureContent, after: ProcedureContent) -> list[dict[str, Any]]:
    """Return one entry per part that differs, in the order of ``LABELS``.

    Shape: ``{"part", "before", "after"}`` for single values; ``{"part", "removed", "added"}`` for lists, whose
           items are plain values (objects for ways to apply, documents, agencies ...), and for texts, whose
           items are lines.
    """
    old, new = _parts(before), _parts(after)
    _call_alike([*old["agencies"], old["field"]], [*new["agencies"], new["field"]])
    entries = (_entry(part, old[part], new[part]) for part in LABELS)
    return [entry for entry in entries if entry is not None]


def _entry(part: str, before: Any, after: Any) -> dict[str, Any] | None:
    if before == after:
        return None
    if part in TEXTS:
        removed, added = _lines(before or "", after or "")
    elif isinstance(after, list):
        removed, added = [i for i in before if i not in after], [i for i in after if i not in before]
        if not removed and not added:  # only the order changed, or how often something is listed
            removed, added = before, after
    else:
        return {"part": part, "before": before, "after": after}
    return {"part": part, "removed": removed, "added": added}


def _call_alike(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """Give agencies and fields of one code one name: it belongs to their own tables and is no difference here."""
    names = {item["code"]: item["name"] for item in new}
    for item in old:
        item["name"] = names.get(item["code"], item["name"])


def _lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went and the lines that came."""
    old, new = before.split("\n"), after.split("\n")
    removed: list[str] = []
    added: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += [line for line in old[a:b] if line]
            added += [line for line in new[c:d] if line]
    return removed, added


def _parts(content: ProcedureContent) -> dict[str, Any]:
    """Return the content part by part as plain values; documents stand in one list, each with its case."""
    parts = plain(content)
    classification = parts.pop("classification")
    cases = parts.pop("cases")
    parts["levels"] = [level for level in LEVELS if classification.pop(level)]
    parts["documents"] = [{"case": case["name"], **document} for case in cases for document in case["documents"]]
    return parts | classification
