"""The tables of the history: acts by the page, the rows of one act, and the view that shows either."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from annotator.model import ActEntry, RowChange
from annotator.ui import theme
from annotator.ui.chips import LineDelegate, one_line, plain_tip

EntriesFor = Callable[[Sequence[int]], list[ActEntry]]

WHEN, WHO, WHAT, WHERE, ROWS, STATE = range(6)
STATES = {"done": "", "undone": "undone", "dropped": "undone for good", "open": "not finished"}

_PAGE = 64
_PAGES_KEPT = 32
_Index = QModelIndex | QPersistentModelIndex


class ActsModel(QAbstractTableModel):
    """Ids of acts, and the acts that were painted lately, fetched by the page."""

    heads = ("When", "Who", "What", "Article", "Rows", "State")

    def __init__(self, entries_for: EntriesFor, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries_for = entries_for
        self.ids: list[int] = []
        self._pages: OrderedDict[int, dict[int, ActEntry]] = OrderedDict()

    def set_ids(self, ids: list[int]) -> None:
        """Show ``ids`` in their order; nothing is fetched yet."""
        self.beginResetModel()
        self.ids = ids
        self._pages.clear()
        self.endResetModel()

    def entry(self, number: int) -> ActEntry | None:
        """Return the act in row ``number``; None where it is gone."""
        if not 0 <= number < len(self.ids):
            return None
        page = number // _PAGE
        if page not in self._pages:
            ids = self.ids[page * _PAGE : (page + 1) * _PAGE]
            self._pages[page] = {entry.act.id: entry for entry in self._entries_for(ids)}
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page].get(self.ids[number])

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of acts."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return a cell's words, its tooltip, or grey for what is undone."""
        roles = Qt.ItemDataRole
        if role not in (roles.DisplayRole, roles.ToolTipRole, roles.ForegroundRole):
            return None
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return None
        if role == roles.ForegroundRole:
            return QColor(theme.current().muted) if STATES[entry.act.state] else None
        act = entry.act
        words = (
            act.local_time(),
            act.annotator,
            act.text,
            entry.title or "",
            entry.what,
            STATES[act.state],
        )[index.column()]
        return one_line(words) if role == roles.DisplayRole else plain_tip(words)


class RowsModel(QAbstractTableModel):
    """The rows that one act touched: what each was before and after."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[RowChange] = ()
        self._heads = ("What", "Article", "Before", "After")

    def set_rows(self, rows: Sequence[RowChange], before: str = "Before", after: str = "After") -> None:
        """Show ``rows`` under these two headings."""
        self.beginResetModel()
        self.rows = rows
        self._heads = ("What", "Article", before, after)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return 4."""
        return 0 if parent is not None and parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return a cell's words; a side without a row says so in grey."""
        roles = Qt.ItemDataRole
        if not index.isValid() or role not in (roles.DisplayRole, roles.ToolTipRole, roles.ForegroundRole):
            return None
        row = self.rows[index.row()]
        words = (row.kind, row.title or "", row.before, row.after)[index.column()]
        if role == roles.ForegroundRole:
            return QColor(theme.current().muted) if words is None else None
        if role == roles.ToolTipRole:
            return plain_tip(words or "")
        return "not there" if words is None else one_line(words)


class HistoryTable(QTableView):
    """A table moved through by row; Enter and a double click lead to the article."""

    chosen = Signal(int)  # the row's number

    def __init__(self, name: str, lines: Sequence[int] = ()) -> None:
        """``lines`` are the columns of titles and quotes, which run in their own direction."""
        super().__init__()
        self.setAccessibleName(name)
        delegate = LineDelegate(self)
        for column in lines:
            self.setItemDelegateForColumn(column, delegate)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.horizontalHeader().setDefaultAlignment(left)
        self.doubleClicked.connect(self._on_double_click)

    def _on_double_click(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would fetch every row to find one by its first letter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current row on Enter; Home and End mean the first and the last row."""
        rows = self.model().rowCount()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.chosen.emit(self.currentIndex().row())
            event.accept()
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and rows:
            self.selectRow(0 if event.key() == Qt.Key.Key_Home else rows - 1)
            event.accept()
        else:
            super().keyPressEvent(event)
