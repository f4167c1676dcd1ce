"""The kinds of pages of a generated screen stand side by side without taking each other's methods."""

from collections import Counter

from admin_views.ground import Ground
from admin_views.view import GeneratedView


def test_no_kind_of_page_hides_a_method_or_an_endpoint_of_another() -> None:
    kinds = [kind for kind in GeneratedView.__mro__ if issubclass(kind, Ground) and kind not in (GeneratedView, Ground)]
    common = {"endpoints", "__annotations__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__"}
    names = Counter(name for kind in kinds for name in vars(kind) if name not in common)
    endpoints = Counter(name for kind in kinds for name in vars(kind).get("endpoints", {}))

    assert {name for name, times in names.items() if times > 1} == set()
    assert {name for name, times in endpoints.items() if times > 1} == set()
