"""The table of articles and its model, which fetches only the pages of rows that are painted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from functools import partial
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
from annotator.ui.patient import PatientWork
from annotator.ui.tasks import wait_for_step

RowsFor = Callable[[Sequence[int]], list[ArticleRow]]
"""Gives the rows of some ids, in any order; an article that is gone is left out.

It is called within a step or when none is going on, in whichever thread that is.
"""

PAGE = 32
_PAGES_KEPT = 64
AGAIN = 1000  # milliseconds after which rows that could not be read are asked for again
_Page = dict[int, ArticleRow]  # by the number of the row


class ArticleModel(QAbstractTableModel):
    """Ids, and the rows of those that were painted lately, fetched by the page.

    Rows whose page does not come at once are painted empty until it does: a large project on a slow disk
    takes its time, and so does a step of long work.
    """

    failed = Signal(str)

    def __init__(self, rows_for: RowsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows_for = rows_for
        self.ids: list[int] = []
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._reading = PatientWork(self)
        self._reading.finished.connect(self._read)
        self._reading.failed.connect(self._could_not_read)
        self._read_page = 0  # the one that is being read
        self._why = ""  # rows could not be read, which is said once
        self._is_asked = False  # by who paints: no need to tell what has come

    def set_ids(self, ids: list[int]) -> None:
        """Show ``ids`` in their order; nothing is fetched yet."""
        self.beginResetModel()
        self.ids = ids
        self._forget()
        self.endResetModel()

    def add_ids(self, ids: list[int]) -> None:
        """Show more articles below the others."""
        known = len(self.ids)
        self.beginInsertRows(QModelIndex(), known, known + len(ids) - 1)
        self.ids.extend(ids)
        if self._read_page == known // PAGE:
            self._reading.stop()
        self._pages.pop(known // PAGE, None)  # it is not the last one any more
        self.endInsertRows()

    def refresh(self, article: int | None) -> None:
        """Forget what is known of one article (None: of all) and have it painted anew."""
        if not self.ids:
            return
        if article is None:
            self._forget()
            self._tell_all()
            return
        if self._reading.running:  # what it finds may be as it was before
            self._reading.stop()
            self._tell_all()  # whoever paints asks again
        for page, rows in list(self._pages.items()):
            first = page * PAGE
            for number in range(first, min(first + PAGE, len(self.ids))):
                if self.ids[number] == article:
                    rows.pop(number, None)  # it may be gone by now
                    rows.update((number, row) for row in self._rows_now([article]))
                    self.dataChanged.emit(self.index(number, 0), self.index(number, 0))
                    return

    def stop(self) -> None:
        """Let go of the project: it is about to be closed."""
        self._reading.stop()

    def _forget(self) -> None:
        self._reading.stop()
        self._pages.clear()

    def row(self, number: int) -> ArticleRow | None:
        """Return what is shown in row ``number``; None where the article is gone."""
        page = number // PAGE
        if page not in self._pages:
            self._keep(page, self._rows_now(self._ids_of(page)))
        else:
            self._pages.move_to_end(page)
        return self._pages[page].get(number)

    def _tell_all(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, 0))

    def _is_there(self, page: int) -> bool:
        """Tell whether a page is known, or has come a moment after it was asked for; else it comes later."""
        if page not in self._pages and not self._reading.running:
            self._read_page, self._is_asked = page, True
            try:
                self._reading.begin(_read_in_a_step(self._rows_for, self._ids_of(page)))
            finally:
                self._is_asked = False
        return page in self._pages

    def _read(self, rows: list[ArticleRow]) -> None:
        self._why = ""
        self._keep(self._read_page, rows)
        if not self._is_asked:
            self._tell_all()  # the next page in sight is asked for by whoever paints it

    def _could_not_read(self, why: str) -> None:
        self._keep(self._read_page, [])  # not asked for again and again by whoever paints
        QTimer.singleShot(AGAIN, self, partial(self._try_again, self._read_page))
        if why != self._why:
            self._why = why
            self.failed.emit(why)

    def _try_again(self, page: int) -> None:
        """Have a page asked for that could not be read, if it is not known by now: the drive may be back."""
        if not self._pages.get(page, True):
            del self._pages[page]
            self._tell_all()

    def _ids_of(self, page: int) -> list[int]:
        return self.ids[page * PAGE : (page + 1) * PAGE]

    def _rows_now(self, ids: list[int]) -> list[ArticleRow]:
        wait_for_step()
        return self._rows_for(ids)

    def _keep(self, page: int, found: list[ArticleRow]) -> None:
        rows = {row.id: row for row in found}
        self._pages[page] = {
            page * PAGE + n: rows[article] for n, article in enumerate(self._ids_of(page)) if article in rows
        }
        if len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)

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
        if role == ROW_ROLE and not self._is_there(index.row() // PAGE):
            return None
        row = self.row(index.row())
        if row is None or role == ROW_ROLE:
            return row
        if role == roles.DisplayRole:
            return row.title
        if role == roles.AccessibleTextRole:
            return row_in_words(row)
        return plain_tip("\n".join(part for part in (row.title, origin_of(row)) if part))


def _read_in_a_step(rows_for: RowsFor, ids: list[int]) -> Generator[None, None, list[ArticleRow]]:
    yield from ()
    return rows_for(ids)


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
