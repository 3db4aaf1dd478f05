"""Every occurrence as rows of a keyword-in-context list that can be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from annotator.text import right_to_left
from annotator.ui import theme
from annotator.ui.chips import cut, one_line, plain_tip
from annotator.ui.history_model import HistoryTable

if TYPE_CHECKING:
    from annotator.project.occurrences import Occurrence

ARTICLE, BEFORE, QUOTE, AFTER, STATE = range(5)
_RUNS_LEFT = Qt.ItemDataRole.UserRole  # whether a row's line runs from right to left
_HEADS = ("Article", "before", "", "after", "")
_Index = QModelIndex | QPersistentModelIndex
_Place = tuple[int, int, int]


class OccurrencesModel(QAbstractTableModel):
    """Occurrences in the order in which they are found, filtered by words; those that may be are ticked.

    Ticked from the start is what nothing speaks against. What already has the label cannot be ticked.
    """

    ticks_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Occurrence] = []
        self._all: list[Occurrence] = []
        self._lines: list[str] = []  # what the filter looks at, of each of them
        self._may: set[_Place] = set()  # what can be ticked
        self._ticked: set[_Place] = set()
        self._chosen: dict[_Place, bool] = {}  # by the person
        self._words: list[str] = []
        self._label: str | None = None
        self._bold = QFont()
        self._bold.setBold(True)

    @property
    def found(self) -> int:
        """The number of places, shown or filtered out."""
        return len(self._all)

    def begin(self, label: str | None, *, keep: bool) -> None:
        """Wait for places that may get ``label`` (None: only to be looked at).

        ``keep``: the same is sought once more, and what the person ticked stays ticked.
        """
        self.beginResetModel()
        self.rows, self._all, self._lines, self._label = [], [], [], label
        self._may, self._ticked = set(), set()
        if not keep:
            self._chosen = {}
        self.endResetModel()

    def add(self, places: Sequence[Occurrence]) -> None:
        """Add what was found."""
        lines = [self._line(p) for p in places]
        self._all += places
        self._lines += lines
        self._take(places)
        shown = self._fitting(places, lines)
        if shown:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(shown) - 1)
            self.rows += shown
            self.endInsertRows()

    def replace(self, article: int, places: Sequence[Occurrence]) -> None:
        """Show these places of an article instead of those before; the others stay."""
        numbers = [number for number, p in enumerate(self._all) if p.article == article]
        if [self._all[number] for number in numbers] == places:
            return
        here = numbers[0] if numbers else sum(p.article < article for p in self._all)
        self.beginResetModel()
        end = here + len(numbers)  # what stands in one article was found together
        before = [p.place for p in self._all[here:end]]
        self._may.difference_update(before)
        self._ticked.difference_update(before)
        self._take(places)
        self._all[here:end] = places
        self._lines[here:end] = [self._line(p) for p in places]
        self.rows = self._fitting(self._all, self._lines)
        self.endResetModel()

    def _take(self, places: Sequence[Occurrence]) -> None:
        may = [p for p in places if self.may_tick(p)]
        self._may.update(p.place for p in may)
        self._ticked.update(p.place for p in may if self._chosen.get(p.place, p.state == "free"))

    def may_tick(self, occurrence: Occurrence) -> bool:
        """Tell whether a place can get the label."""
        return self._label is not None and occurrence.state != "labelled"

    def set_filter(self, typed: str) -> None:
        """Show only the places with every word of ``typed`` in their line."""
        self._words = typed.casefold().split()
        self.beginResetModel()
        self.rows = self._fitting(self._all, self._lines)
        self.endResetModel()
        self.ticks_changed.emit()

    def _fitting(self, places: Sequence[Occurrence], lines: Sequence[str]) -> list[Occurrence]:
        if not self._words:
            return list(places)
        # A word at a time: to ask for each line whether it has all words takes twice as long.
        found = list(zip(places, lines, strict=True))
        for word in self._words:
            found = [each for each in found if word in each[1]]
        return [p for p, _ in found]

    def _line(self, occurrence: Occurrence) -> str:
        line = f"{occurrence.before}{occurrence.quote}{occurrence.after} {occurrence.title} "
        return (line + self._state(occurrence)).casefold()

    def ticked(self) -> list[_Place]:
        """Return the places that are ticked and shown, in their order."""
        return [place for place in (p.place for p in self.rows) if place in self._ticked]

    @property
    def number_ticked(self) -> int:
        """The number of places that are ticked and shown."""
        return len(self.ticked()) if self._words else len(self._ticked)

    def toggle(self, number: int) -> None:
        """Tick a row, or take its tick away."""
        occurrence = self.rows[number]
        if self.may_tick(occurrence):
            self._tick({occurrence.place}, occurrence.place not in self._ticked)
            self.dataChanged.emit(self.index(number, ARTICLE), self.index(number, STATE))
            self.ticks_changed.emit()

    def toggle_all(self) -> None:
        """Tick all rows that are shown, or none where all are ticked."""
        # Sets alone: of 20,000 places, to make and to hash each once more is felt.
        may = self._may.intersection(p.place for p in self.rows) if self._words else self._may
        if may:
            self._tick(may, not self._ticked >= may)
            self.dataChanged.emit(self.index(0, ARTICLE), self.index(len(self.rows) - 1, STATE))
            self.ticks_changed.emit()

    def _tick(self, places: set[_Place], on: bool) -> None:
        self._chosen.update(dict.fromkeys(places, on))
        self._ticked = self._ticked | places if on else self._ticked - places

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of places shown."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return 5."""
        return 0 if parent is not None and parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == BEFORE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let the first column be ticked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and index.column() == ARTICLE and self.may_tick(self.rows[index.row()]):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick by the mouse."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.toggle(index.row())
        return True

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return a cell's words, tick and looks."""
        roles = Qt.ItemDataRole
        if not index.isValid():
            return None
        occurrence, column = self.rows[index.row()], index.column()
        if role == roles.DisplayRole:
            return self._cell(occurrence, column)
        if role == roles.CheckStateRole and column == ARTICLE and self.may_tick(occurrence):
            on = occurrence.place in self._ticked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == roles.ToolTipRole:
            if column == ARTICLE:
                return plain_tip(occurrence.title)
            line = f"{occurrence.before}{occurrence.quote}{occurrence.after}"
            return plain_tip(self._state(occurrence) if column == STATE else one_line(line))
        if role == roles.FontRole and column == QUOTE:
            return self._bold
        if role == roles.ForegroundRole and (column in (ARTICLE, STATE) or occurrence.state == "labelled"):
            return QColor(theme.current().muted)
        if role == roles.TextAlignmentRole and column in (BEFORE, QUOTE):
            side = Qt.AlignmentFlag.AlignRight if column == BEFORE else Qt.AlignmentFlag.AlignHCenter
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == _RUNS_LEFT:
            return _runs_left(occurrence)
        if role == roles.AccessibleTextRole and column == ARTICLE:
            ticked = "ticked, " if occurrence.place in self._ticked else ""
            line = one_line(f"{occurrence.before}{occurrence.quote}{occurrence.after}")
            return f"{ticked}{line}, {self._state(occurrence)}, {one_line(occurrence.title)}"
        return None

    def _cell(self, occurrence: Occurrence, column: int) -> str:
        if column == ARTICLE:
            return cut(occurrence.title, 80)
        if column == STATE:
            return self._state(occurrence)
        if column == QUOTE:
            return cut(occurrence.quote, 60)
        # In a line that runs from right to left, what comes after stands at the left.
        return one_line(
            occurrence.before if (column == BEFORE) != _runs_left(occurrence) else occurrence.after
        )

    def _state(self, occurrence: Occurrence) -> str:
        return {
            "free": "",
            "labelled": f"{self._label} already",
            "otherwise": f"is {occurrence.about}",
            "part": f"in {cut(occurrence.about, 60)}",
            "rejected": f"{self._label} rejected",
            "boilerplate": "boilerplate",
        }[occurrence.state]


def _runs_left(occurrence: Occurrence) -> bool:
    """Tell whether the line runs from right to left; the name itself may be of the other direction."""
    return bool(right_to_left(f"{occurrence.before}{occurrence.quote}{occurrence.after}"))


class ContextDelegate(QStyledItemDelegate):
    """Lets the words before and after the name run as their line does; cuts them at the end far from it."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Set direction and where to elide; the words stay at the name's side of the cell."""
        super().initStyleOption(option, index)
        runs_left = bool(index.data(_RUNS_LEFT))
        option.direction = Qt.LayoutDirection.RightToLeft if runs_left else Qt.LayoutDirection.LeftToRight
        option.displayAlignment |= Qt.AlignmentFlag.AlignAbsolute
        before = (index.column() == BEFORE) != runs_left
        option.textElideMode = Qt.TextElideMode.ElideLeft if before else Qt.TextElideMode.ElideRight


class OccurrencesTable(HistoryTable):
    """The list: Space ticks, Ctrl+A ticks all, Enter applies, Ctrl+Enter opens; letters filter."""

    ticked = Signal(int)
    all_ticked = Signal()
    applied = Signal()
    typed = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key says for the current row."""
        keys, modifiers = Qt.Key, event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        row = self.currentIndex().row()
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.key() == keys.Key_Space and plain:
            if row >= 0:
                self.ticked.emit(row)
        elif event.key() in (keys.Key_Return, keys.Key_Enter) and plain:
            self.applied.emit()
        elif event.key() == keys.Key_A and modifiers == Qt.KeyboardModifier.ControlModifier:
            self.all_ticked.emit()
        elif plain and event.text().isprintable() and event.text():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)
            return
        event.accept()
