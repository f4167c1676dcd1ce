"""What the generated templates are given: plain values, every right already applied.

``list.html`` gets ``page: ListPage``, ``detail.html`` ``page: DetailPage``, ``form.html`` ``page: FormPage``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wtforms import Field as FormField
from wtforms import Form


@dataclass(frozen=True, slots=True)
class Cell:
    """One value on its way to the screen; ``format`` picks the macro in components/cell.html.

    Formats: "", text, money, code, phone, limit, markdown, image, color, date, datetime, boolean, choice, link,
    links, number.
    """

    value: Any
    format: str = ""
    url: str = ""
    tone: str = ""  # of a choice that stands out: info, success, warning, danger


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    format: str = ""
    order_url: str = ""  # empty: no index serves this order
    ordered: str = ""  # "asc", "desc" or ""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    title: str
    url: str
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterInput:
    """One typed filter: kind is choice, boolean, date, number, text or lookup; the parameter is ``key``.

    ways, how  how the values can be compared, and are: none, has, starts; "" stands for any of them
    ends       further questions and what they are answered: from, to, when, empty
    relative   names and labels of days that move with today
    """

    key: str
    label: str
    kind: str
    values: Sequence[str] = ()
    choices: Sequence[tuple[str, str]] = ()
    lookup_url: str = ""
    chosen: Sequence[tuple[str, str]] = ()  # key and text of the rows a look-up names
    ways: Sequence[str] = ()
    how: str = ""
    ends: Mapping[str, str] = field(default_factory=dict)
    relative: Sequence[tuple[str, str]] = ()

    @property
    def is_used(self) -> bool:
        """Whether the filter is in force."""
        return bool(self.values) or any(self.ends.values())


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Filters that must all hold; of several groups one must."""

    inputs: Sequence[FilterInput]


@dataclass(frozen=True, slots=True)
class FilterPanel:
    """The filters of a list as a form of their own; ``hidden`` is what else the address says."""

    title: str
    url: str
    panel_url: str
    clear_url: str
    groups: Sequence[FilterGroup]
    can_grow: bool
    hidden: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedViewForm:
    """The saved view that a list shows, as its form says it."""

    id: int
    name: str
    audience: str
    role_id: int | None
    is_default: bool
    delete_url: str
    is_changeable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrangePanel:
    """Columns, density and rows per page, and saving all of it as a view; ``columns`` are key, label and chosen."""

    title: str
    url: str
    save_url: str
    columns: Sequence[tuple[str, str, bool]]
    sizes: Sequence[tuple[int, bool]]
    compact: str
    is_compact: bool
    hidden: Sequence[tuple[str, str]]
    view: SavedViewForm | None
    roles: Sequence[tuple[int, str]]
    can_share: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, with the address of the list without it; ``group`` and ``key`` say which it is."""

    label: str
    value: str
    remove_url: str
    group: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class ChipGroup:
    """Filters that hold together."""

    chips: Sequence[Chip]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.chips)


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    active: bool
    is_saved: bool = False


@dataclass(frozen=True, slots=True)
class VerbButton:
    """What can be done with a row; POST ones carry the CSRF token and may ask first."""

    label: str
    url: str
    icon: str = ""
    method: str = "get"
    primary: bool = False
    danger: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One thing that can be done with the chosen rows; ``name`` is what the form sends."""

    name: str
    label: str
    icon: str
    is_danger: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkBar:
    """What a list offers for chosen rows; ``listed`` are the list's parameters, ``count`` how many rows match."""

    url: str
    listed: str
    count: str
    acts: Sequence[BulkAct]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListPage:
    title: str
    singular: str
    help: str
    icon: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    count: str  # "37", "1,000+"
    url: str  # the list without any parameter
    empty_url: str = ""  # the list as the model has it, whatever view opens by default
    query: str = ""
    searchable: bool = False
    filter_url: str = ""  # the filter panel; "" where nothing can be filtered by
    arrange_url: str = ""  # columns, density and saved views
    chips: Sequence[ChipGroup] = ()
    clear_url: str = ""
    tabs: Sequence[Tab] = ()
    is_changed_view: bool = False  # shows something else than the saved view it came from
    is_compact: bool = False
    page_number: int = 0  # 0: not known
    next_url: str = ""
    previous_url: str = ""
    hidden: Sequence[tuple[str, str]] = ()  # parameters the search form must keep
    create_url: str = ""
    verbs: Sequence[VerbButton] = ()
    exports: Sequence[tuple[str, str]] = ()  # label and address of each format
    bulk: BulkBar | None = None
    import_url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    cell: Cell
    help: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    items: Sequence[Item]


@dataclass(frozen=True, kw_only=True, slots=True)
class LookPanel:
    """A row beside its list."""

    title: str
    singular: str
    details_url: str
    edit_url: str
    sections: Sequence[Section]
    verbs: Sequence[VerbButton]


@dataclass(frozen=True, slots=True)
class ChildTable:
    label: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Extra:
    """A template included below the sections of a detail page, with what it shows."""

    template: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deletion:
    """What a page says of a row in the bin; ``by`` is a name, "" where it is not known."""

    at: datetime
    by: str
    restore_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletePage:
    """The question before a row is deleted; ``uses`` says by entity how many rows refer to it."""

    title: str
    list_title: str
    list_url: str
    details_url: str
    delete_url: str
    uses: Sequence[tuple[str, str]]
    has_bin: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailPage:
    title: str
    singular: str
    list_title: str
    list_url: str
    icon: str
    sections: Sequence[Section]
    children: Sequence[ChildTable] = ()
    verbs: Sequence[VerbButton] = ()
    edit_url: str = ""
    delete_url: str = ""
    why_url: str = ""  # where the reader's rights on the entity are explained
    deleted: Deletion | None = None
    copy_url: str = ""
    history_url: str = ""
    extras: Sequence[Extra] = ()


@dataclass(frozen=True, slots=True)
class FormSection:
    label: str
    fields: Sequence[FormField]


@dataclass(frozen=True, kw_only=True, slots=True)
class FormPage:
    title: str
    singular: str
    list_title: str
    list_url: str
    icon: str
    form: Form
    sections: Sequence[FormSection]
    is_new: bool
    cancel_url: str
    history_url: str = ""
    errors: Sequence[str] = field(default_factory=tuple)
