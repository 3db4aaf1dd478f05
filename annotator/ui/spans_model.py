"""The spans panel's model: names with their mentions, grouped once, shown lazily."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from annotator.ui import theme
from annotator.ui.chips import one_line, plain_tip

NAME, LABEL, BLOC, COUNT = range(4)
_HEADS = ("Name", "Label", "Bloc", "×")
ZONE = "zone"
ZONES = "Boilerplate and captions"
PASSAGES = "Stance passages"
GATHERED = {"stance": PASSAGES, ZONE: ZONES}
"""Layers whose spans make one group, and what it is called: names are gathered by themselves."""
_FEW = 20  # spans of an act after which the rows need not be gathered anew
_GROUP = 0  # an index's internal id: 0 for a group, 1 + the group's number for a mention


class Told(NamedTuple):
    """What a row tells of a mention beside its name; found out when the row is seen.

    ``context`` are some words around it, ``said`` is what a person says about it beside its label: whose
    stance, how sure, a note.
    """

    context: str = ""
    reason: str = ""
    said: str = ""


def _nothing(_: PanelSpan) -> Told:
    return Told()


@dataclass(
    slots=True, eq=False
)  # not frozen, which takes three times as long to make: there may be ten thousand
class PanelSpan:
    """One mention. ``start`` and ``end`` are code points of the article.

    ``key`` is the owner's name for it; ``suggested``: nobody has decided on it; ``color`` is the label's.
    ``actor`` is whom it speaks of, "" where nobody knows; ``confirmed``: the project has that actor.
    ``tell`` gives the rest.
    """

    key: tuple[str, int]
    start: int
    end: int
    quote: str
    layer: str
    label: str
    color: str
    suggested: bool
    tell: Callable[[PanelSpan], Told] = _nothing
    actor: str = ""
    bloc: str = ""
    confirmed: bool = False

    def names_as(self, other: PanelSpan) -> bool:
        """Tell whether its row is among the same ones and in the same place as the other's."""
        return (self.start, self.end, self.layer, self.label, self.color, self.actor, self.bloc) == (
            other.start, other.end, other.layer, other.label, other.color, other.actor, other.bloc,
        )  # fmt: skip

    @property
    def words(self) -> str:
        """What its row says: an entity in its context; else its label, what is said of it, how it begins."""
        context, reason, said = self.tell(self)
        if self.layer not in GATHERED:
            return one_line(context or self.quote)
        told = reason if self.layer == ZONE else said
        return one_line(" · ".join(part for part in (self.label, told, self.quote) if part))


class SpanGroup:
    """The mentions of one actor, or one name, with one label, in text order; ``open`` are only suggested.

    All zones of the article are one group, and so are its stance passages (``gathered``). Of entities it is
    an actor's (``entity``), of the spans of another layer only the words are gathered.
    """

    __slots__ = (
        "actor",
        "bloc",
        "color",
        "confirmed",
        "entity",
        "gathered",
        "key",
        "label",
        "mentions",
        "name",
        "open",
    )

    def __init__(self, key: tuple[str, str, str], first: PanelSpan, *, by_actor: bool) -> None:
        self.key = key
        self.entity = first.layer == "entity"
        self.gathered = GATHERED.get(first.layer)
        self.name = self.gathered or (by_actor and first.actor) or " ".join(first.quote.split())
        self.label = "" if self.gathered else first.label
        self.actor = first.actor
        self.bloc = first.bloc
        self.confirmed = first.confirmed
        self.color = first.color
        self.mentions: list[PanelSpan] = []
        self.open = 0

    @property
    def names(self) -> list[str]:
        """The names under which the actor stands in the article, in their order."""
        return list(dict.fromkeys(" ".join(mention.quote.split()) for mention in self.mentions))


class _Folded(dict[str, str]):
    """Names on one line and without capitals; the same ones come again and again."""

    def __missing__(self, name: str) -> str:
        self[name] = folded = " ".join(name.split()).casefold()
        return folded


Place = tuple[tuple[str, str, str], int | None]
"""A row that outlives its index: a group's key, and a mention's start."""


class SpansModel(QAbstractItemModel):
    """Groups at the top, their mentions below."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: list[SpanGroup] = []
        self.by_count = False
        self.by_actor = True
        self._spans: Sequence[PanelSpan] = ()
        self._groups_of: dict[tuple[str, int], SpanGroup] = {}
        self._numbers: dict[tuple[str, str, str], int] = {}

    def set_spans(self, spans: Sequence[PanelSpan]) -> bool:
        """Show ``spans``: by actor or name (in any case of letters) and label; zones and passages together.

        Tell whether all rows were made anew.
        """
        if len(spans) == len(self._spans) and self._decided(spans):
            return False
        self._gather(spans)
        return True

    def _gather(self, spans: Sequence[PanelSpan]) -> None:
        self.beginResetModel()
        self._spans = spans
        groups: dict[tuple[str, str, str], SpanGroup] = {}
        self._groups_of = {}
        folded = _Folded()
        for span in sorted(spans, key=attrgetter("start", "end")):
            if span.layer in GATHERED:
                key = ("", span.layer, "")
            else:
                key = (folded[(self.by_actor and span.actor) or span.quote], span.layer, span.label)
            group = groups.get(key)
            if group is None:
                group = groups[key] = SpanGroup(key, span, by_actor=self.by_actor)
            group.mentions.append(span)
            group.open += span.suggested
            self._groups_of[span.key] = group
        self.groups = list(groups.values())
        self._order()
        self.endResetModel()

    def _decided(self, spans: Sequence[PanelSpan]) -> bool:
        """Put others in the places of mentions that say the same: what is accepted was suggested before.

        False, with nothing done, where that is not all that ``spans`` are about.
        """
        others = [(old, new) for old, new in zip(self._spans, spans, strict=True) if old is not new]
        if len(others) > _FEW or not all(old.names_as(new) for old, new in others):
            return False
        self._spans = spans
        for old, new in others:
            group = self._groups_of.pop(old.key)
            self._groups_of[new.key] = group
            place = group.mentions.index(old)
            group.mentions[place] = new
            group.open += new.suggested - old.suggested
            group.confirmed = group.mentions[0].confirmed
            parent = self.index(self._numbers[group.key], NAME)
            for row, above in ((parent.row(), QModelIndex()), (place, parent)):
                self.dataChanged.emit(self.index(row, NAME, above), self.index(row, COUNT, above))
        return True

    def set_by_actor(self, by_actor: bool) -> None:
        """Gather the mentions by the actor behind them, or by the name as it stands in the text."""
        self.by_actor = by_actor
        self._gather(self._spans)

    def set_by_count(self, by_count: bool) -> None:
        """Sort groups by count, the most frequent first; or by their first mention."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        places = [(self.place_of(self.row(index)), index.column()) for index in old]
        self.by_count = by_count
        self._order()
        new = []
        for place, column in places:
            index = self.index_of_place(place)
            new.append(index.siblingAtColumn(column) if index.isValid() else index)
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _order(self) -> None:
        self.groups.sort(key=lambda group: group.mentions[0].start)
        if self.by_count:
            self.groups.sort(key=lambda group: -len(group.mentions))
        below = [None, *GATHERED.values()]
        self.groups.sort(key=lambda group: below.index(group.gathered))  # below the names
        self._numbers = {group.key: number for number, group in enumerate(self.groups)}

    # Rows and places

    def row(self, index: QModelIndex | QPersistentModelIndex) -> SpanGroup | PanelSpan | None:
        """Return what stands in a row."""
        if not index.isValid():
            return None
        inside = index.internalId()
        if inside == _GROUP:
            return self.groups[index.row()]
        return self.groups[inside - 1].mentions[index.row()]

    def group_of(self, key: tuple[str, int]) -> int | None:
        """Return the number of the group that holds the span with ``key``."""
        group = self._groups_of.get(key)
        return self._numbers[group.key] if group is not None else None

    def mention(self, key: tuple[str, int] | None) -> PanelSpan | None:
        """Return the mention with ``key``."""
        group = self._groups_of.get(key) if key is not None else None
        return next((m for m in group.mentions if m.key == key), None) if group is not None else None

    def group_number(self, key: tuple[str, str, str]) -> int | None:
        """Return the row of the group with this key."""
        return self._numbers.get(key)

    def place_of(self, row: SpanGroup | PanelSpan | None) -> Place | None:
        """Return where ``row`` is, in words that a new set of spans understands."""
        if isinstance(row, SpanGroup):
            return row.key, None
        if isinstance(row, PanelSpan):
            return self._groups_of[row.key].key, row.start
        return None

    def index_of_place(self, place: Place | None) -> QModelIndex:
        """Return the index of a place: a mention's, else its group's, else an invalid one."""
        number = self._numbers.get(place[0]) if place is not None else None
        if place is None or number is None:
            return QModelIndex()
        group = self.index(number, NAME)
        for n, mention in enumerate(self.groups[number].mentions):
            if mention.start == place[1]:
                return self.index(n, NAME, group)
        return group

    # Qt's questions

    def index(
        self, row: int, column: int, parent: QModelIndex | QPersistentModelIndex | None = None
    ) -> QModelIndex:
        """Return the index of a group, or of a group's mention."""
        if parent is None or not parent.isValid():
            found = 0 <= row < len(self.groups) and 0 <= column < len(_HEADS)
            return self.createIndex(row, column, _GROUP) if found else QModelIndex()
        if not (0 <= row < self.rowCount(parent) and 0 <= column < len(_HEADS)):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1)

    def parent(self, index: QModelIndex | QPersistentModelIndex | None = None) -> Any:
        """Return a mention's group."""
        if index is None:
            return super().parent()
        inside = index.internalId() if index.isValid() else _GROUP
        return QModelIndex() if inside == _GROUP else self.createIndex(inside - 1, NAME, _GROUP)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of groups, or of a group's mentions."""
        if parent is None or not parent.isValid():
            return len(self.groups)
        if parent.internalId() != _GROUP or parent.column() != NAME:
            return 0
        return len(self.groups[parent.row()].mentions)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return 4."""
        return len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's name."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "× ↓" if section == COUNT and self.by_count else _HEADS[section]
        if role == Qt.ItemDataRole.AccessibleTextRole and section == COUNT:
            return "Count"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "Sort by count, or in the order of the text" if section == COUNT else "Sort as in the text"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == COUNT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return a cell's text, its words for screen readers, tooltip or colour."""
        row = self.row(index)
        roles = Qt.ItemDataRole
        if isinstance(row, SpanGroup):
            if role == roles.DisplayRole:
                return (row.name, row.label, row.bloc, f"×{len(row.mentions)}")[index.column()]
            if role == roles.AccessibleTextRole:
                cells = (_group_in_words(row), row.label, row.bloc, f"{len(row.mentions)} mentions")
                return cells[index.column()]
            if role == roles.ForegroundRole and index.column() == LABEL:
                return theme.shades(row.color, theme.current()).text
            if role == roles.ToolTipRole:
                return plain_tip(_group_in_words(row))
        elif isinstance(row, PanelSpan):
            state = "suggested" if row.suggested else "accepted"
            if role == roles.DisplayRole:
                return (row.words, row.label, row.bloc, state)[index.column()]
            if role == roles.AccessibleTextRole:
                said = row.tell(row).said
                words = f"{state} {row.label}: {row.words}"
                words += f", {said}" if said and row.layer not in GATHERED else ""
                return (words, row.label, row.bloc, state)[index.column()]
            if role == roles.ToolTipRole:
                context, reason, said = row.tell(row)
                return plain_tip("\n".join(p for p in (context, f"{row.label}, {state}", said, reason) if p))
        return None


def _group_in_words(group: SpanGroup) -> str:
    count = len(group.mentions)
    words = f"{group.name}, " if group.gathered else f"{group.name}, {group.label}, "
    noun = {None: "mention", ZONES: "zone", PASSAGES: "passage"}[group.gathered]
    words += f"{count} {noun}{'' if count == 1 else 's'}"
    others = [name for name in group.names if name.casefold() != group.name.casefold()]
    if others and not group.gathered:
        words += f", as {', '.join(others)}"
    if group.bloc:
        words += f", bloc {group.bloc}"
    if group.actor and not group.confirmed:
        words += ", actor suggested"
    if group.open == count:
        return words + ", suggested" if count == 1 else words + ", all suggested"
    return words + (f", {group.open} suggested" if group.open else ", accepted")
