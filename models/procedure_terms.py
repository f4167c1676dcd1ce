"""Closed lists of the procedure catalogue. Source: the national catalogue's records (domain.md 2.4 to 2.6)."""

import re

from models.base import Choice, _

PROCEDURE_CODE = re.compile(r"[0-9]\.[0-9]{6}(\.[0-9]{2}|\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})?")
"""A national code (1.004194), one of its cases (1.004194.01) or a localised one; use ``fullmatch``."""


class LimitUnit(Choice):
    """The unit of a time limit; an hour is a working hour."""

    WORKING_DAY = "WORKING_DAY", _("working days")
    HOUR = "HOUR", _("working hours")
    DAY = "DAY", _("calendar days")
    MONTH = "MONTH", _("months")


class ProcedureKind(Choice):
    """Who published the procedure, and for whom."""

    STANDARD = "STANDARD", _("National")
    SPECIFIC = "SPECIFIC", _("Of one province")
    STANDARD_INTERNAL = "STANDARD_INTERNAL", _("Internal to the administration")


class ProcedureState(Choice):
    """Whether the procedure can be applied for."""

    PREPARED = "PREPARED", _("In preparation")
    IN_FORCE = "IN_FORCE", _("In force")
    ABOLISHED = "ABOLISHED", _("Abolished")


class OnlineService(Choice):
    """How much of the procedure can be done online (Decree 42/2022)."""

    NONE = "NONE", _("No online service")
    PARTIAL = "PARTIAL", _("Partial online service")
    FULL = "FULL", _("Full-process online service")


class VersionState(Choice):
    """The way of a version from draft to the archive."""

    DRAFT = "DRAFT", _("Draft")
    REVIEWED = "REVIEWED", _("Reviewed")
    SUBMITTED = "SUBMITTED", _("Submitted for decision")
    DECIDED = "DECIDED", _("Decision issued")
    PUBLISHED = "PUBLISHED", _("Published")
    SUPERSEDED = "SUPERSEDED", _("Superseded")


class AgencyRole(Choice):
    """What an agency has to do with a procedure."""

    EXECUTING = "EXECUTING", _("Carries it out")
    COMPETENT = "COMPETENT", _("Decides")
    AUTHORISED = "AUTHORISED", _("Authorised to decide")
    COORDINATING = "COORDINATING", _("Takes part")
    PUBLISHING = "PUBLISHING", _("Published it")


class FeeKind(Choice):
    """What sort of charge a fee rule is."""

    FEE = "FEE", _("State fee")
    SERVICE_FEE = "SERVICE_FEE", _("Charge")
    PRICE_LEVEL = "PRICE_LEVEL", _("Price")
