"""The table of articles and its model, which fetches only the pages of rows that are painted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from annotator.model import ArticleRow
from annotator.ui.article_delegate import ROW_ROLE, ArticleDelegate, origin_of, row_in_words
from annotator.ui.chips import plain_tip
from annotator.ui.tasks import APART, is_stepping, step_ends_soon

RowsFor = Callable[[Sequence[int]], list[ArticleRow]]
"""Gives the rows of some ids, in any order; an article that is gone is left out."""

PAGE = 64
_PAGES_KEPT = 32


class ArticleModel(QAbstractTableModel):
    """Ids, and the rows of those that were painted lately, fetched by the page."""

    def __init__(self, rows_for: RowsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows_for = rows_for
        self.ids: list[int] = []
        self._pages: OrderedDict[int, dict[int, ArticleRow]] = OrderedDict()  # page -> row number -> row
        self._again = QTimer(self, singleShot=True, interval=APART)
        self._again.timeout.connect(self._painted_again)

    def set_ids(self, ids: list[int]) -> None:
        """Show ``ids`` in their order; nothing is fetched yet."""
        self.beginResetModel()
        self.ids = ids
        self._pages.clear()
        self.endResetModel()

    def add_ids(self, ids: list[int]) -> None:
        """Show more articles below the others."""
        known = len(self.ids)
        self.beginInsertRows(QModelIndex(), known, known + len(ids) - 1)
        self.ids.extend(ids)
        self._pages.pop(known // PAGE, None)  # it is not the last one any more
        self.endInsertRows()

    def refresh(self, article: int | None) -> None:
        """Forget what is known of one article (None: of all) and have it painted anew."""
        if not self.ids:
            return
        if article is None:
            self._pages.clear()
            self._painted_again()
            return
        for page, rows in list(self._pages.items()):
            first = page * PAGE
            for number in range(first, min(first + PAGE, len(self.ids))):
                if self.ids[number] == article:
                    rows.pop(number, None)  # it may be gone by now
                    rows.update((number, row) for row in self._rows_for([article]))
                    self.dataChanged.emit(self.index(number, 0), self.index(number, 0))
                    return

    def row(self, number: int) -> ArticleRow | None:
        """Return what is shown in row ``number``; None where the article is gone."""
        page = number // PAGE
        rows = self._pages.get(page)
        if rows is None:
            ids = self.ids[page * PAGE : (page + 1) * PAGE]
            found = {row.id: row for row in self._rows_for(ids)}
            rows = {page * PAGE + n: found[i] for n, i in enumerate(ids) if i in found}
            self._pages[page] = rows
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return rows.get(number)

    def _has_to_wait(self) -> bool:
        """Wait a moment for the step at hand, once for all rows; tell whether it goes on."""
        return is_stepping() if self._again.isActive() else not step_ends_soon()

    def _painted_again(self) -> None:
        if self.ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, 0))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of articles."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return 1."""
        return 0 if parent is not None and parent.isValid() else 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the one column, for screen readers."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return "Article"
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return a row's title, its words for screen readers, its tooltip or the row itself."""
        roles = Qt.ItemDataRole
        if role not in (ROW_ROLE, roles.DisplayRole, roles.AccessibleTextRole, roles.ToolTipRole):
            return None
        if not index.isValid():
            return None
        if role == ROW_ROLE and index.row() // PAGE not in self._pages and self._has_to_wait():
            self._again.start()  # painted empty for now: the whole window would wait for a long step
            return None
        row = self.row(index.row())
        if row is None or role == ROW_ROLE:
            return row
        if role == roles.DisplayRole:
            return row.title
        if role == roles.AccessibleTextRole:
            return row_in_words(row)
        return plain_tip("\n".join(part for part in (row.title, origin_of(row)) if part))


class ArticleTable(QTableView):
    """One column of articles, moved through by row; it never looks at rows out of sight."""

    opened = Signal()

    def __init__(self, model: ArticleModel, delegate: ArticleDelegate) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setObjectName("articles")
        self.setAccessibleName("Articles")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.fit_rows()

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would fetch every row to find one by its first letter."""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Let Home and End mean the first and the last article (Qt: of the row)."""
        model: QAbstractItemModel = self.model()
        if action == QAbstractItemView.CursorAction.MoveHome:
            return model.index(0, 0)
        if action == QAbstractItemView.CursorAction.MoveEnd:
            return model.index(model.rowCount() - 1, 0)
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current article on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus only: Qt would make the first row current, which opens an article unasked."""
        selection = self.selectionModel()
        had_current = self.currentIndex().isValid()
        blocked = selection.blockSignals(not had_current)
        super().focusInEvent(event)
        if not had_current:
            selection.clearCurrentIndex()
        selection.blockSignals(blocked)

    def changeEvent(self, event: QEvent) -> None:
        """Make rows as high as a new font needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit_rows()

    def fit_rows(self) -> None:
        """Give each row the delegate's height."""
        delegate = self.itemDelegate()
        if isinstance(delegate, ArticleDelegate):
            self.verticalHeader().setDefaultSectionSize(delegate.row_height(self.font()))
