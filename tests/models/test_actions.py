"""The vocabulary of rights is complete and is the only one."""

from flask import Flask

from models import screens
from models.actions import ACTIONS, is_offered
from models.base import grant
from models.describe import screen_of
from services.roles import default_grants, known_actions
from web.access import rule_of


def test_every_action_that_anything_asks_for_can_be_granted_and_has_a_label(app: Flask) -> None:
    rules = [rule_of(app, rule.endpoint) for rule in app.url_map.iter_rules()]
    asked = {(rule.entity, rule.action) for rule in rules if rule is not None and rule.kind == "permitted"}

    assert asked - known_actions() == set()
    assert {action for _entity, action in known_actions()} == set(ACTIONS)


def test_no_default_permission_is_for_what_its_screen_excludes() -> None:
    by_name = {model.__tablename__: screen_of(model) for model in screens()}
    excluded = [
        (role, entity, action)
        for role, entity, action, _scope, _level in default_grants()
        if entity in by_name and not is_offered(by_name[entity], action)
    ]

    assert excluded == []


def test_words_stand_for_what_goes_together() -> None:
    assert grant("oversee annul").actions == ("read", "history", "export", "annul")
    assert grant("manage read delete").actions == (
        "read", "history", "export", "create", "edit", "import", "bulk", "delete",
    )  # fmt: skip
